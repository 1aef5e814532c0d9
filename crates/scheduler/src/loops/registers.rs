//! Numbers of registers' files that count no more: left behind by a process that died.

use super::ROWS_MAX;
use crate::{Engine, Result};

/// Removes some of them.
pub(super) async fn run_once(engine: &Engine) -> Result<()> {
    engine.store.sweep_registers(ROWS_MAX).await?;
    Ok(())
}
