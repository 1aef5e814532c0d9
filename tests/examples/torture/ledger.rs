//! What operators and the back office were told, to be held against the database.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How an assignment ended, as its operator was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ending {
    /// With an outcome: the key of its attempt, and the disposition.
    Outcome { attempt: i64, disposition: String },
    /// Handed back.
    HandedBack,
    /// The lease had run out, or the person had objected elsewhere: the report was kept as a late one, or refused.
    Elsewhere,
}

/// What was acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// Lead and operator by assignment.
    pub(crate) hand_outs: BTreeMap<i64, (i64, String)>,
    pub(crate) endings: BTreeMap<i64, Ending>,
    /// Leads by the name of their list.
    pub(crate) loads: BTreeMap<String, i64>,
    pub(crate) publications: Vec<String>,
    /// What was told that must not be told.
    pub(crate) violations: Vec<String>,
}

/// The same, shared by everybody who works.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Mutex<Entries>,
    retries: AtomicU64,
}

impl Ledger {
    /// A lead was handed out, or the one that is held was shown again.
    pub(crate) fn handed_out(&self, assignment: i64, lead: i64, operator: &str) {
        let mut entries = self.entries();
        let new = (lead, operator.to_owned());
        let before = entries.hand_outs.insert(assignment, new.clone());
        if before.as_ref().is_some_and(|before| *before != new) {
            entries.violations.push(format!("assignment {assignment} was {before:?} and is {new:?}"));
        }
    }

    /// An assignment ended; it does so once.
    pub(crate) fn ended(&self, assignment: i64, ending: Ending) {
        let mut entries = self.entries();
        let before = entries.endings.insert(assignment, ending.clone());
        if before.as_ref().is_some_and(|before| *before != ending) {
            entries.violations.push(format!("assignment {assignment} ended as {before:?} and as {ending:?}"));
        }
    }

    /// A list was loaded.
    pub(crate) fn loaded(&self, name: &str, leads: i64) {
        self.entries().loads.insert(name.to_owned(), leads);
    }

    /// A tariff was published.
    pub(crate) fn published(&self, tariff: String) {
        self.entries().publications.push(tariff);
    }

    /// Something was answered that must not be.
    pub(crate) fn violated(&self, what: String) {
        self.entries().violations.push(what);
    }

    /// A request was sent again.
    pub(crate) fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// Hand-outs, outcomes, leads handed back, loads and publications.
    pub(crate) fn summary(&self) -> [u64; 5] {
        let entries = self.entries();
        let ended = |is: fn(&Ending) -> bool| entries.endings.values().filter(|ending| is(ending)).count() as u64;
        [
            entries.hand_outs.len() as u64,
            ended(|ending| matches!(ending, Ending::Outcome { .. })),
            ended(|ending| *ending == Ending::HandedBack),
            entries.loads.len() as u64,
            entries.publications.len() as u64,
        ]
    }

    pub(crate) fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
