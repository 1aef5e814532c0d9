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

impl Engine {
    /// Suppresses a phone for one seller, or for all, and closes its leads.
    pub async fn suppress(
        &self,
        phone: &str,
        country: &str,
        seller: Option<String>,
        reason: &str,
        by: Option<UserId>,
    ) -> Result<SuppressedPhone> {
        let phone = phone::normalise(phone, country)
            .map_err(|problem| Error::field("the suppression", "phone", problem.to_string()))?;
        self.check_seller(seller.as_deref()).await?;
        let suppression = NewSuppression { phone: phone.clone(), seller, reason: reason.to_owned(), by };
        let leads_closed = self.store.suppress(&suppression, self.now()).await?;
        Ok(SuppressedPhone { phone: phone.masked(), leads_closed })
    }

    /// A seller for whom no campaign calls is a slip of the pen that would leave the person callable.
    async fn check_seller(&self, seller: Option<&str>) -> Result<()> {
        let Some(seller) = seller else { return Ok(()) };
        let mut known: Vec<String> =
            self.store.campaigns().await?.into_iter().map(|campaign| campaign.seller).collect();
        known.sort_unstable();
        known.dedup();
        if known.iter().any(|name| name == seller) {
            return Ok(());
        }
        let message = format!("no campaign calls for {seller:?}: use one of {}, or none for all", known.join(", "));
        Err(Error::field("the suppression", "seller", message))
    }
}
