//! An order's life. `docs/state-machines.md` shows the same table.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::UserId;

/// When something was done to an order, and by whom; nobody is the local administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Option<UserId>,
}

/// Where an order stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderState {
    /// The operator is still filling the form in. It has no number yet.
    Draft,
    /// The client accepted, and the form is complete.
    Placed {
        /// By the operator who called.
        placed: Stamp,
        /// The last correction, if there was one.
        corrected: Option<Stamp>,
    },
    /// A second person found it right.
    Verified {
        /// By the operator who called.
        placed: Stamp,
        /// The last correction, if there was one.
        corrected: Option<Stamp>,
        /// By the second person.
        verified: Stamp,
    },
    /// The client has what they ordered.
    Fulfilled {
        /// By the operator who called.
        placed: Stamp,
        /// The last correction, if there was one.
        corrected: Option<Stamp>,
        /// By the second person.
        verified: Stamp,
        /// By the back office.
        fulfilled: Stamp,
    },
    /// It came to nothing.
    Cancelled {
        /// By the operator who called.
        placed: Stamp,
        /// The last correction, if there was one.
        corrected: Option<Stamp>,
        /// By the second person, if it came so far.
        verified: Option<Stamp>,
        /// By the back office, if it came so far.
        fulfilled: Option<Stamp>,
        /// By whom and when.
        cancelled: Stamp,
        /// The campaign's code for why.
        reason: String,
    },
}

/// What was done to an order, whatever its state; none where it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stamps<'s> {
    /// By the operator who called.
    pub placed: Option<Stamp>,
    /// The last correction.
    pub corrected: Option<Stamp>,
    /// By the second person.
    pub verified: Option<Stamp>,
    /// By the back office.
    pub fulfilled: Option<Stamp>,
    /// By whom and when.
    pub cancelled: Option<Stamp>,
    /// The campaign's code for why it was cancelled.
    pub cancel_reason: Option<&'s str>,
}

/// What can happen to an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderEvent {
    /// The form is complete.
    Place,
    /// A second person finds it right.
    Verify,
    /// Something in it was wrong.
    Correct,
    /// The client has what they ordered.
    Fulfil,
    /// It comes to nothing.
    Cancel {
        /// The campaign's code for why.
        reason: String,
        /// The client makes use of the right to withdraw.
        withdrawal: bool,
    },
}

/// What has happened to an order, as others are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderEventKind {
    /// It was placed.
    Placed,
    /// It was corrected, and waits for verification again.
    Corrected,
    /// It was verified.
    Verified,
    /// It was fulfilled.
    Fulfilled,
    /// It was cancelled.
    Cancelled,
}

impl OrderEventKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Placed, Self::Corrected, Self::Verified, Self::Fulfilled, Self::Cancelled];

    /// The word used in campaign files; with `order.` before it, the type of a message.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placed => "placed",
            Self::Corrected => "corrected",
            Self::Verified => "verified",
            Self::Fulfilled => "fulfilled",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What an order is held to besides its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldTo {
    /// The instant at which the client may withdraw no more; none where they never may.
    pub withdraw_until: Option<Timestamp>,
    /// The client asked that the service begin before that.
    pub begins_at_once: bool,
}

/// Why an event cannot happen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OrderRefusal {
    /// Not in this state.
    #[error("an order that is {from} cannot be {event}: {}", ways_on(from))]
    Illegal {
        /// The state, as a word.
        from: &'static str,
        /// What was tried, as a word.
        event: &'static str,
    },
    /// Whoever entered it cannot be the one who finds it right.
    #[error(
        "an order is verified by a second person: you placed it or corrected it last, so somebody else must look at it"
    )]
    SamePerson,
    /// The client may still withdraw, and did not ask that the service begin before.
    #[error(
        "the client may withdraw until {}, and did not ask that the service begin before: fulfil the order after that",
        until.strftime("%Y-%m-%d %H:%M UTC")
    )]
    StillWithdrawable {
        /// Until when.
        until: Timestamp,
    },
    /// The client may withdraw no more.
    #[error(
        "the client may withdraw no more{}: cancel the order for another reason",
        until.map(|until| format!(" since {}", until.strftime("%Y-%m-%d %H:%M UTC"))).unwrap_or_default()
    )]
    WithdrawalOver {
        /// Since when; none where they never could.
        until: Option<Timestamp>,
    },
}

/// What can be done with an order in a state.
fn ways_on(state: &str) -> &'static str {
    match state {
        "draft" => "it can be placed",
        "placed" => "it can be verified by a second person, corrected or cancelled",
        "verified" => "it can be fulfilled, corrected or cancelled",
        "fulfilled" => "it can be cancelled where the client withdraws",
        _ => "nothing more can be done with it",
    }
}

