//! Permitted hours on the person's own clocks, with holidays and their eves.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::circumstances::ConsentClass;
use super::holidays::Holidays;
use super::moment::Moment;
use super::rule::{HolidayHours, Hours};
use super::standing::Standing;
use crate::Span;
use crate::calling_hours::{Opening, Window, opening};

/// An operator needs time to press call: hours that close sooner than this are closed. A call may still be handed out
/// exactly this long before they close.
pub const DIAL_SLACK: Span = Span::of_seconds(60);

/// How many days ahead a rule's next opening is looked for: longer than any row of holidays, even where one weekday only
/// is open. A rule that does not open within them never does.
const DAYS_AHEAD: i64 = 62;

/// How often an open window is followed into one that begins as it ends, as those of whole days do at midnight.
const WINDOWS_JOINED_MAX: usize = 2;

/// The window that closes first, and when.
pub(super) type Closing = (Timestamp, Window);

/// Whether a rule's hours are open in all of the person's zones, and the window that closes first when they are.
pub(super) fn standing(hours: &Hours, moment: &Moment<'_>) -> (Standing, Option<Closing>) {
    if is_waived(hours, moment) {
        return (Standing::Clear, None);
    }
    let mut standing = Standing::Clear;
    let mut closing: Option<Closing> = None;
    for zone in moment.zones {
        match at_least_slack(hours, moment.now, zone, &moment.set.holidays) {
            Opening::Open { window, until } => {
                closing = Some(closing.map_or((until, window), |earlier| earlier.min((until, window))));
            }
            Opening::Closed { opens_at } => {
                standing = standing.max(opens_at.map_or(Standing::Never, Standing::Wait));
            }
        }
    }
    (standing, closing.filter(|_| standing == Standing::Clear))
}

fn is_waived(hours: &Hours, moment: &Moment<'_>) -> bool {
    let consent = moment.person.consent;
    hours.waiver && consent.hours_waiver && consent.class >= ConsentClass::Given
}

/// The opening at an instant, closed where less than [`DIAL_SLACK`] of it is left.
fn at_least_slack(hours: &Hours, now: Timestamp, zone: &TimeZone, holidays: &Holidays) -> Opening {
    match at(hours, now, zone, holidays) {
        Opening::Open { until, .. } if until < DIAL_SLACK.after(now) => at(hours, until, zone, holidays),
        opening => opening,
    }
}

/// The opening at an instant. Windows that follow each other without a gap are one.
fn at(hours: &Hours, now: Timestamp, zone: &TimeZone, holidays: &Holidays) -> Opening {
    let of_day = |date: Date| windows(hours, date, holidays);
    let mut found = opening(now, zone, DAYS_AHEAD, of_day);
    for _ in 0..WINDOWS_JOINED_MAX {
        let Opening::Open { until, .. } = &mut found else { break };
        let Opening::Open { until: later, .. } = opening(*until, zone, 0, of_day) else { break };
        *until = later;
    }
    found
}

/// The windows of a local day.
fn windows<'h>(hours: &'h Hours, date: Date, holidays: &Holidays) -> Cow<'h, [Window]> {
    let of_weekday = hours.windows.of_day(date);
    if of_weekday.is_empty() || (hours.holiday == HolidayHours::Same && hours.eve_of_holiday.is_none()) {
        return Cow::Borrowed(of_weekday);
    }
    // A rule that looks at holidays names a calendar; where it does not, every day is one.
    let is_holiday = |day: Date| hours.holidays.as_deref().is_none_or(|code| holidays.calendar(code).holds(day));
    match &hours.holiday {
        HolidayHours::None if is_holiday(date) => return Cow::Borrowed(&[]),
        HolidayHours::Windows(allowed) if is_holiday(date) => return shared(of_weekday, allowed),
        _ => {}
    }
    match &hours.eve_of_holiday {
        Some(allowed) if date.tomorrow().map_or(true, is_holiday) => shared(of_weekday, allowed),
        _ => Cow::Borrowed(of_weekday),
    }
}

/// What both lists of windows leave open.
fn shared<'h>(of_weekday: &[Window], allowed: &[Window]) -> Cow<'h, [Window]> {
    let pairs = of_weekday.iter().flat_map(|window| allowed.iter().filter_map(|other| window.shared_with(*other)));
    Cow::Owned(pairs.collect())
}

/// What the hours say, in a sentence.
pub(super) fn sentence(hours: &Hours, standing: Standing, closing: Option<Closing>, moment: &Moment<'_>) -> String {
    if is_waived(hours, moment) {
        return "the person agreed to be called outside the permitted hours".to_owned();
    }
    let there = local_times(moment);
    match standing {
        Standing::Clear => match closing {
            Some((until, window)) => {
                format!("it is {there}; the hours are {window} and close at {}", moment.shown(until))
            }
            None => format!("it is {there}, within the hours"),
        },
        Standing::Wait(until) => {
            format!(
                "it is {there}, outside the hours or within {DIAL_SLACK} of their end; they open at {}",
                moment.shown(until)
            )
        }
        Standing::Never => format!("it is {there}, outside the hours, and they do not open within {DAYS_AHEAD} days"),
    }
}

/// The weekday and time of each zone.
fn local_times(moment: &Moment<'_>) -> String {
    let of = |zone: &TimeZone| {
        let time = zone.to_datetime(moment.now).strftime("%A %H:%M:%S");
        format!("{time} in {}", zone.iana_name().unwrap_or("the person's zone"))
    };
    moment.zones.iter().map(of).collect::<Vec<_>>().join(" and ")
}
