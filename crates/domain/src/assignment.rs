//! A lead in an operator's hands: open under a lease, then ended exactly once.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
    /// The lead was taken back, because its list was undone or the person objected meanwhile.
    Revoked,
}

/// What can happen to an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssignmentEvent {
    /// The operator reports what happened.
    Report,
    /// The lease runs out.
    RunOut,
    /// The lead is taken back.
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
    /// until somebody has taken the lead back, the operator who talks is right. A lease cannot run out early.
    pub fn apply(self, event: AssignmentEvent, now: Timestamp) -> Result<Self, InvalidTransition> {
        match (self, event) {
            (Self::Open { .. }, AssignmentEvent::Report) => Ok(Self::Ended(Ending::Outcome)),
            (Self::Open { lease_until }, AssignmentEvent::RunOut) if lease_until <= now => {
                Ok(Self::Ended(Ending::Expired))
            }
            (Self::Open { .. }, AssignmentEvent::Revoke) => Ok(Self::Ended(Ending::Revoked)),
            (from, event) => Err(InvalidTransition { from, event }),
        }
    }
}

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 3] = [Self::Outcome, Self::Expired, Self::Revoked];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
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

    #[test]
    fn ends_exactly_once() {
        let now = Timestamp::from_second(1_000).expect("in range");
        let open = |lease_until: i64| AssignmentState::Open {
            lease_until: Timestamp::from_second(lease_until).expect("in range"),
        };
        use AssignmentEvent as E;
        assert_eq!(open(2_000).apply(E::Report, now), Ok(AssignmentState::Ended(Ending::Outcome)));
        assert_eq!(open(999).apply(E::Report, now), Ok(AssignmentState::Ended(Ending::Outcome)));
        assert_eq!(open(1_000).apply(E::RunOut, now), Ok(AssignmentState::Ended(Ending::Expired)));
        assert!(open(1_001).apply(E::RunOut, now).is_err());
        assert_eq!(open(2_000).apply(E::Revoke, now), Ok(AssignmentState::Ended(Ending::Revoked)));
        for ending in Ending::ALL {
            for event in [E::Report, E::RunOut, E::Revoke] {
                assert!(AssignmentState::Ended(ending).apply(event, now).is_err());
            }
        }
    }
}
