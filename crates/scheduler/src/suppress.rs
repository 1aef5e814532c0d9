//! Phones that must not be called.

use relance_domain::UserId;
use relance_lists::phone;
use relance_store::outcome::NewSuppression;
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

/// A phone that is suppressed now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SuppressedPhone {
    /// The number, masked.
    pub phone: String,
    /// Leads that were closed by it.
    pub leads_closed: u64,
}

/// For whom a phone is suppressed; everybody unless told. Only one of the two is named.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SuppressFor {
    /// One seller.
    pub seller: Option<String>,
    /// Short name of one campaign.
    pub campaign: Option<String>,
}

impl Engine {
    /// Suppresses a phone for one seller, for one campaign, or for all, and closes its leads.
    pub async fn suppress(
        &self,
        phone: &str,
        country: &str,
        scope: SuppressFor,
        reason: &str,
        by: Option<UserId>,
    ) -> Result<SuppressedPhone> {
        let phone = phone::normalise(phone, country)
            .map_err(|problem| Error::field("the suppression", "phone", problem.to_string()))?;
        let SuppressFor { seller, campaign } = scope;
        let campaign = self.scope("the suppression", seller.as_deref(), campaign.as_deref()).await?;
        let campaign = campaign.map(|campaign| campaign.id);
        let suppression = NewSuppression { phone: phone.clone(), seller, campaign, reason: reason.to_owned(), by };
        let leads_closed = self.store.suppress(&suppression, self.now()).await?;
        Ok(SuppressedPhone { phone: phone.masked(), leads_closed })
    }
}
