//! Keeping a lead for one operator.

use relance_domain::{LeadId, UserId};
use serde::{Deserialize, Serialize};

use crate::{Engine, Result};

/// For whom a lead is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptLead {
    /// The lead.
    pub lead: LeadId,
    /// The only operator who receives it; none where anybody may.
    pub operator: Option<String>,
}

impl Engine {
    /// Keeps a lead for one operator from its next hand-out on, or for nobody in particular. Whoever holds it now keeps it until the
    /// assignment ends.
    pub async fn reserve_lead(&self, lead: LeadId, operator: Option<(UserId, &str)>) -> Result<KeptLead> {
        self.store.reserve_lead(lead, operator.map(|(id, _)| id)).await?;
        Ok(KeptLead { lead, operator: operator.map(|(_, name)| name.to_owned()) })
    }
}
