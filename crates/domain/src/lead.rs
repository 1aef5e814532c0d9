//! A lead's life: one client in one campaign. `docs/state-machines.md` shows the same table.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::span::instant_of;

/// Where a lead stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadState {
    /// Callable as far as the lead itself knows.
    Ready,
    /// Not callable before `due_at`, and why.
    Scheduled {
        /// The first instant at which it could be called.
        due_at: Timestamp,
        /// Why not before.
        block: Block,
    },
    /// With an operator.
    Assigned,
    /// Not to be called, and why.
    Closed(ClosedReason),
}

/// Why a lead waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Tried, and to be tried again later.
    Retry,
    /// A call was promised for later.
    Callback,
    /// The person refused and wants to be called again from a day on.
    AskedLater,
    /// Reopened by a tariff, and waiting in order until a day's budget releases it; its time alone makes it ready no more than time
    /// makes a budget.
    Budget,
    /// Tried as often as the caps allow.
    AttemptCap,
    /// The person refused the seller not long ago.
    CoolDown,
    /// Another campaign has the person on an operator's screen.
    OpenElsewhere,
    /// Outside the permitted hours of the person's own day.
    OutsideHours,
    /// The person is in no place whose rules are known.
    NoJurisdiction,
    /// Nobody knows the person's time zone.
    NoTimeZone,
    /// Such calls are forbidden where the person is.
    Banned,
    /// A register that must be asked has no file that is fresh enough.
    RegisterTooOld,
    /// The person has not agreed to be called, or not well enough, or no longer.
    NoConsent,
}

/// Why a lead is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosedReason {
    /// The client accepted.
    Ordered,
    /// The client declined; a tariff may reopen it.
    Refused,
    /// Tried as often as its retry rule allows.
    Exhausted,
    /// The number belongs to somebody else.
    WrongNumber,
    /// The person must not be called.
    Suppressed,
    /// The licence of its list has ended.
    Expired,
    /// Its person was erased.
    Withdrawn,
}

/// What can happen to a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeadEvent {
    /// An operator receives it.
    HandOut,
    /// It waits until an instant.
    Postpone {
        /// Until when.
        until: Timestamp,
        /// Why.
        block: Block,
    },
    /// Its due time has come.
    ComeDue,
    /// An operator gives it back, or the lease ran out.
    Return,
    /// It is not to be called any more.
    Close(ClosedReason),
    /// Its order was cancelled, for a reason after which the person may be called again.
    OrderCancelled {
        /// From when.
        until: Timestamp,
    },
    /// A tariff answers its refusal; it may be called from this instant.
    Reopen {
        /// From when, and what holds it until then; `None` is at once.
        from: Option<(Timestamp, Block)>,
    },
}

/// The event cannot happen in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a lead that is {from:?} cannot take {event:?}")]
pub struct InvalidTransition {
    /// The state it is in.
    pub from: LeadState,
    /// What was tried.
    pub event: LeadEvent,
}

impl LeadState {
    /// The state after an event.
    pub fn apply(self, event: LeadEvent) -> Result<Self, InvalidTransition> {
        use LeadEvent as E;
        use LeadState as S;
        let next = match (self, event) {
            (S::Ready | S::Scheduled { block: Block::Callback, .. }, E::HandOut) => S::Assigned,
            (S::Ready | S::Assigned, E::Postpone { until, block }) => S::Scheduled { due_at: until, block },
            // A promise moved to the next permitted hour stays a promise.
            (S::Scheduled { block: Block::Callback, .. }, E::Postpone { until, block: Block::Callback }) => {
                S::Scheduled { due_at: until, block: Block::Callback }
            }
            (S::Scheduled { .. }, E::ComeDue) | (S::Assigned, E::Return) => S::Ready,
            (S::Ready | S::Scheduled { .. } | S::Assigned, E::Close(reason)) => S::Closed(reason),
            // An objection outlives every other ending.
            (S::Closed(_), E::Close(ClosedReason::Suppressed)) => S::Closed(ClosedReason::Suppressed),
            // Somebody who was erased is nobody a tariff can bring back.
            (S::Closed(ClosedReason::Refused), E::Close(ClosedReason::Withdrawn)) => S::Closed(ClosedReason::Withdrawn),
            (S::Closed(ClosedReason::Ordered), E::OrderCancelled { until }) => {
                S::Scheduled { due_at: until, block: Block::Retry }
            }
            (S::Closed(ClosedReason::Refused), E::Reopen { from: None }) => S::Ready,
            (S::Closed(ClosedReason::Refused), E::Reopen { from: Some((due_at, block)) }) => {
                S::Scheduled { due_at, block }
            }
            (from, event) => return Err(InvalidTransition { from, event }),
        };
        Ok(next)
    }

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Scheduled { .. } => "scheduled",
            Self::Assigned => "assigned",
            Self::Closed(_) => "closed",
        }
    }

    /// The columns `(state, due_at_ms, block, closed_reason)` that hold it.
    #[must_use]
    pub fn columns(self) -> (&'static str, Option<i64>, Option<&'static str>, Option<&'static str>) {
        match self {
            Self::Ready | Self::Assigned => (self.as_str(), None, None, None),
            Self::Scheduled { due_at, block } => {
                (self.as_str(), Some(due_at.as_millisecond()), Some(block.as_str()), None)
            }
            Self::Closed(reason) => (self.as_str(), None, None, Some(reason.as_str())),
        }
    }

    /// The state that these columns hold, if they hold one.
    #[must_use]
    pub fn from_columns(state: &str, due_at_ms: i64, block: Option<&str>, closed_reason: Option<&str>) -> Option<Self> {
        match (state, block, closed_reason) {
            ("ready", None, None) => Some(Self::Ready),
            ("assigned", None, None) => Some(Self::Assigned),
            ("scheduled", Some(block), None) => {
                Some(Self::Scheduled { due_at: instant_of(due_at_ms)?, block: Block::parse(block)? })
            }
            ("closed", None, Some(reason)) => Some(Self::Closed(ClosedReason::parse(reason)?)),
            _ => None,
        }
    }
}

