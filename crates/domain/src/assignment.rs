//! A lead in an operator's hands: open under a lease, then ended exactly once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Span;

/// The longest that a lead is held from its hand-out, in leases of its campaign, however often its operator says that the
/// call goes on. A page that was left open goes on saying so: after four leases, an hour where a lease is the usual
/// quarter of one, a person is more likely forgotten than still on the line.
pub const LEASES_MAX: i64 = 4;

/// For so long a lead is not handed again to an operator who handed it back, so that handing back what one does not like
/// brings neither the same lead at once nor a choice among the queue's first.
pub const HAND_BACK_REST: Span = Span::minutes(60);

/// Where an assignment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentState {
    /// With its operator until the lease runs out.
    Open {
        /// When the lease runs out.
        lease_until: Timestamp,
    },
    /// Over.
    Ended(Ending),
}

/// How an assignment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Its outcome was recorded.
    Outcome,
    /// The lease ran out without a word. It counts as a try: nobody knows that the person was not called.
    Expired,
    /// A supervisor took the lead. It counts as a try: nobody knows that the person was not called.
    Revoked,
    /// Its operator handed the lead back as not called. It is no try.
    Returned,
}

/// What can happen to an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentEvent {
    /// The operator reports what happened.
    Report,
    /// The operator says that the call goes on.
    Hold {
        /// Until when: as [`held_until`] says.
        until: Timestamp,
    },
    /// The lease runs out.
    RunOut,
    /// The operator hands the lead back as not called.
    HandBack,
    /// A supervisor takes the lead.
    Revoke,
}

/// The event cannot happen in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an assignment that is {from:?} cannot take {event:?}")]
pub struct InvalidTransition {
    /// The state it is in.
    pub from: AssignmentState,
    /// What was tried.
    pub event: AssignmentEvent,
}

impl AssignmentState {
    /// The state after an event at `now`. A report is taken as long as the assignment is open, even past its lease:
    /// until somebody has taken the lead back, the operator who talks is right. The same goes for holding it longer and for
    /// handing it back. A lease cannot run out early, and holding a lead never shortens its lease.
    pub fn apply(self, event: AssignmentEvent, now: Timestamp) -> Result<Self, InvalidTransition> {
        match (self, event) {
            (Self::Open { .. }, AssignmentEvent::Report) => Ok(Self::Ended(Ending::Outcome)),
            (Self::Open { lease_until }, AssignmentEvent::RunOut) if lease_until <= now => {
                Ok(Self::Ended(Ending::Expired))
            }
            (Self::Open { lease_until }, AssignmentEvent::Hold { until }) => {
                Ok(Self::Open { lease_until: lease_until.max(until) })
            }
            (Self::Open { .. }, AssignmentEvent::HandBack) => Ok(Self::Ended(Ending::Returned)),
            (Self::Open { .. }, AssignmentEvent::Revoke) => Ok(Self::Ended(Ending::Revoked)),
            (from, event) => Err(InvalidTransition { from, event }),
        }
    }
}

/// The last instant until which a lead that was handed out then may be held.
#[must_use]
pub fn held_at_most(handed_at: Timestamp, lease: Span) -> Timestamp {
    Span::of_seconds(lease.seconds().saturating_mul(LEASES_MAX)).after(handed_at)
}

/// Until when a lead is held whose operator says at `now` that the call goes on: one more lease, but not past
/// [`held_at_most`].
#[must_use]
pub fn held_until(handed_at: Timestamp, lease: Span, now: Timestamp) -> Timestamp {
    lease.after(now).min(held_at_most(handed_at, lease))
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 4] = [Self::Outcome, Self::Expired, Self::Revoked, Self::Returned];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Returned => "returned",
        }
    }

    /// What happened, as the end of a sentence about the assignment.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Outcome => "its outcome was recorded",
            Self::Expired => "its lease ran out",
            Self::Revoked => "a supervisor took the lead",
            Self::Returned => "the lead was handed back as not called",
        }
    }

    /// The ending of this word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ending| ending.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    /// Every state and every event: the table of `docs/state-machines.md`.
    #[test]
    fn every_pair_of_state_and_event() {
        use AssignmentEvent as E;
        let now = at(1_000);
        let events = [E::Report, E::Hold { until: at(1_900) }, E::RunOut, E::HandBack, E::Revoke];
        let ended = |ending| Ok(AssignmentState::Ended(ending));
        let held = |until| Ok(AssignmentState::Open { lease_until: at(until) });
        let (outcome, returned, revoked) = (ended(Ending::Outcome), ended(Ending::Returned), ended(Ending::Revoked));
        for (lease_until, held_until, run_out) in [
            (2_000, 2_000, None),
            (1_001, 1_900, None),
            (1_000, 1_900, Some(ended(Ending::Expired))),
            (1, 1_900, Some(ended(Ending::Expired))),
        ] {
            let open = AssignmentState::Open { lease_until: at(lease_until) };
            let early = Err(InvalidTransition { from: open, event: E::RunOut });
            let expected = [outcome, held(held_until), run_out.unwrap_or(early), returned, revoked];
            assert_eq!(events.map(|event| open.apply(event, now)), expected, "a lease until {lease_until}");
        }
        for from in Ending::ALL.map(AssignmentState::Ended) {
            assert_eq!(
                events.map(|event| from.apply(event, now)),
                events.map(|event| Err(InvalidTransition { from, event })),
                "an assignment ends exactly once"
            );
        }
    }

    #[test]
    fn a_lead_is_held_one_more_lease_at_a_time_and_four_at_most() {
        let lease = Span::of_seconds(900);
        let until = [0, 450, 900, 2_699, 2_700, 2_701, 9_000].map(|now| held_until(at(0), lease, at(now)));
        assert_eq!(until, [900, 1_350, 1_800, 3_599, 3_600, 3_600, 3_600].map(at));
    }

    #[test]
    fn an_ending_is_read_as_it_is_written() {
        assert_eq!(Ending::ALL.map(|ending| Ending::parse(ending.as_str())), Ending::ALL.map(Some));
        assert_eq!(Ending::parse("lost"), None);
    }
}
