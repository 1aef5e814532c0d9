//! Permitted calling hours, in the called person's own time zone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// The permitted windows of each weekday; a day without any is closed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WeeklyHours(pub BTreeMap<Day, Vec<Window>>);

/// A day of the week as campaign files write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    /// The seven days from Monday.
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];

    /// The key in campaign files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][self as usize]
    }
}

impl From<Weekday> for Day {
    fn from(weekday: Weekday) -> Self {
        Self::ALL[weekday.to_monday_zero_offset() as usize]
    }
}

/// Half-open minutes of a local day, `from <= t < to`, written `09:00-20:00`; `24:00` is the day's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    from_minute: u16,
    to_minute: u16,
}

/// The text is not a window of the day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a window of the day: write start and end as in 09:00-20:00, the end later than the start")]
pub struct NotAWindow(String);

impl std::str::FromStr for Window {
    type Err = NotAWindow;

    fn from_str(text: &str) -> Result<Self, NotAWindow> {
        let minute = |part: &str| -> Option<u16> {
            let (hour, minute) = part.split_once(':')?;
            let two = |digits: &str| {
                (digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse::<u16>().ok())?
            };
            let (hour, minute) = (two(hour)?, two(minute)?);
            (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
        };
        text.split_once('-')
            .and_then(|(from, to)| Some(Self { from_minute: minute(from)?, to_minute: minute(to)? }))
            .filter(|window| window.from_minute < window.to_minute)
            .ok_or_else(|| NotAWindow(text.to_owned()))
    }
}

impl TryFrom<String> for Window {
    type Error = NotAWindow;

    fn try_from(text: String) -> Result<Self, NotAWindow> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (from, to) = (self.from_minute, self.to_minute);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl Window {
    /// Whether two windows of one day share a minute.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.from_minute < other.to_minute && other.from_minute < self.to_minute
    }

    /// The minutes that two windows of one day share, if any.
    #[must_use]
    pub fn shared_with(self, other: Self) -> Option<Self> {
        let from_minute = self.from_minute.max(other.from_minute);
        let to_minute = self.to_minute.min(other.to_minute);
        (from_minute < to_minute).then_some(Self { from_minute, to_minute })
    }

    /// The instants at which the window opens and closes on a local day. Around a change of daylight saving
    /// the window opens at the later and closes at the earlier of the readings that a bound has, so that none is broken.
    fn instants(self, date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let bound = |minute: u16| -> Option<jiff::tz::AmbiguousTimestamp> {
            let (date, minute) = if minute == 24 * 60 { (date.tomorrow().ok()?, 0) } else { (date, minute) };
            let time = Time::new((minute / 60) as i8, (minute % 60) as i8, 0, 0).ok()?;
            Some(zone.to_ambiguous_timestamp(date.to_datetime(time)))
        };
        let open = bound(self.from_minute)?.later().ok()?;
        let close = bound(self.to_minute)?.earlier().ok()?;
        (open < close).then_some((open, close))
    }
}

/// Whether calls are permitted at an instant, and when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Permitted in this window, until the instant at which it closes.
    Open {
        /// The window that permits it.
        window: Window,
        /// When it closes.
        until: Timestamp,
    },
    /// Not permitted before the next opening; `None` when no day of the week has hours.
    Closed {
        /// When it opens.
        opens_at: Option<Timestamp>,
    },
}

impl WeeklyHours {
    /// Open around the clock, every day.
    #[must_use]
    pub fn always() -> Self {
        let whole_day = Window { from_minute: 0, to_minute: 24 * 60 };
        Self(Day::ALL.into_iter().map(|day| (day, vec![whole_day])).collect())
    }

