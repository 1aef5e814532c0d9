//! Promises to call back.

use relance_domain::UserId;
use relance_store::outcome::{Callback, CallbackFilter};

use crate::{Engine, Result};

/// Most promises shown at once.
const SHOWN_MAX: i64 = 1_000;

impl Engine {
    /// Open promises, the longest due first: of one operator and of any, or everybody's.
    pub async fn callbacks(&self, operator: Option<UserId>, campaign: Option<&str>) -> Result<Vec<Callback>> {
        let campaign = match campaign {
            Some(name) => Some(self.store.campaign(name).await?.id),
            None => None,
        };
        Ok(self.store.callbacks(&CallbackFilter { operator, campaign, limit: SHOWN_MAX }).await?)
    }
}
