//! Leases that ran out give their leads back.

use super::ROWS_MAX;
use crate::{Engine, Result};

/// One bounded round; tells how many leads went back.
pub(super) async fn run_once(engine: &Engine) -> Result<u64> {
    let returned = engine.store.return_expired(engine.now(), ROWS_MAX).await?;
    if returned > 0 {
        metrics::counter!("relance_leases_expired_total").increment(returned);
        tracing::info!(returned, "leases.returned");
    }
    Ok(returned)
}
