//! Loads whose process died leave nothing behind.

use relance_domain::Span;
use relance_store::list::Abandon;

use crate::{Engine, Result};

/// A load that has written nothing for so long is not gone on with any more: the same file loaded again starts anew.
const KEPT_FOR: Span = Span::minutes(6 * 60);

/// Removes loads that died and that nobody went on with.
pub(super) async fn run_once(engine: &Engine) -> Result<()> {
    let dead_since = KEPT_FOR.before(engine.now());
    for list in engine.store.dead_loads(dead_since).await? {
        engine.abandon(list, Abandon::DeadSince(dead_since)).await?;
    }
    Ok(())
}