impl OrderState {
    /// The state after an event that somebody makes at an instant.
    pub fn apply(self, event: OrderEvent, by: Stamp, held_to: HeldTo) -> Result<Self, OrderRefusal> {
        use OrderEvent as E;
        use OrderState as S;
        let HeldTo { withdraw_until, begins_at_once } = held_to;
        match (self, event) {
            (S::Draft, E::Place) => Ok(S::Placed { placed: by, corrected: None }),
            (S::Placed { placed, corrected }, E::Verify) => {
                let entered_by = |stamp: Stamp| stamp.by == by.by;
                match entered_by(placed) || corrected.is_some_and(entered_by) {
                    true => Err(OrderRefusal::SamePerson),
                    false => Ok(S::Verified { placed, corrected, verified: by }),
                }
            }
            (S::Placed { placed, .. } | S::Verified { placed, .. }, E::Correct) => {
                Ok(S::Placed { placed, corrected: Some(by) })
            }
            (S::Verified { placed, corrected, verified }, E::Fulfil) => match withdraw_until {
                Some(until) if by.at < until && !begins_at_once => Err(OrderRefusal::StillWithdrawable { until }),
                _ => Ok(S::Fulfilled { placed, corrected, verified, fulfilled: by }),
            },
            (state, E::Cancel { withdrawal: true, .. })
                if state.can_be_withdrawn() && withdraw_until.is_none_or(|until| by.at >= until) =>
            {
                Err(OrderRefusal::WithdrawalOver { until: withdraw_until })
            }
            (S::Placed { placed, corrected }, E::Cancel { reason, .. }) => {
                Ok(S::Cancelled { placed, corrected, verified: None, fulfilled: None, cancelled: by, reason })
            }
            (S::Verified { placed, corrected, verified }, E::Cancel { reason, .. }) => {
                let verified = Some(verified);
                Ok(S::Cancelled { placed, corrected, verified, fulfilled: None, cancelled: by, reason })
            }
            (S::Fulfilled { placed, corrected, verified, fulfilled }, E::Cancel { reason, withdrawal: true }) => {
                let (verified, fulfilled) = (Some(verified), Some(fulfilled));
                Ok(S::Cancelled { placed, corrected, verified, fulfilled, cancelled: by, reason })
            }
            (state, event) => Err(OrderRefusal::Illegal { from: state.as_str(), event: event.done() }),
        }
    }

    fn can_be_withdrawn(&self) -> bool {
        matches!(self, Self::Placed { .. } | Self::Verified { .. } | Self::Fulfilled { .. })
    }

    /// What was done to the order so far.
    #[must_use]
    pub fn stamps(&self) -> Stamps<'_> {
        let none = Stamps::default();
        match self {
            Self::Draft => none,
            Self::Placed { placed, corrected } => Stamps { placed: Some(*placed), corrected: *corrected, ..none },
            Self::Verified { placed, corrected, verified } => {
                Stamps { placed: Some(*placed), corrected: *corrected, verified: Some(*verified), ..none }
            }
            Self::Fulfilled { placed, corrected, verified, fulfilled } => Stamps {
                placed: Some(*placed),
                corrected: *corrected,
                verified: Some(*verified),
                fulfilled: Some(*fulfilled),
                ..none
            },
            Self::Cancelled { placed, corrected, verified, fulfilled, cancelled, reason } => Stamps {
                placed: Some(*placed),
                corrected: *corrected,
                verified: *verified,
                fulfilled: *fulfilled,
                cancelled: Some(*cancelled),
                cancel_reason: Some(reason),
            },
        }
    }

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Placed { .. } => "placed",
            Self::Verified { .. } => "verified",
            Self::Fulfilled { .. } => "fulfilled",
            Self::Cancelled { .. } => "cancelled",
        }
    }
}

impl OrderEvent {
    /// What others are told has happened.
    #[must_use]
    pub fn kind(&self) -> OrderEventKind {
        match self {
            Self::Place => OrderEventKind::Placed,
            Self::Verify => OrderEventKind::Verified,
            Self::Correct => OrderEventKind::Corrected,
            Self::Fulfil => OrderEventKind::Fulfilled,
            Self::Cancel { .. } => OrderEventKind::Cancelled,
        }
    }

