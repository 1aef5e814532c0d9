//! Where the leads of a campaign stand: each counted once, under its first blocking reason.
//!
//! A standing follows from what is written on the lead and from its lane: millions are counted without being looked at. What stands
//! against one person alone is written on a lead by the search that meets it, in the transaction of a hand-out.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::campaign::state::CampaignState;
use crate::lead::{Block, ClosedReason, LeadState};

/// Where a lead stands for the purpose of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// An operator who asks now could receive it, unless something stands against the person that no search has met yet: a cap, a
    /// cool-down, an open assignment in another campaign, a register, a licence that has ended.
    Callable,
    /// Callable now, by the one operator for whom it is kept.
    Reserved,
    /// Callable now, by operators who speak the person's language: an answer to an operator who does not.
    LanguageNotSpoken,
    /// Callable now, by operators with the skills that the campaign asks for: an answer to an operator who lacks one.
    SkillMissing,
    /// With an operator.
    Assigned,
    /// The campaign is not running.
    CampaignNotRunning,
    /// Its list has no share of the queue.
    ListSwitchedOff,
    /// Nobody knows the person's time zone.
    TimeZoneUnknown,
    /// The person is in no place whose calling rules are known.
    NoJurisdiction,
    /// Such calls are forbidden where the person is.
    Banned,
    /// A do-not-call register that must be asked has no file that is fresh enough.
    RegisterTooOld,
    /// The person has not agreed to be called, where that is needed.
    NoConsent,
    /// Outside the permitted hours of the person's own day.
    OutsideHours,
    /// A call was promised for later.
    CallbackPromised,
    /// The person refused and wants to be called again from a day on.
    AskedLater,
    /// A tariff reopened it, and it waits in order until a day's budget releases it.
    Budget,
    /// Tried, and to be tried again later.
    RetryLater,
    /// Tried as often as the caps allow. Counted from when a search met the lead.
    AttemptCap,
    /// The person refused the seller not long ago. Counted from when a search met the lead.
    CoolDown,
    /// Another campaign has the person on an operator's screen. Counted from when a search met the lead.
    OpenElsewhere,
    /// The client accepted.
    Ordered,
    /// The client declined.
    Refused,
    /// Tried as often as its retry rule allows.
    Exhausted,
    /// The number belongs to somebody else.
    WrongNumber,
    /// The person must not be called.
    Suppressed,
    /// The licence of its list has ended. Counted from when a search met the lead.
    LicenceExpired,
    /// Taken back with its list or tariff.
    Withdrawn,
}

/// Whether the leads of a lane may be called, as far as that is decided for all of them at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneOpening {
    /// They may.
    Open,
    /// They may, by the one operator for whom they are kept.
    OpenForOne,
    /// Their list has no share of the queue.
    SwitchedOff,
    /// They may not.
    Closed {
        /// Why.
        block: Block,
        /// The first instant at which they may; none where time alone does not open it.
        opens_at: Option<Timestamp>,
    },
}

/// What decides a lead's standing, besides the lead itself.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings {
    /// The campaign's state.
    pub campaign: CampaignState,
    /// The lead's lane.
    pub lane: LaneOpening,
}

/// A lead's standing at `now`, and until when it holds where that is known.
#[must_use]
pub fn standing(lead: LeadState, around: Surroundings, now: Timestamp) -> (Standing, Option<Timestamp>) {
    match lead {
        LeadState::Assigned => (Standing::Assigned, None),
        LeadState::Closed(reason) => (closed(reason), None),
        _ if around.campaign != CampaignState::Running => (Standing::CampaignNotRunning, None),
        // A budget releases its leads in order, whatever time it is.
        LeadState::Scheduled { due_at, block: Block::Budget } => {
            (Standing::Budget, known(due_at).filter(|at| *at > now))
        }
        LeadState::Scheduled { due_at, block } if due_at > now => (waiting(block), known(due_at)),
        LeadState::Ready | LeadState::Scheduled { .. } => match around.lane {
            LaneOpening::Open => (Standing::Callable, None),
            // A promise is kept whatever became of its list, and by whoever is there.
            LaneOpening::OpenForOne | LaneOpening::SwitchedOff if is_promise(lead) => (Standing::Callable, None),
            LaneOpening::OpenForOne => (Standing::Reserved, None),
            LaneOpening::SwitchedOff => (Standing::ListSwitchedOff, None),
            LaneOpening::Closed { block, opens_at } => (waiting(block), opens_at),
        },
    }
}

fn is_promise(lead: LeadState) -> bool {
    matches!(lead, LeadState::Scheduled { block: Block::Callback, .. })
}

/// What waits for the end of time waits for something else than time.
fn known(due_at: Timestamp) -> Option<Timestamp> {
    Some(due_at).filter(|at| at.as_millisecond() < Timestamp::MAX.as_millisecond())
}

