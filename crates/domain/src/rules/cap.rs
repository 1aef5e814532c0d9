//! Most tries in a window of time.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::circumstances::Try;
use super::findings::CapUse;
use super::moment::{Moment, start_of};
use super::period::{Period, in_words};
use super::rule::Cap;
use super::standing::Standing;
use super::words::{Counts, Per, WindowType};
use crate::fault::{self, Fault};

/// Whether a cap has room, and how much of it is used. A full one has room again when its oldest tries leave its window.
pub(super) fn standing(cap: &Cap, moment: &Moment<'_>) -> (Standing, CapUse) {
    let leaves = |at: Timestamp| moment.latest(|zone| leaves(cap, at, zone));
    let counted = moment.person.tries.iter().filter(|one| counts(cap, one)).map(|one| leaves(one.at));
    let mut inside: Vec<Timestamp> = counted.filter(|until| *until > moment.now).collect();
    let used = CapUse { used: u32::try_from(inside.len()).unwrap_or(u32::MAX), max: cap.max };
    let standing = match inside.len().checked_sub(cap.max as usize + usize::from(fault::is_on(Fault::CapOffByOne))) {
        None => Standing::Clear,
        Some(excess) => {
            inside.sort_unstable();
            // A cap of nothing never has room.
            inside.get(excess).map_or(Standing::Never, |until| Standing::until(*until, moment.now))
        }
    };
    (standing, used)
}

fn counts(cap: &Cap, one: &Try) -> bool {
    let mine = match cap.per {
        Per::Seller => true,
        Per::Subject => one.same_subject,
        Per::Number => one.same_number,
    };
    let counted = match cap.counts {
        Counts::Attempts | Counts::Calls => true,
        Counts::Connected => one.connected != Some(false),
    };
    mine && counted
}

/// The first instant at which a try no longer counts.
fn leaves(cap: &Cap, at: Timestamp, zone: &TimeZone) -> Timestamp {
    let day = || zone.to_datetime(at).date();
    match (cap.window_type, cap.window) {
        (WindowType::CalendarDay, Period::Days(_)) => start_of(cap.window.after_day(day()), zone),
        (WindowType::CalendarMonth, Period::Months(months)) => {
            let next = day().first_of_month().checked_add(i64::from(months).months());
            next.map_or(Timestamp::MAX, |next| start_of(next, zone))
        }
        _ => cap.window.after(at, zone),
    }
}

/// What the cap says, in a sentence.
pub(super) fn sentence(cap: &Cap, standing: Standing, used: u32, moment: &Moment<'_>) -> String {
    let max = cap.max;
    let counted = match cap.counts {
        Counts::Attempts | Counts::Calls => "tries",
        Counts::Connected => "conversations",
    };
    let window = match cap.window_type {
        WindowType::Rolling => in_words(cap.window),
        WindowType::CalendarDay | WindowType::CalendarMonth => format!("{} of the calendar", in_words(cap.window)),
    };
    let shared = match cap.per {
        Per::Seller => "",
        Per::Subject => " on the subject",
        Per::Number => " to the number",
    };
    let room = match standing {
        Standing::Clear => String::new(),
        Standing::Wait(until) => format!("; there is room at {}", moment.shown(until)),
        Standing::Never => "; there is never room".to_owned(),
    };
    format!("{used} of {max} {counted}{shared} used within {window}{room}")
}
