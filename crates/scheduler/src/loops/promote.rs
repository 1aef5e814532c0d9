//! Leads whose time has come are ready.

use super::ROWS_MAX;
use crate::{Engine, Result};

/// One bounded round; tells how many leads are ready now.
pub(super) async fn run_once(engine: &Engine) -> Result<u64> {
    Ok(engine.store.promote_due(engine.now(), ROWS_MAX).await?)
}
