//! Publications that were cut off go on where they stood.

use relance_domain::tariff::TariffState;

use crate::{Engine, Result};

/// Finishes what was cut off; tells how many leads were put back.
pub(super) async fn run_once(engine: &Engine) -> Result<u64> {
    let mut reopened = 0;
    for stored in engine.store.tariffs().await? {
        if stored.state == TariffState::Published && stored.reopened_all_at.is_none() {
            match engine.finish_publication(stored.id, &stored.tariff.tariff).await {
                Ok(leads) => reopened += leads,
                // One that cannot go on, because its campaign has changed, does not stop the others.
                Err(error) => tracing::warn!(tariff = stored.tariff.tariff, %error, "publication.failed"),
            }
        }
    }
    Ok(reopened)
}
