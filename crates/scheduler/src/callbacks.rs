//! Promises to call back.

use relance_domain::UserId;
use relance_store::outcome::{Callback, CallbackFilter};
use serde::{Deserialize, Serialize};

use crate::{Engine, Result};

/// Most promises shown at once.
const SHOWN_MAX: i64 = 1_000;

/// A promise that is open, and for how long it has waited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OpenPromise {
    /// The promise.
    #[serde(flatten)]
    pub promise: Callback,
    /// Seconds since it may be kept; none before.
    pub overdue_s: Option<i64>,
}

impl Engine {
    /// Open promises of one operator and of any, or everybody's: all, the longest due first, or only those that may be kept by
    /// now, the longest overdue first.
    pub async fn callbacks(
        &self,
        operator: Option<UserId>,
        campaign: Option<&str>,
        overdue: bool,
    ) -> Result<Vec<OpenPromise>> {
        let campaign = match campaign {
            Some(name) => Some(self.store.campaign(name).await?.id),
            None => None,
        };
        let now = self.now();
        let overdue_at = overdue.then_some(now);
        let promises =
            self.store.callbacks(&CallbackFilter { operator, campaign, overdue_at, limit: SHOWN_MAX }).await?;
        let waited = |promise: Callback| {
            let overdue_s = (promise.callable_at <= now).then(|| now.duration_since(promise.callable_at).as_secs());
            OpenPromise { promise, overdue_s }
        };
        Ok(promises.into_iter().map(waited).collect())
    }
}
