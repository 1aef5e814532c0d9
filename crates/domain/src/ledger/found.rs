//! What a verification finds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A promise that a ledger can show to be kept. P9 and P10, what survives a crash and what a hand-out costs, are shown by tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum Promise {
    /// A person is open to at most one operator at a time.
    P1,
    /// An operator has at most one open assignment.
    P2,
    /// An assignment ends exactly once, and nothing that was reported is dropped.
    P3,
    /// Nobody is handed out who may not be called.
    P4,
    /// Every hand-out says why, and every lead says where it stands.
    P5,
    /// A promise to call back is never lost.
    P6,
    /// A refusal is reopened at most once per tariff, and only by one that answers it.
    P7,
    /// A list is all there or not there, and says what became of every row.
    P8,
}

impl Promise {
    /// Every promise that a ledger can show.
    pub const ALL: [Self; 8] = [Self::P1, Self::P2, Self::P3, Self::P4, Self::P5, Self::P6, Self::P7, Self::P8];

    /// The promise in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::P1 => "a person is open to at most one operator at a time, in all campaigns together",
            Self::P2 => "an operator has at most one open assignment",
            Self::P3 => "an assignment ends exactly once, and nothing reported is dropped",
            Self::P4 => "nobody is handed out who may not be called at that instant",
            Self::P5 => "every hand-out says why, and every lead says where it stands",
            Self::P6 => "a promise to call back is never lost",
            Self::P7 => "a refusal is reopened at most once per tariff, and only by one that answers it",
            Self::P8 => "a list is all there or not there, and says what became of every row",
        }
    }
}

/// A row that breaks a promise. It names no number and no person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Violation {
    /// The promise.
    pub promise: Promise,
    /// The table of the row.
    #[schema(example = "assignment")]
    pub table: String,
    /// The row's key.
    pub row: i64,
    /// What is wrong, in a sentence.
    pub what: String,
}

/// Why something on record cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotJudged {
    /// The client was erased since: number and address are gone.
    Erased,
    /// The client was merged with another since: what was known of each is not told apart any more.
    Merged,
    /// A list has changed or given back the client's address or zone since.
    AddressChanged,
    /// The number that was dialled is the client's no more.
    NumberGone,
    /// Nobody on this node knows the client's time zone, by the name that is stored.
    ZoneUnknown,
    /// A newer file of a register has replaced the one that was asked.
    RegisterReplaced,
    /// It is older than the record of the states that campaigns had.
    CampaignStatesNotKept,
    /// It is older than the record of the files that registers had.
    RegisterFilesNotKept,
    /// Two instants lie so close that they do not tell what came first, and one order is right.
    Together,
}

impl NotJudged {
    /// The reason in words, after "not judged, because".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Erased => "the client was erased since",
            Self::Merged => "the client was merged with another since",
            Self::AddressChanged => "the client's address or zone was changed or taken back by a list since",
            Self::NumberGone => "the number that was dialled is the client's no more",
            Self::ZoneUnknown => "this node knows no time zone of the stored name",
            Self::RegisterReplaced => "a newer file of a do-not-call register has replaced the one that was asked",
            Self::CampaignStatesNotKept => "the hand-out is older than the record of the campaign's states",
            Self::RegisterFilesNotKept => "the hand-out is older than the record of the register's files",
            Self::Together => "two instants lie too close to tell which came first, and one order is right",
        }
    }
}

/// What was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Findings {
    /// How much was checked, by promise and by what was asked of it.
    pub checked: BTreeMap<(Promise, &'static str), u64>,
    /// Rows that break a promise.
    pub violations: Vec<Violation>,
    /// What could not be judged, by promise and by why.
    pub not_judged: BTreeMap<(Promise, NotJudged), u64>,
}

impl Findings {
    /// Notes that something was checked.
    pub(super) fn check(&mut self, promise: Promise, what: &'static str) {
        *self.checked.entry((promise, what)).or_default() += 1;
    }

    /// Notes a row that breaks a promise.
    pub(super) fn violation(&mut self, promise: Promise, table: &str, row: i64, what: impl Into<String>) {
        self.violations.push(Violation { promise, table: table.to_owned(), row, what: what.into() });
    }

    /// Notes that something could not be judged.
    pub(super) fn cannot_judge(&mut self, promise: Promise, why: NotJudged) {
        *self.not_judged.entry((promise, why)).or_default() += 1;
    }
}
