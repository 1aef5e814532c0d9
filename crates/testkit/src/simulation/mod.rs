//! A call centre in a box: weeks of its life in seconds, the same for the same seed, with everything that can go wrong.
//!
//! The real engine runs on the real store, under a clock that is set by hand and one source of chance. Every step somebody does
//! something: an operator asks, reports, says it twice, stalls past the lease; a manager loads, undoes, pauses; a node dies with a
//! commit of which nobody hears. After each step the oracle (`oracle.rs`) holds what changed against the promises; it was written from the
//! promises, with its own calendar and its own law, and shares no rule with the engine. In the end everybody who may be called
//! must have been, and every promise must be accounted for. `docs/reliability.md` tells how to run it and what was found.

mod almanac;
mod checks;
mod day;
mod desk;
mod dice;
mod drain;
mod facts;
mod judge;
mod lists;
mod office;
mod oracle;
mod plan;
mod rough_parts;
mod rough_store;
mod site;
mod trace;
mod weather;

use std::fmt;

use relance_domain::Span;
use relance_domain::fault::Fault;

pub use rough_store::Lie;

use crate::World;
use oracle::{Verdict, Violation};
use site::Site;

/// Where the simulated site keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// A SQLite file that no disk holds.
    Sqlite,
    /// A database of its own on the server for tests.
    Postgres,
}

/// Which life to live.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Decides everything.
    pub seed: u64,
    /// Days of virtual time before the last look.
    pub days: i64,
    /// Steps at most, for a shorter way to the same failure.
    pub steps: Option<u64>,
    /// Where.
    pub on: On,
    /// Tells every line as it happens.
    pub aloud: bool,
}

impl Settings {
    /// Four weeks of a seed on SQLite.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self { seed, days: 28, steps: None, on: On::Sqlite, aloud: false }
    }
}

/// A life that was lived without a broken promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lived {
    /// Steps taken.
    pub steps: u64,
    /// Days of virtual time, the last look included.
    pub days: i64,
    /// Hand-outs, each held against the promises.
    pub hand_outs: usize,
    /// Attempts recorded.
    pub attempts: usize,
    /// Promises made to people.
    pub promises: usize,
    /// A hash of every line of the trace.
    pub trace: u64,
}

/// A life in which a promise was broken.
#[derive(Debug, Clone)]
pub struct Broken {
    /// The seed.
    pub seed: u64,
    /// The step.
    pub step: u64,
    /// The promise.
    pub promise: &'static str,
    /// What broke it.
    pub detail: String,
    /// The last lines of the trace.
    pub trace: Vec<String>,
    replay: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.trace {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "seed {}, step {}: broken: {}", self.seed, self.step, self.promise)?;
        writeln!(f, "  {}", self.detail)?;
        write!(f, "again: {}", self.replay)
    }
}

/// Steps between two looks at all invariants of the database.
const LOOK_AT_ALL: u64 = 40;

/// Lives a life.
///
/// # Errors
///
/// The first promise that was broken.
pub fn live(settings: Settings) -> Result<Lived, Box<Broken>> {
    live_with(settings, None, None)
}

/// Lives a life in which something is wrong on purpose: a fault of the engine, which needs the feature `faults`, or a store that lies.
///
/// # Errors
///
/// The first promise that was broken, as there should be one.
pub fn live_with(settings: Settings, fault: Option<Fault>, lie: Option<Lie>) -> Result<Lived, Box<Broken>> {
    // One thread: what runs beside each other runs in an order that the seed decides.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    switch(fault);
    let lived = runtime.block_on(async {
        let world = match settings.on {
            On::Sqlite => World::sqlite_in_memory().await,
            On::Postgres => World::postgres().await,
        };
        let mut site = Site::new(settings, world, lie);
        site.trace.aloud = settings.aloud;
        let mut step = 0;
        let life = site.life(&mut step).await;
        life.map_err(|violation| Box::new(told(&site, step, violation)))
    });
    switch(None);
    lived
}

#[cfg(feature = "faults")]
fn switch(fault: Option<Fault>) {
    relance_domain::fault::switch(fault);
}

#[cfg(not(feature = "faults"))]
fn switch(fault: Option<Fault>) {
    assert!(fault.is_none(), "faults are not built in: build with the feature `faults`");
}

fn told(site: &Site, step: u64, violation: Violation) -> Broken {
    let Settings { seed, days, on, .. } = site.settings;
    let store = if on == On::Postgres { " --store postgres" } else { "" };
    Broken {
        seed,
        step,
        promise: violation.promise,
        detail: violation.detail,
        trace: site.trace.last_lines(),
        replay: format!("cargo xtask simulate --seed {seed} --days {days}{store}"),
    }
}

impl Site {
    async fn life(&mut self, step: &mut u64) -> Verdict<Lived> {
        self.open().await?;
        let (began, ends) = (self.now(), Span::days(self.settings.days).after(self.now()));
        while self.now() < ends && self.settings.steps.is_none_or(|most| *step < most) {
            *step += 1;
            self.pass_time();
            self.use_rules().await;
            self.begin_step(*step);
            self.act().await?;
            self.raise_the_dead();
            if step.is_multiple_of(LOOK_AT_ALL) {
                self.hold_invariants().await?;
            }
        }
        self.hold_invariants().await?;
        let steps = *step;
        self.work_off(step).await?;
        self.hold_end_of_run().await?;
        Ok(Lived {
            steps,
            days: self.now().duration_since(began).as_hours() / 24,
            hand_outs: self.oracle.hand_outs.len(),
            attempts: self.oracle.attempts.len(),
            promises: self.oracle.promises.len(),
            trace: self.trace.hash(),
        })
    }
}
