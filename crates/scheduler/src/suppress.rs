//! Phones that must not be called.

use relance_domain::UserId;
use relance_lists::phone;
use relance_store::outcome::NewSuppression;
use relance_store::suppression::KeyRotation;
use serde::{Deserialize, Serialize};

use crate::{Engine, Error, Result};

/// Suppressions nested in one transaction: operators wait for no more than that.
const NESTED_PER_STEP: i64 = 1_000;

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

    /// Hashes every suppressed number with the newest key of this node. Look-ups are right at every moment, and a rotation that was
    /// cut off goes on when it is asked for again.
    pub async fn rotate_suppression_key(&self) -> Result<KeyRotation> {
        let version = self.store.begin_key_rotation().await?;
        let mut nested = 0;
        // A row that a slower transaction wrote with the older key meanwhile is met by another pass.
        loop {
            let in_pass = self.nest_all().await?;
            if in_pass == 0 {
                break;
            }
            nested += in_pass;
        }
        tracing::info!(version, nested, "suppression.key_rotated");
        Ok(KeyRotation { version, nested })
    }

    async fn nest_all(&self) -> Result<i64> {
        let (mut nested, mut after) = (0, Some(0));
        while let Some(row) = after {
            let step = self.store.nest_suppressions(row, NESTED_PER_STEP).await?;
            nested += step.nested;
            after = step.next;
        }
        Ok(nested)
    }
}