impl Block {
    /// Every block.
    pub const ALL: [Self; 13] = [
        Self::Retry,
        Self::Callback,
        Self::AskedLater,
        Self::Budget,
        Self::AttemptCap,
        Self::CoolDown,
        Self::OpenElsewhere,
        Self::OutsideHours,
        Self::NoJurisdiction,
        Self::NoTimeZone,
        Self::Banned,
        Self::RegisterTooOld,
        Self::NoConsent,
    ];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Callback => "callback",
            Self::AskedLater => "asked_later",
            Self::Budget => "budget",
            Self::AttemptCap => "attempt_cap",
            Self::CoolDown => "cool_down",
            Self::OpenElsewhere => "open_elsewhere",
            Self::OutsideHours => "outside_hours",
            Self::NoJurisdiction => "no_jurisdiction",
            Self::NoTimeZone => "no_time_zone",
            Self::Banned => "banned",
            Self::RegisterTooOld => "register_too_old",
            Self::NoConsent => "no_consent",
        }
    }

    /// The block of this word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|block| block.as_str() == text)
    }
}

impl ClosedReason {
    /// Every reason.
    pub const ALL: [Self; 7] = [
        Self::Ordered,
        Self::Refused,
        Self::Exhausted,
        Self::WrongNumber,
        Self::Suppressed,
        Self::Expired,
        Self::Withdrawn,
    ];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ordered => "ordered",
            Self::Refused => "refused",
            Self::Exhausted => "exhausted",
            Self::WrongNumber => "wrong_number",
            Self::Suppressed => "suppressed",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The reason of this word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every event, and whether the event is allowed: the table of `docs/state-machines.md`.
    #[test]
    fn every_pair_of_state_and_event() {
        let at = Timestamp::UNIX_EPOCH;
        let states = [
            LeadState::Ready,
            LeadState::Scheduled { due_at: at, block: Block::Retry },
            LeadState::Scheduled { due_at: at, block: Block::Callback },
            LeadState::Assigned,
            LeadState::Closed(ClosedReason::Refused),
            LeadState::Closed(ClosedReason::Ordered),
            LeadState::Closed(ClosedReason::Suppressed),
        ];
        let events = [
            LeadEvent::HandOut,
            LeadEvent::Postpone { until: at, block: Block::Retry },
            LeadEvent::Postpone { until: at, block: Block::Callback },
            LeadEvent::ComeDue,
            LeadEvent::Return,
            LeadEvent::Close(ClosedReason::Ordered),
            LeadEvent::Close(ClosedReason::Suppressed),
            LeadEvent::Close(ClosedReason::Withdrawn),
            LeadEvent::OrderCancelled { until: at },
            LeadEvent::Reopen { from: None },
            LeadEvent::Reopen { from: Some((at, Block::CoolDown)) },
        ];
        let allowed: Vec<String> = states
            .iter()
            .map(|state| events.iter().map(|event| if state.apply(*event).is_ok() { 'x' } else { '.' }).collect())
            .collect();
        // Columns: hand out, postpone, promise, come due, return, close, suppress, withdraw, order cancelled, reopen now, reopen later.
        assert_eq!(
            allowed,
            [
                "xxx..xxx...", // ready
                "...x.xxx...", // scheduled
                "x.xx.xxx...", // scheduled for a promised call
                ".xx.xxxx...", // assigned
                "......xx.xx", // refused
                "......x.x..", // ordered
                "......x....", // suppressed, and every other ending
            ]
        );
    }

    #[test]
    fn columns_hold_every_state() {
        let at = Timestamp::from_millisecond(1_700_000_000_000).expect("in range");
        let mut states = vec![LeadState::Ready, LeadState::Assigned];
        states.extend(Block::ALL.map(|block| LeadState::Scheduled { due_at: at, block }));
        states.push(LeadState::Scheduled { due_at: Timestamp::MAX, block: Block::NoConsent });
        states.extend(ClosedReason::ALL.map(LeadState::Closed));
        for state in states {
            let (word, due_at, block, closed) = state.columns();
            assert_eq!(LeadState::from_columns(word, due_at.unwrap_or(0), block, closed), Some(state));
        }
        assert_eq!(LeadState::from_columns("closed", 0, None, None), None);
    }
}
