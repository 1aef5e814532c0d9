//! What happens between a node and its database: nothing, most of the time.

use std::future::Future;
use std::sync::{Mutex, MutexGuard};

use relance_domain::Span;
use relance_scheduler::Clock;
use relance_store::{Result, StoreError};

use super::dice::Dice;
use crate::ManualClock;

/// The clock of a node, which may run behind the right one.
#[derive(Clone)]
pub(super) struct NodeClock {
    pub(super) right: ManualClock,
    pub(super) behind: Span,
}

impl Clock for NodeClock {
    fn now(&self) -> jiff::Timestamp {
        self.behind.before(self.right.now())
    }
}

/// What becomes of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Done,
    /// The database is busy: nothing was done.
    Refused,
    /// It failed before the commit: nothing was done.
    Failed,
    /// It was committed, and nobody heard.
    Unheard,
    /// It was committed after so many seconds.
    Slow(i64),
}

struct State {
    dice: Dice,
    /// Writes of a thousand that something happens to.
    rough: usize,
    /// The node dies with its so manieth write from now on: some of its writes were done, and nobody hears of the last.
    dies_after: Option<u32>,
    dead: bool,
    /// What was done to the node since somebody asked.
    disturbed: bool,
    /// Writes, in order, since somebody asked.
    writes: Vec<String>,
}

/// The weather around one node.
pub(super) struct Weather {
    state: Mutex<State>,
    clock: ManualClock,
}

/// What a node did since somebody asked.
pub(super) struct Log {
    /// A write failed, or was not heard of.
    pub(super) disturbed: bool,
    pub(super) writes: Vec<String>,
}

fn away(why: &'static str) -> StoreError {
    StoreError::Away(why.into())
}

impl Weather {
    pub(super) fn new(dice: Dice, clock: ManualClock) -> Self {
        let state = State { dice, rough: 0, dies_after: None, dead: false, disturbed: false, writes: Vec::new() };
        Self { state: Mutex::new(state), clock }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody looks at the weather and panics")
    }

    /// So many writes of a thousand are in for something.
    pub(super) fn roughen(&self, rough: usize) {
        self.state().rough = rough;
    }

    /// The node dies with one of its next writes.
    pub(super) fn die_after(&self, writes: u32) {
        self.state().dies_after = Some(writes);
    }

    pub(super) fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// What the node did since this was asked last.
    pub(super) fn log(&self) -> Log {
        let mut state = self.state();
        let disturbed = std::mem::take(&mut state.disturbed) || state.dead;
        Log { disturbed, writes: std::mem::take(&mut state.writes) }
    }

    fn fate(&self) -> Result<Fate> {
        let mut state = self.state();
        if state.dead {
            return Err(away("the node is dead"));
        }
        if let Some(left) = state.dies_after {
            state.dies_after = left.checked_sub(1);
            if left == 0 {
                (state.dead, state.disturbed) = (true, true);
                return Ok(if state.dice.in_thousand(500) { Fate::Unheard } else { Fate::Failed });
            }
        }
        let rough = state.rough;
        if !state.dice.in_thousand(rough) {
            return Ok(Fate::Done);
        }
        let seconds = state.dice.between(1, 90);
        let fate =
            state.dice.weighed(&[(2, Fate::Refused), (3, Fate::Failed), (4, Fate::Unheard), (2, Fate::Slow(seconds))]);
        state.disturbed |= !matches!(fate, Fate::Slow(_));
        Ok(fate)
    }

    /// A look at the database: a dead node sees nothing.
    pub(super) async fn read<T>(&self, look: impl Future<Output = Result<T>>) -> Result<T> {
        if self.is_dead() { Err(away("the node is dead")) } else { look.await }
    }

    /// A transaction that writes.
    pub(super) async fn write<T>(&self, name: &'static str, transaction: impl Future<Output = Result<T>>) -> Result<T> {
        let fate = self.fate()?;
        self.state().writes.push(match fate {
            Fate::Done => name.to_owned(),
            fate => format!("{name} {fate:?}"),
        });
        match fate {
            Fate::Refused => Err(StoreError::Busy("another transaction is in the way".into())),
            Fate::Failed => Err(away("the connection was lost")),
            Fate::Unheard => {
                transaction.await?;
                Err(away("the connection was lost as it committed"))
            }
            Fate::Slow(seconds) => {
                self.clock.advance(Span::of_seconds(seconds));
                transaction.await
            }
            Fate::Done => transaction.await,
        }
    }
}
