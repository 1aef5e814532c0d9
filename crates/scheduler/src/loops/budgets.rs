//! Leads that tariffs reopened become callable in order, as many as the budgets of the day let through; what was kept for one operator
//! or held out is everybody's when its time is over.

use super::ROWS_MAX;
use crate::{Engine, Result};

/// What one round did.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Round {
    /// Leads that a budget let through.
    pub(super) released: u64,
    /// Leads that are kept for one operator no longer.
    pub(super) unkept: u64,
    /// Refusals that are held out no longer.
    pub(super) hold_outs_ended: u64,
}

/// One bounded round.
pub(super) async fn run_once(engine: &Engine) -> Result<Round> {
    let hold_outs_ended = engine.store.end_hold_outs(engine.now(), ROWS_MAX).await?;
    let unkept = engine.store.release_kept(engine.now(), ROWS_MAX).await?;
    Ok(Round { released: engine.release_for_budgets().await?, unkept, hold_outs_ended })
}