    fn done(&self) -> &'static str {
        match self {
            Self::Place => "placed",
            Self::Verify => "verified",
            Self::Correct => "corrected",
            Self::Fulfil => "fulfilled",
            Self::Cancel { withdrawal: false, .. } => "cancelled",
            Self::Cancel { withdrawal: true, .. } => "withdrawn from",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATOR: UserId = UserId(1);
    const SECOND: UserId = UserId(2);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn by(second: i64, user: UserId) -> Stamp {
        Stamp { at: at(second), by: Some(user) }
    }

    fn cancel(withdrawal: bool) -> OrderEvent {
        OrderEvent::Cancel { reason: "mind".into(), withdrawal }
    }

    fn states() -> [OrderState; 5] {
        let (placed, corrected, verified, fulfilled) = (by(0, OPERATOR), None, by(1, SECOND), by(2, SECOND));
        [
            OrderState::Draft,
            OrderState::Placed { placed, corrected },
            OrderState::Verified { placed, corrected, verified },
            OrderState::Fulfilled { placed, corrected, verified, fulfilled },
            OrderState::Cancelled {
                placed,
                corrected,
                verified: None,
                fulfilled: None,
                cancelled: fulfilled,
                reason: "x".into(),
            },
        ]
    }

    fn events() -> [OrderEvent; 6] {
        [OrderEvent::Place, OrderEvent::Verify, OrderEvent::Correct, OrderEvent::Fulfil, cancel(false), cancel(true)]
    }

    /// Every state and every event, and whether the event is allowed: the table of `docs/state-machines.md`.
    #[test]
    fn every_pair_of_state_and_event() {
        let table = |held_to: HeldTo| -> Vec<String> {
            let allowed = |state: &OrderState, event| state.clone().apply(event, by(5, SECOND), held_to).is_ok();
            let row = |state: &OrderState| events().map(|e| if allowed(state, e) { 'x' } else { '.' });
            states().iter().map(|state| row(state).iter().collect()).collect()
        };
        // Columns: place, verify, correct, fulfil, cancel, withdraw.
        let over = HeldTo { withdraw_until: Some(at(5)), begins_at_once: false };
        assert_eq!(table(over), ["x.....", ".xx.x.", "..xxx.", "......", "......"]);
        let open = HeldTo { withdraw_until: Some(at(6)), begins_at_once: false };
        assert_eq!(table(open), ["x.....", ".xx.xx", "..x.xx", ".....x", "......"]);
        let begun = HeldTo { begins_at_once: true, ..open };
        assert_eq!(table(begun), ["x.....", ".xx.xx", "..xxxx", ".....x", "......"]);
        let never = HeldTo { withdraw_until: None, begins_at_once: false };
        assert_eq!(table(never), ["x.....", ".xx.x.", "..xxx.", "......", "......"]);
    }

    #[test]
    fn nobody_verifies_what_they_entered() {
        let held_to = HeldTo { withdraw_until: None, begins_at_once: false };
        let placed = OrderState::Draft.apply(OrderEvent::Place, by(0, OPERATOR), held_to).expect("placed");
        let own = placed.clone().apply(OrderEvent::Verify, by(1, OPERATOR), held_to);
        assert_eq!(own, Err(OrderRefusal::SamePerson));
        let corrected = placed.apply(OrderEvent::Correct, by(1, SECOND), held_to).expect("corrected");
        for entered_by in [OPERATOR, SECOND] {
            let own = corrected.clone().apply(OrderEvent::Verify, by(2, entered_by), held_to);
            assert_eq!(own, Err(OrderRefusal::SamePerson));
        }
        assert!(corrected.apply(OrderEvent::Verify, by(2, UserId(3)), held_to).is_ok());
    }

    #[test]
    fn what_was_done_before_stays() {
        let held_to = HeldTo { withdraw_until: Some(at(100)), begins_at_once: true };
        let mut state = OrderState::Draft;
        for (second, user, event) in [
            (0, OPERATOR, OrderEvent::Place),
            (1, OPERATOR, OrderEvent::Correct),
            (2, SECOND, OrderEvent::Verify),
            (3, SECOND, OrderEvent::Fulfil),
            (4, SECOND, cancel(true)),
        ] {
            state = state.apply(event, by(second, user), held_to).expect("allowed");
        }
        let stamps = Stamps {
            placed: Some(by(0, OPERATOR)),
            corrected: Some(by(1, OPERATOR)),
            verified: Some(by(2, SECOND)),
            fulfilled: Some(by(3, SECOND)),
            cancelled: Some(by(4, SECOND)),
            cancel_reason: Some("mind"),
        };
        assert_eq!((state.as_str(), state.stamps()), ("cancelled", stamps));
    }
}
