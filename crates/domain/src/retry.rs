//! When somebody who was not reached is tried again: not at the hour at which nobody answered before.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::definition::Retry;

/// How far ahead a part of the week is looked for in which the person was tried least: every part comes within a week.
const LOOK_AHEAD_HOURS: i64 = 8 * 24;

/// A part of the week: a part of the day, on a working day or at the weekend. People who are out at one are often in at another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    weekend: bool,
    of_day: PartOfDay,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PartOfDay {
    /// Before noon.
    Morning,
    /// From noon to five.
    Afternoon,
    /// From five on.
    Evening,
}

impl Part {
    fn of(local: DateTime) -> Self {
        let of_day = match local.hour() {
            ..12 => PartOfDay::Morning,
            12..17 => PartOfDay::Afternoon,
            _ => PartOfDay::Evening,
        };
        Self { weekend: local.weekday().to_monday_zero_offset() >= 5, of_day }
    }
}

/// When to try again: after the delay; where the rule asks for another time, in the part of the week in which the person was tried
/// least, the next one of those. `tries` are the lead's earlier hand-outs, this one included; `open` tells whether calls are
/// permitted at an instant. Where nothing is open within a week the delay alone counts: the hand-out looks again.
pub fn at(
    now: Timestamp,
    retry: Retry,
    tries: &[Timestamp],
    zone: &TimeZone,
    open: impl Fn(Timestamp) -> bool,
) -> Timestamp {
    let earliest = retry.after.after(now);
    if !retry.other_time {
        return earliest;
    }
    let tried = |part: Part| tries.iter().filter(|at| Part::of(zone.to_datetime(**at)) == part).count();
    let whole_hours = (1..=LOOK_AHEAD_HOURS).filter_map(|hours| on_the_hour(earliest, hours, zone));
    let candidates = std::iter::once(earliest).chain(whole_hours).filter(|at| open(*at));
    // The first of the least tried: `min_by_key` keeps the earliest of equals.
    candidates.min_by_key(|at| tried(Part::of(zone.to_datetime(*at)))).unwrap_or(earliest)
}

/// The beginning of the hour that many hours after an instant, on the person's clock.
fn on_the_hour(from: Timestamp, hours: i64, zone: &TimeZone) -> Option<Timestamp> {
    let local = zone.to_datetime(from.checked_add(SignedDuration::from_hours(hours)).ok()?);
    let whole = local.date().at(local.hour(), 0, 0, 0);
    zone.to_timestamp(whole).ok().filter(|at| *at > from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Span;
    use crate::calling_hours::{Opening, WeeklyHours};

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").expect("a zone")
    }

    fn local(text: &str) -> Timestamp {
        text.parse::<DateTime>().expect(text).to_zoned(paris()).expect(text).timestamp()
    }

    fn hours(from_to: &str) -> impl Fn(Timestamp) -> bool {
        let hours: WeeklyHours = serde_json::from_value(serde_json::json!({
            "mon": [from_to], "tue": [from_to], "wed": [from_to], "thu": [from_to], "fri": [from_to], "sat": [from_to]
        }))
        .expect("hours");
        move |at| matches!(hours.at(at, &paris()), Opening::Open { .. })
    }

    fn retry(other_time: bool) -> Retry {
        Retry { after: Span::minutes(120), max: 9, other_time }
    }

    fn after(now: &str, tries: &[&str], other_time: bool) -> String {
        let tries: Vec<Timestamp> = tries.iter().map(|at| local(at)).collect();
        let at = at(local(now), retry(other_time), &tries, &paris(), hours("09:00-20:00"));
        paris().to_datetime(at).to_string()
    }

    #[test]
    fn each_try_comes_at_another_part_of_the_week() {
        let morning = "2026-11-24T10:00:00"; // a Tuesday
        assert_eq!(after(morning, &[morning], true), "2026-11-24T12:00:00");
        let tries = [morning, "2026-11-24T12:00:00"];
        assert_eq!(after(tries[1], &tries, true), "2026-11-24T17:00:00");
        let tries = [morning, tries[1], "2026-11-24T17:00:00"];
        assert_eq!(
            after(tries[2], &tries, true),
            "2026-11-28T09:00:00",
            "Saturday, when every part of a working day is used"
        );
    }

    #[test]
    fn the_delay_alone_counts_where_nothing_else_is_asked() {
        let morning = "2026-11-24T10:00:00";
        assert_eq!(after(morning, &[morning], false), "2026-11-24T12:00:00");
        assert_eq!(after("2026-11-24T19:00:00", &[morning], false), "2026-11-24T21:00:00");
    }

    #[test]
    fn nothing_open_leaves_the_delay() {
        let at = at(local("2026-11-24T10:00:00"), retry(true), &[], &paris(), |_| false);
        assert_eq!(at, local("2026-11-24T12:00:00"));
    }
}
