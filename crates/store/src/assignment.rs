//! What becomes of a lead that an operator holds, other than an outcome.

use jiff::Timestamp;
use relance_domain::assignment::Ending;
use relance_domain::{AssignmentId, LeadId, UserId};

use crate::claim::RunningCampaign;

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

/// A supervisor takes a lead from whoever holds it.
#[derive(Debug, Clone)]
pub struct Take {
    /// The assignment.
    pub assignment: AssignmentId,
    /// Who takes it; none is the local administrator.
    pub by: Option<UserId>,
    /// Why, in their words.
    pub reason: String,
    /// To whom it is handed at once; none puts it back where it was.
    pub to: Option<HandOver>,
}

/// To whom a lead is handed that was taken, and by which rules.
#[derive(Debug, Clone)]
pub struct HandOver {
    /// Who is to call.
    pub operator: UserId,
    /// The fencing token of the assignment to be made: a random word.
    pub token: String,
    /// The lead's campaign as the caller knows it.
    pub campaign: RunningCampaign,
}

/// What became of a take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The lead is taken.
    Done {
        /// The lead.
        lead: LeadId,
        /// Where it stands afterwards, as a word.
        lead_state: String,
        /// The assignment of whoever has it now.
        handed: Option<AssignmentId>,
    },
    /// The assignment had ended.
    Ended(Ending),
    /// The campaign has another definition by now; nothing was done. Load it again.
    Outdated,
}
