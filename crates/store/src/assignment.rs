//! What becomes of a lead that an operator holds, other than an outcome.

use jiff::Timestamp;
use relance_domain::assignment::Ending;
use relance_domain::{AssignmentId, LeadId, UserId};

/// What an operator shows to do something with an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The assignment.
    pub assignment: AssignmentId,
    /// Its fencing token.
    pub token: String,
    /// Who holds it.
    pub operator: UserId,
}

/// What became of the word that a call goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The lease runs until then.
    Until(Timestamp),
    /// The assignment has ended.
    Ended(Ending),
    /// The operator has no such assignment, or the token is not its token.
    NotYours,
}

/// What became of a hand-back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandedBack {
    /// The lead is back where it was. The same again tells the same.
    Done {
        /// The lead.
        lead: LeadId,
        /// When it was handed back.
        at: Timestamp,
    },
    /// The assignment has ended otherwise.
    Ended(Ending),
    /// The operator has no such assignment, or the token is not its token.
    NotYours,
}
