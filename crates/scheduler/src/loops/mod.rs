//! Loops that keep leads moving. Each is `run_once` over the engine, idempotent and bounded; several nodes may run
//! them at once, and none is elected to: what one has taken, the others find taken. [`run`] is the thin runner around all of
//! them: the bell only wakes it, and it looks after a pause whether anything rang or not.

mod budgets;
mod callbacks;
mod counts;
mod leases;
mod loads;
mod places;
mod promote;
mod publications;
mod pulls;
mod registers;
mod retention;

use std::time::Duration;

use relance_store::bell::Ringing;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{Engine, Result, Sent};

/// What one round of the loops did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// People who are elsewhere for the calling rules now.
    pub placed: u64,
    /// Leads whose time had come.
    pub promoted: u64,
    /// Leases that had run out.
    pub returned: u64,
    /// Personal callbacks that are anybody's now.
    pub escalated: u64,
    /// Tariffs that began or ended because their time had come.
    pub turned: u64,
    /// Leads put back by publications that began by themselves, went on after a day or had been cut off.
    pub reopened: u64,
    /// Leads taken back with a tariff that ended.
    pub taken_back: u64,
    /// Reopened leads that a budget let through.
    pub released: u64,
    /// Reopened leads that are no longer kept for the operator who had the refusal.
    pub unkept: u64,
    /// Refusals that are held out of a tariff no longer.
    pub hold_outs_ended: u64,
}

impl Report {
    /// Nothing was left to do.
    #[must_use]
    pub fn idle(&self) -> bool {
        *self == Self::default()
    }
}

/// Rows that one round of one loop touches at most. On SQLite, which has one writer, operators wait for a round: one of a thousand leases
/// took half a second there.
const ROWS_MAX: i64 = 250;

/// Rings that come this soon after one another are heard as one: a busy floor must not keep the loops running all the time.
const RINGS_GATHERED: Duration = Duration::from_millis(100);

/// One round of every loop, whatever becomes of the others; the first failure is told at the end.
pub async fn run_once(engine: &Engine) -> Result<Report> {
    let loads = loads::run_once(engine).await;
    let registers = registers::run_once(engine).await;
    let counts = counts::run_once(engine).await;
    let placed = places::run_once(engine).await;
    let returned = leases::run_once(engine).await;
    let escalated = callbacks::run_once(engine).await;
    let promoted = promote::run_once(engine).await;
    let publications = publications::run_once(engine).await;
    let budgets = budgets::run_once(engine).await;
    loads?;
    registers?;
    counts?;
    let publications::Round { turned, reopened, taken_back } = publications?;
    let budgets::Round { released, unkept, hold_outs_ended } = budgets?;
    let (placed, promoted, returned, escalated) = (placed?, promoted?, returned?, escalated?);
    Ok(Report {
        placed,
        promoted,
        returned,
        escalated,
        turned,
        reopened,
        taken_back,
        released,
        unkept,
        hold_outs_ended,
    })
}

/// One round over the pulls that are due; tells how many lists were made. It is apart from the other loops because it may take
/// as long as somebody else's database takes.
pub async fn pull_once(engine: &Engine) -> Result<u64> {
    pulls::run_once(engine).await
}

/// One look at everybody whose data may have to go; tells how many were erased. It is apart from the other loops because a day's
/// difference decides nothing.
pub async fn erase_once(engine: &Engine) -> Result<u64> {
    retention::run_once(engine).await
}

/// One round of telling other systems of orders; tells what was sent. It is apart from the other loops because it takes as long as
/// other systems do.
pub async fn send_once(engine: &Engine) -> Result<Sent> {
    engine.send_webhooks().await
}

/// How long the look at everybody's data rests.
const RETENTION_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);

/// Rounds until told to stop: at once again while there is work, else when the bell rings or after `pause`, whichever is first. A
/// round that fails is told and tried again.
pub async fn run(engine: Engine, pause: Duration, stop: CancellationToken) {
    // A pull that is cut off is what a node that dies leaves: the next turn begins anew.
    let pulls = stop.run_until_cancelled(pull_lists(&engine, pause, &stop));
    // So is a message that is cut off: its lease runs out, and it is sent again.
    let messages = stop.run_until_cancelled(send_messages(&engine, pause, &stop));
    tokio::join!(move_leads(&engine, pause, &stop), pulls, erase(&engine, &stop), messages);
}

/// A loop for each system, so that one that takes its time holds no other up.
async fn send_messages(engine: &Engine, pause: Duration, stop: &CancellationToken) {
    let mut loops = JoinSet::new();
    for sink in engine.webhooks.sinks() {
        let (engine, stop) = (engine.clone(), stop.clone());
        loops.spawn(async move {
            let mut bell = engine.store.work().listen();
            while !stop.is_cancelled() {
                let round = engine.send_to(&sink).await;
                rest(round.map(|sent| sent == Sent::default()), &mut bell, pause, &stop).await;
            }
        });
    }
    while loops.join_next().await.is_some() {}
}

async fn move_leads(engine: &Engine, pause: Duration, stop: &CancellationToken) {
    let mut bell = engine.store.work().listen();
    while !stop.is_cancelled() {
        let round = run_once(engine).await;
        rest(round.map(|report| report.idle()), &mut bell, pause, stop).await;
    }
}

async fn pull_lists(engine: &Engine, pause: Duration, stop: &CancellationToken) {
    let mut bell = engine.store.work().listen();
    while !stop.is_cancelled() {
        let round = pull_once(engine).await;
        rest(round.map(|made| made == 0), &mut bell, pause, stop).await;
    }
}

async fn erase(engine: &Engine, stop: &CancellationToken) {
    while !stop.is_cancelled() {
        match erase_once(engine).await {
            Ok(0) => {}
            Ok(erased) => tracing::info!(erased, "retention.erased"),
            Err(error) => tracing::warn!(%error, "retention.failed"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(RETENTION_PAUSE) => {}
        }
    }
}

/// Pauses after a round that left nothing to do, or that failed.
async fn rest(idle: Result<bool>, bell: &mut Ringing, pause: Duration, stop: &CancellationToken) {
    let failed = idle.is_err();
    let idle = idle.unwrap_or_else(|error| {
        tracing::warn!(%error, "loops.round_failed");
        true
    });
    let rung = async {
        bell.rung().await;
        tokio::time::sleep(RINGS_GATHERED).await;
    };
    if idle {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(pause) => {}
            // What failed may ring, and would be tried without a pause.
            () = rung, if !failed => {}
        }
    }
}
