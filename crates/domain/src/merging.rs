//! Two clients who are one person: what becomes of what is known of them, and of two leads of one campaign.
//! `docs/state-machines.md` shows the order of the states.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::client::{Change, Changed, KnownClient};
use crate::lead::{Block, ClosedReason, LeadState};
use crate::{RefusalId, ReopeningId};

/// One of two clients, or of their two leads in a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Of the client who stays.
    Kept,
    /// Of the client who becomes part of the other.
    Other,
}

impl Side {
    fn opposite(self) -> Self {
        match self {
            Self::Kept => Self::Other,
            Self::Other => Self::Kept,
        }
    }
}

/// A lead as far as a merge looks at it. Neither lead is with an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadToMerge {
    /// Where it stands.
    pub state: LeadState,
    /// Its place in the queue.
    pub priority: i64,
    /// How often it was handed out.
    pub hand_outs: i64,
    /// What its open promise was promised for.
    pub promised_for: Option<Timestamp>,
    /// The refusal it remembers.
    pub refusal: Option<RefusalId>,
    /// The reopening it remembers.
    pub reopening: Option<ReopeningId>,
}

/// The one lead that two become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MergedLead {
    /// The lead that stays; the other is removed when everything that belongs to it has moved.
    pub stays: Side,
    /// Whose open promise stays open; every other one is dropped.
    pub promise: Option<Side>,
    /// Where it stands.
    pub state: LeadState,
    /// Its place in the queue.
    pub priority: i64,
    /// The refusal it remembers.
    pub refusal: Option<RefusalId>,
    /// The reopening it remembers.
    pub reopening: Option<ReopeningId>,
}

/// What goes before what: the gravest first. What ended with the person goes before what waits for them; a list that may no
/// longer be used says nothing about the person, so that a lead of another list goes before it.
fn rank(state: LeadState) -> u8 {
    match state {
        LeadState::Closed(ClosedReason::Suppressed) => 0,
        LeadState::Closed(ClosedReason::Ordered) => 1,
        LeadState::Scheduled { block: Block::Callback, .. } => 2,
        LeadState::Closed(ClosedReason::Refused) => 3,
        LeadState::Closed(ClosedReason::WrongNumber) => 4,
        LeadState::Closed(ClosedReason::Exhausted) => 5,
        LeadState::Scheduled { .. } => 6,
        LeadState::Assigned | LeadState::Ready => 7,
        LeadState::Closed(ClosedReason::Expired) => 8,
        LeadState::Closed(ClosedReason::Withdrawn) => 9,
    }
}

/// The one lead that two leads of a campaign become.
#[must_use]
pub fn leads(kept: &LeadToMerge, other: &LeadToMerge) -> MergedLead {
    let leading = leading(kept, other);
    let winner = side(leading, kept, other);
    let is_promise = matches!(winner.state, LeadState::Scheduled { block: Block::Callback, .. });
    let own = (winner.priority, winner.refusal, winner.reopening);
    let (priority, refusal, reopening) = match (winner.state, side(leading.opposite(), kept, other).state) {
        (LeadState::Closed(_), _) => (winner.priority, winner.refusal, kept.reopening.max(other.reopening)),
        // A reopening that waits to be let through waits with its lead: one that was let through waits for no budget, and a
        // promise is kept without one.
        (LeadState::Scheduled { block: Block::Budget, .. }, _)
        | (LeadState::Scheduled { block: Block::Callback, .. }, LeadState::Scheduled { .. }) => own,
        _ => place(kept, other),
    };
    MergedLead {
        stays: staying(kept, other),
        promise: is_promise.then_some(leading),
        state: winner.state,
        priority,
        refusal,
        reopening,
    }
}

fn side<'a>(side: Side, kept: &'a LeadToMerge, other: &'a LeadToMerge) -> &'a LeadToMerge {
    match side {
        Side::Kept => kept,
        Side::Other => other,
    }
}