    /// The windows of a local day.
    #[must_use]
    pub fn of_day(&self, date: Date) -> &[Window] {
        self.0.get(&Day::from(date.weekday())).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a person in this zone may be called at `now`, and until or from when.
    #[must_use]
    pub fn at(&self, now: Timestamp, zone: &TimeZone) -> Opening {
        // Eight days ahead reach the same weekday again when today's windows are over.
        opening(now, zone, 8, |date| Cow::Borrowed(self.of_day(date)))
    }
}

/// Whether calls are permitted at `now` by windows that `of_day` gives for each local day, and until or from when. An
/// opening is looked for as many days ahead.
pub(crate) fn opening<'w>(
    now: Timestamp,
    zone: &TimeZone,
    days_ahead: i64,
    of_day: impl Fn(Date) -> Cow<'w, [Window]>,
) -> Opening {
    let today = zone.to_datetime(now).date();
    let mut next: Option<(i64, Timestamp)> = None;
    // From yesterday, because a window that ends at 24:00 may close in today's first instants where a zone jumps.
    for offset in -1..=days_ahead {
        // The day after the one that opens is looked at too, for the same reason.
        if next.is_some_and(|(day, _)| offset > day + 1) {
            break;
        }
        let Ok(date) = today.checked_add(offset.days()) else { continue };
        for window in of_day(date).iter() {
            let Some((open, close)) = window.instants(date, zone) else { continue };
            if open <= now && now < close {
                return Opening::Open { window: *window, until: close };
            }
            if open > now && next.is_none_or(|(_, earliest)| open < earliest) {
                next = Some((next.map_or(offset, |(day, _)| day), open));
            }
        }
    }
    Opening::Closed { opens_at: next.map(|(_, opens_at)| opens_at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weekdays(windows: &[&str]) -> WeeklyHours {
        let windows: Vec<Window> = windows.iter().map(|w| w.parse().expect("a window")).collect();
        WeeklyHours(Day::ALL.into_iter().take(5).map(|day| (day, windows.clone())).collect())
    }

    fn at(hours: &WeeklyHours, zone: &str, local: &str) -> Opening {
        let zone = TimeZone::get(zone).expect("a zone");
        let now = zone.to_timestamp(local.parse().expect("a local time")).expect("in range");
        hours.at(now, &zone)
    }

    fn opens(opening: Opening, zone: &str) -> String {
        let Opening::Closed { opens_at: Some(at) } = opening else { panic!("expected closed, got {opening:?}") };
        TimeZone::get(zone).expect("a zone").to_datetime(at).to_string()
    }

    #[test]
    fn windows_are_half_open_and_split_by_lunch() {
        let hours = weekdays(&["10:00-13:00", "14:00-20:00"]);
        assert!(matches!(at(&hours, "Europe/Paris", "2026-11-24T12:59:59"), Opening::Open { .. }));
        assert_eq!(opens(at(&hours, "Europe/Paris", "2026-11-24T13:00:00"), "Europe/Paris"), "2026-11-24T14:00:00");
        assert!(matches!(at(&hours, "Europe/Paris", "2026-11-24T14:00:00"), Opening::Open { .. }));
        assert_eq!(opens(at(&hours, "Europe/Paris", "2026-11-27T20:00:00"), "Europe/Paris"), "2026-11-30T10:00:00");
    }

    #[test]
    fn the_called_person_s_zone_counts() {
        let hours = weekdays(&["09:00-20:00"]);
        let noon_in_paris = "2026-11-24T11:00:00Z".parse().expect("an instant");
        let at = |zone| hours.at(noon_in_paris, &TimeZone::get(zone).expect("a zone"));
        assert!(matches!(at("Indian/Reunion"), Opening::Open { .. }));
        assert!(matches!(at("America/Los_Angeles"), Opening::Closed { .. }));
    }

    #[test]
    fn daylight_saving_opens_late_and_closes_early() {
        let zone = TimeZone::get("Europe/Paris").expect("a zone");
        let sunday =
            |windows: &str| WeeklyHours(BTreeMap::from([(Day::Sun, vec![windows.parse().expect("a window")])]));
        // 2026-03-29 has no 02:30: the window is not open before the gap.
        let gap = sunday("02:30-04:00");
        let before = "2026-03-29T00:59:59Z".parse().expect("an instant");
        assert!(matches!(gap.at(before, &zone), Opening::Closed { .. }));
        // 2026-10-25 has 02:30 twice: a window that ends then ends the first time.
        let fold = sunday("01:00-02:30");
        let between = "2026-10-25T00:45:00Z".parse().expect("an instant");
        assert!(matches!(fold.at(between, &zone), Opening::Closed { .. }));
    }

    #[test]
    fn always_is_always_and_never_is_never() {
        let now = "2026-11-24T03:00:00Z".parse().expect("an instant");
        assert!(matches!(WeeklyHours::always().at(now, &TimeZone::UTC), Opening::Open { .. }));
        assert_eq!(WeeklyHours::default().at(now, &TimeZone::UTC), Opening::Closed { opens_at: None });
    }

    #[test]
    fn refuses_what_is_not_a_window() {
        for wrong in
            ["", "9:00-20:00", "20:00-09:00", "09:00-09:00", "09:00", "09:60-10:00", "00:00-24:01", "+9:00-10:00"]
        {
            assert!(wrong.parse::<Window>().is_err(), "{wrong}");
        }
        assert_eq!("00:00-24:00".parse::<Window>().expect("a day").to_string(), "00:00-24:00");
    }
}
