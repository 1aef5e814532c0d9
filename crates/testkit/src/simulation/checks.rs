//! Everything that is held against the whole database: now and then, and at the end of a run.

use relance_domain::ledger::Promise;

use super::oracle::{Verdict, hold};
use super::site::Site;

/// Promises that are judged by instants of two rows: where a node's clock runs behind, those are not in the order of events, and the
/// oracle alone holds the promise.
const TOLD_BY_THE_CLOCK: [Promise; 3] = [Promise::P1, Promise::P2, Promise::P4];

impl Site {
    /// The invariants of the database.
    pub(super) async fn hold_invariants(&mut self) -> Verdict {
        for (invariant, row) in self.world.broken_invariants().await {
            let is_excused = self.skewed && TOLD_BY_THE_CLOCK.iter().any(|promise| promise.in_words() == invariant);
            hold(is_excused, invariant, || row)?;
        }
        Ok(())
    }

    /// What must be so at the end of a run, when everybody has been called who may be. One line each.
    pub(super) async fn hold_end_of_run(&mut self) -> Verdict {
        self.hold_invariants().await?;
        self.hold_nobody_forgotten().await?;
        self.hold_promises_accounted_for().await?;
        self.hold_publications_finished().await
    }
}
