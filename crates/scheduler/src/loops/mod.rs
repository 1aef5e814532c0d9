//! Loops that keep leads moving. Each is `run_once` over the engine, idempotent and bounded; several nodes may run
//! them at once. [`run`] is the thin runner around all of them.

mod callbacks;
mod leases;
mod loads;
mod promote;
mod publications;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{Engine, Result};

/// What one round of the loops did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// Leads whose time had come.
    pub promoted: u64,
    /// Leases that had run out.
    pub returned: u64,
    /// Personal callbacks that are anybody's now.
    pub escalated: u64,
    /// Leads put back by publications that had been cut off.
    pub reopened: u64,
}

impl Report {
    /// Nothing was left to do.
    #[must_use]
    pub fn idle(&self) -> bool {
        *self == Self::default()
    }
}

/// Rows that one round of one loop touches at most.
const ROWS_MAX: i64 = 1_000;

/// One round of every loop, whatever becomes of the others; the first failure is told at the end.
pub async fn run_once(engine: &Engine) -> Result<Report> {
    let loads = loads::run_once(engine).await;
    let returned = leases::run_once(engine).await;
    let escalated = callbacks::run_once(engine).await;
    let promoted = promote::run_once(engine).await;
    let reopened = publications::run_once(engine).await;
    loads?;
    Ok(Report { promoted: promoted?, returned: returned?, escalated: escalated?, reopened: reopened? })
}

/// Rounds until told to stop: at once again while there is work, else after `pause`. A round that fails is told and
/// tried again.
pub async fn run(engine: Engine, pause: Duration, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let idle = match run_once(&engine).await {
            Ok(report) => report.idle(),
            Err(error) => {
                tracing::warn!(%error, "loops.round_failed");
                true
            }
        };
        if idle {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