/// Whose state the one lead has. Among equals: the promise that is due first, the wait that is longer, the refusal that is newer.
fn leading(kept: &LeadToMerge, other: &LeadToMerge) -> Side {
    use LeadState as S;
    let others = match rank(other.state).cmp(&rank(kept.state)) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Greater => false,
        std::cmp::Ordering::Equal => match (kept.state, other.state) {
            (S::Scheduled { block: Block::Callback, due_at: ours }, S::Scheduled { due_at: theirs, .. }) => {
                other.promised_for.unwrap_or(theirs) < kept.promised_for.unwrap_or(ours)
            }
            (S::Scheduled { due_at: ours, .. }, S::Scheduled { due_at: theirs, .. }) => theirs > ours,
            (S::Closed(ClosedReason::Refused), S::Closed(_)) => other.refusal > kept.refusal,
            _ => false,
        },
    };
    if others { Side::Other } else { Side::Kept }
}

/// The lead that stays: one whose list may be used, then the one with more history.
fn staying(kept: &LeadToMerge, other: &LeadToMerge) -> Side {
    let list_is_over = |state| matches!(state, LeadState::Closed(ClosedReason::Expired | ClosedReason::Withdrawn));
    match (list_is_over(kept.state), list_is_over(other.state)) {
        (true, false) => Side::Other,
        (false, true) => Side::Kept,
        _ if other.hand_outs > kept.hand_outs => Side::Other,
        _ => Side::Kept,
    }
}

/// The place in the queue of a lead that may still be called: that of the newest reopening; without one, somebody who was tried
/// is no fresh lead.
fn place(kept: &LeadToMerge, other: &LeadToMerge) -> (i64, Option<RefusalId>, Option<ReopeningId>) {
    let newest = if other.reopening > kept.reopening { other } else { kept };
    match newest.reopening {
        Some(reopening) => (newest.priority, newest.refusal, Some(reopening)),
        None => (kept.priority.max(other.priority), None, None),
    }
}

/// What a client who stays lacks and the other knows. Two addresses that contradict each other are not mixed into a third.
#[must_use]
pub fn gaps(kept: &KnownClient, other: &KnownClient) -> Vec<Change> {
    let address = [
        (Changed::Street, &kept.street, &other.street),
        (Changed::City, &kept.city, &other.city),
        (Changed::Postcode, &kept.postcode, &other.postcode),
        (Changed::Region, &kept.region, &other.region),
    ];
    let one_address = address.iter().all(|(_, ours, theirs)| match (ours, theirs) {
        (Some(ours), Some(theirs)) => ours.trim().to_lowercase() == theirs.trim().to_lowercase(),
        _ => true,
    });
    let person = [
        (Changed::Reference, &kept.reference, &other.reference),
        (Changed::FirstName, &kept.first_name, &other.first_name),
        (Changed::LastName, &kept.last_name, &other.last_name),
    ];
    let texts = person.into_iter().chain(address.into_iter().filter(|_| one_address));
    let filled = |what, after: &str| Change { what, before: None, after: after.to_owned(), extension: None };
    let mut gaps: Vec<Change> = texts
        .filter_map(|(what, ours, theirs)| match (ours, theirs) {
            (None, Some(theirs)) => Some(filled(what, theirs)),
            _ => None,
        })
        .collect();
    if let (None, Some((zone, source))) = (&kept.zone, &other.zone) {
        gaps.push(filled(Changed::TimeZone, zone.as_str()));
        gaps.push(filled(Changed::ZoneSource, source.as_str()));
    }
    gaps
}

/// Facts or attributes of two leads: those of the lead that stays, its gaps filled from the other.
#[must_use]
pub fn facts(stays: BTreeMap<String, String>, goes: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut facts = goes;
    facts.extend(stays);
    facts
}

/// Whether what the row of the lead that goes says of consent counts: a no always does, a yes where the other says nothing.
/// The words are those of [`crate::list::ListedConsent`]: true for yes.
#[must_use]
pub fn takes_other_consent(stays: Option<bool>, goes: Option<bool>) -> bool {
    match (stays, goes) {
        (None, Some(_)) | (Some(true), Some(false)) => true,
        (_, None) | (Some(false), _) | (Some(true), Some(true)) => false,
    }
}

#[cfg(test)]
mod tests;
