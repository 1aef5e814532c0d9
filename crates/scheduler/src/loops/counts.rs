//! The counts of the queue, added up so that they stay quick to read.

use crate::{Engine, Result};

/// Changes added up at a time: each is a small row.
const CHANGES_MAX: i64 = 20_000;

/// Adds up what has changed since the last round.
pub(super) async fn run_once(engine: &Engine) -> Result<()> {
    engine.store.add_up_counts(CHANGES_MAX).await?;
    Ok(())
}
