//! No call for a while after something happened.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::moment::{Moment, start_of};
use super::period::{Period, in_words};
use super::rule::Cooldown;
use super::standing::Standing;
use super::words::{CooldownAfter, DayCount};
use crate::fault::{self, Fault};

/// Whether a cool-down runs, and until when.
pub(super) fn standing(cooldown: &Cooldown, moment: &Moment<'_>) -> Standing {
    match (happened(cooldown, moment), cooldown.duration) {
        (None, _) => Standing::Clear,
        (Some(_), None) => Standing::Never,
        (Some(at), Some(period)) => {
            Standing::until(moment.latest(|zone| ends(at, period, cooldown.counted, zone)), moment.now)
        }
    }
}

fn happened(cooldown: &Cooldown, moment: &Moment<'_>) -> Option<Timestamp> {
    let last = &moment.person.last;
    match cooldown.after {
        CooldownAfter::Refusal => last.refusal,
        CooldownAfter::OptOut => last.objection,
        CooldownAfter::Abandoned => last.abandoned,
        CooldownAfter::Conversation => last.conversation,
        CooldownAfter::MachineHangUp => last.machine_hang_up,
    }
}

/// The first instant after a cool-down.
fn ends(at: Timestamp, period: Period, counted: DayCount, zone: &TimeZone) -> Timestamp {
    let day = zone.to_datetime(at).date();
    match counted {
        DayCount::Exact => period.after(at, zone),
        DayCount::CalendarDays => start_of(period.after_day(day), zone),
        DayCount::FullDays => {
            let first_after =
                period.after_day(day).checked_add(i64::from(!fault::is_on(Fault::CoolDownTooShort)).days());
            first_after.map_or(Timestamp::MAX, |day| start_of(day, zone))
        }
    }
}

/// What the cool-down says, in a sentence.
pub(super) fn sentence(cooldown: &Cooldown, standing: Standing, moment: &Moment<'_>) -> String {
    let event = match cooldown.after {
        CooldownAfter::Refusal => "refusal",
        CooldownAfter::OptOut => "objection",
        CooldownAfter::Abandoned => "call that nobody spoke on",
        CooldownAfter::Conversation => "conversation",
        CooldownAfter::MachineHangUp => "call that was ended because a machine seemed to answer",
    };
    let length = cooldown.duration.map_or_else(|| "for ever".to_owned(), |period| format!("for {}", in_words(period)));
    let Some(at) = happened(cooldown, moment) else { return format!("there was no {event}") };
    let when = moment.shown(at);
    match standing {
        Standing::Clear => format!("the last {event} was at {when}; the pause {length} is over"),
        Standing::Wait(until) => {
            format!("the last {event} was at {when}; no call {length} after it, until {}", moment.shown(until))
        }
        Standing::Never => format!("there was a {event} at {when}; no call {length} after it"),
    }
}
