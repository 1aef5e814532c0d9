//! Lengths of time as the pack writes them, in a subset of ISO 8601: `P30D`, `P1M`, `P2Y`, `PT72H`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Serialize, Serializer};

/// A length of time of one unit, never nothing and at most a hundred years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// Exact seconds; the pack writes whole hours.
    Seconds(u32),
    /// Days of the calendar.
    Days(u32),
    /// Months of the calendar; a year is twelve.
    Months(u32),
}

/// The text is not such a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a duration: write days, months, years or hours as in P30D, P1M, P2Y or PT72H, up to a hundred years"
)]
pub struct NotAPeriod(String);

impl Period {
    /// The first instant at which this long has passed since `start` for a person in `zone`. A day counts as the longer
    /// of 24 hours and the day of the calendar, so that daylight saving never shortens a period.
    #[must_use]
    pub fn after(self, start: Timestamp, zone: &TimeZone) -> Timestamp {
        let exact = |seconds: i64| start.checked_add(seconds.seconds()).unwrap_or(Timestamp::MAX);
        let on_calendar = |span: Span| {
            let local = start.to_zoned(zone.clone());
            local.checked_add(span).map_or(Timestamp::MAX, |end| end.timestamp())
        };
        match self {
            Self::Seconds(seconds) => exact(i64::from(seconds)),
            Self::Days(days) => exact(i64::from(days) * 86_400).max(on_calendar(i64::from(days).days())),
            Self::Months(months) => on_calendar(i64::from(months).months()),
        }
    }

    /// The day this long after a day; hours count as the days they begin.
    #[must_use]
    pub fn after_day(self, day: Date) -> Date {
        let span = match self {
            Self::Seconds(seconds) => i64::from(seconds.div_ceil(86_400)).days(),
            Self::Days(days) => i64::from(days).days(),
            Self::Months(months) => i64::from(months).months(),
        };
        day.checked_add(span).unwrap_or(Date::MAX)
    }

    /// A length of exact time that it never exceeds, whatever the calendar.
    #[must_use]
    pub fn longest(self) -> crate::Span {
        match self {
            Self::Seconds(seconds) => crate::Span::of_seconds(i64::from(seconds)),
            Self::Days(days) => crate::Span::days(i64::from(days) + 1),
            Self::Months(months) => crate::Span::days(i64::from(months) * 31 + 1),
        }
    }

    /// The period in words, as in `30 days`.
    #[must_use]
    pub fn in_words(self) -> String {
        in_words(self)
    }

    /// Whether it is whole days or longer units, which can be counted on the calendar.
    #[must_use]
    pub fn counts_days(self) -> bool {
        !matches!(self, Self::Seconds(_))
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, NotAPeriod> {
        let read = || {
            let body = text.strip_prefix('P')?;
            let number = |digits: &str, most: u32| -> Option<u32> {
                let all_digits = digits.bytes().all(|b| b.is_ascii_digit());
                digits.parse().ok().filter(|number| all_digits && (1..=most).contains(number))
            };
            if let Some(hours) = body.strip_prefix('T') {
                return Some(Self::Seconds(number(hours.strip_suffix('H')?, 100 * 366 * 24)? * 3_600));
            }
            match body.split_at_checked(body.len().checked_sub(1)?)? {
                (days, "D") => Some(Self::Days(number(days, 36_600)?)),
                (months, "M") => Some(Self::Months(number(months, 1_200)?)),
                (years, "Y") => Some(Self::Months(number(years, 100)? * 12)),
                _ => None,
            }
        };
        read().ok_or_else(|| NotAPeriod(text.to_owned()))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seconds(seconds) if seconds % 3_600 == 0 => write!(f, "PT{}H", seconds / 3_600),
            Self::Seconds(seconds) => write!(f, "PT{seconds}S"),
            Self::Days(days) => write!(f, "P{days}D"),
            Self::Months(months) if months % 12 == 0 => write!(f, "P{}Y", months / 12),
            Self::Months(months) => write!(f, "P{months}M"),
        }
    }
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The period in words, as in `30 days`.
pub(super) fn in_words(period: Period) -> String {
    let (number, unit) = match period {
        Period::Seconds(seconds) if seconds % 3_600 == 0 => (seconds / 3_600, "hour"),
        Period::Seconds(seconds) if seconds % 60 == 0 => (seconds / 60, "minute"),
        Period::Seconds(seconds) => (seconds, "second"),
        Period::Days(days) => (days, "day"),
        Period::Months(months) if months % 12 == 0 => (months / 12, "year"),
        Period::Months(months) => (months, "month"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for text in ["P30D", "P1M", "P2Y", "PT72H", "P1D"] {
            assert_eq!(text.parse::<Period>().expect(text).to_string(), text);
        }
        for wrong in
            ["", "P", "30D", "P0D", "P-1D", "P+1D", "P1W", "PT5M", "P1.5D", "P99999999999D", "P1Dé", "PTH", "Pé"]
        {
            assert!(wrong.parse::<Period>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn daylight_saving_never_shortens_a_day() {
        let paris = TimeZone::get("Europe/Paris").expect("a zone");
        for (start, end) in [
            ("2026-03-28T11:00:00Z", "2026-03-29T11:00:00Z"), // 23 hours on the calendar: 24 count
            ("2026-10-24T10:00:00Z", "2026-10-25T11:00:00Z"), // 25 hours on the calendar
        ] {
            let start = start.parse().expect("an instant");
            assert_eq!(Period::Days(1).after(start, &paris), end.parse().expect("an instant"));
        }
    }
}
