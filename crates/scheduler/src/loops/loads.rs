//! Loads whose process died leave nothing behind.

use relance_domain::Span;

use crate::{Engine, Result};

/// No load takes this long; one that was opened earlier belongs to a process that died.
const LOAD_AT_MOST: Span = Span::minutes(6 * 60);

/// Removes what dead loads staged.
pub(super) async fn run_once(engine: &Engine) -> Result<()> {
    Ok(engine.store.abandon_stale_loads(LOAD_AT_MOST.before(engine.now())).await?)
}
