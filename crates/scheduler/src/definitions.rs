//! Definitions that were read once. A version never changes, so that it is never read again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use relance_domain::CampaignId;
use relance_domain::definition::Definition;

use crate::{Engine, Result};

type Versions = HashMap<(CampaignId, i64), Arc<Definition>>;

/// Versions of definitions, by campaign and number.
#[derive(Clone, Default)]
pub(crate) struct Definitions(Arc<RwLock<Versions>>);

impl Engine {
    /// One version of a campaign's definition.
    pub(crate) async fn definition(&self, campaign: CampaignId, version: i64) -> Result<Arc<Definition>> {
        let known =
            self.definitions.0.read().unwrap_or_else(PoisonError::into_inner).get(&(campaign, version)).cloned();
        if let Some(definition) = known {
            return Ok(definition);
        }
        let definition = Arc::new(self.store.definition(campaign, version).await?);
        let mut definitions = self.definitions.0.write().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(definitions.entry((campaign, version)).or_insert(definition)))
    }
}