fn waiting(block: Block) -> Standing {
    match block {
        Block::Retry => Standing::RetryLater,
        Block::Callback => Standing::CallbackPromised,
        Block::AskedLater => Standing::AskedLater,
        Block::Budget => Standing::Budget,
        Block::AttemptCap => Standing::AttemptCap,
        Block::CoolDown => Standing::CoolDown,
        Block::OpenElsewhere => Standing::OpenElsewhere,
        Block::OutsideHours => Standing::OutsideHours,
        Block::NoJurisdiction => Standing::NoJurisdiction,
        Block::NoTimeZone => Standing::TimeZoneUnknown,
        Block::Banned => Standing::Banned,
        Block::RegisterTooOld => Standing::RegisterTooOld,
        Block::NoConsent => Standing::NoConsent,
    }
}

fn closed(reason: ClosedReason) -> Standing {
    match reason {
        ClosedReason::Ordered => Standing::Ordered,
        ClosedReason::Refused => Standing::Refused,
        ClosedReason::Exhausted => Standing::Exhausted,
        ClosedReason::WrongNumber => Standing::WrongNumber,
        ClosedReason::Suppressed => Standing::Suppressed,
        ClosedReason::Expired => Standing::LicenceExpired,
        ClosedReason::Withdrawn => Standing::Withdrawn,
    }
}

impl Standing {
    /// Whether the lead may still be called, now or later.
    #[must_use]
    pub fn is_open(self) -> bool {
        self <= Self::OpenElsewhere
    }

    /// The standing in words, for a person who asks why.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Callable => "callable now",
            Self::Reserved => "callable now, by the operator for whom it is kept",
            Self::LanguageNotSpoken => "callable now, by operators who speak the person's language",
            Self::SkillMissing => "callable now, by operators with the skills that the campaign asks for",
            Self::Assigned => "with an operator",
            Self::CampaignNotRunning => "the campaign is not running",
            Self::ListSwitchedOff => "its list has no share of the queue",
            Self::TimeZoneUnknown => "nobody knows the person's time zone",
            Self::NoJurisdiction => "the person is in no place whose calling rules are known",
            Self::Banned => "such calls are forbidden where the person is",
            Self::RegisterTooOld => "a do-not-call register that must be asked has no file that is fresh enough",
            Self::NoConsent => "the person has not agreed to be called",
            Self::OutsideHours => "outside the permitted hours of the person's own day",
            Self::CallbackPromised => "a call was promised for later",
            Self::AskedLater => "the person refused and wants to be called again later",
            Self::Budget => "a tariff reopened it, and it waits for the budget of a day",
            Self::RetryLater => "tried, and to be tried again later",
            Self::AttemptCap => "tried as often as the caps allow",
            Self::CoolDown => "the person refused not long ago",
            Self::OpenElsewhere => "another campaign has the person on an operator's screen",
            Self::Ordered => "the client accepted",
            Self::Refused => "the client declined",
            Self::Exhausted => "tried as often as its retry rule allows",
            Self::WrongNumber => "the number belongs to somebody else",
            Self::Suppressed => "the person must not be called",
            Self::LicenceExpired => "the licence of its list has ended",
            Self::Withdrawn => "its person was erased",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_stands_in_one_place() {
        let now = Timestamp::from_second(1_000).expect("in range");
        let at = |second| Timestamp::from_second(second).expect("in range");
        let running = |lane| Surroundings { campaign: CampaignState::Running, lane };
        let waiting = |second| LeadState::Scheduled { due_at: at(second), block: Block::Retry };
        let (open, closed) = (LaneOpening::Open, |block, opens_at| LaneOpening::Closed { block, opens_at });
        let due_promise = LeadState::Scheduled { due_at: at(1_000), block: Block::Callback };
        let never = LeadState::Scheduled { due_at: Timestamp::MAX, block: Block::NoConsent };
        for (lead, around, expected) in [
            (LeadState::Ready, running(open), (Standing::Callable, None)),
            (LeadState::Ready, running(LaneOpening::OpenForOne), (Standing::Reserved, None)),
            (LeadState::Ready, running(LaneOpening::SwitchedOff), (Standing::ListSwitchedOff, None)),
            (LeadState::Ready, running(closed(Block::NoTimeZone, None)), (Standing::TimeZoneUnknown, None)),
            (
                LeadState::Ready,
                running(closed(Block::OutsideHours, Some(at(2_000)))),
                (Standing::OutsideHours, Some(at(2_000))),
            ),
            (waiting(2_000), running(open), (Standing::RetryLater, Some(at(2_000)))),
            (waiting(1_000), running(open), (Standing::Callable, None)),
            (never, running(open), (Standing::NoConsent, None)),
            (due_promise, running(LaneOpening::SwitchedOff), (Standing::Callable, None)),
            (due_promise, running(LaneOpening::OpenForOne), (Standing::Callable, None)),
            (waiting(1_000), running(LaneOpening::SwitchedOff), (Standing::ListSwitchedOff, None)),
            (LeadState::Assigned, running(open), (Standing::Assigned, None)),
            (LeadState::Closed(ClosedReason::Expired), running(open), (Standing::LicenceExpired, None)),
            (
                LeadState::Ready,
                Surroundings { campaign: CampaignState::Paused, lane: open },
                (Standing::CampaignNotRunning, None),
            ),
        ] {
            assert_eq!(standing(lead, around, now), expected, "{lead:?}");
        }
        assert!(Standing::OpenElsewhere.is_open() && !Standing::Ordered.is_open());
    }
}
