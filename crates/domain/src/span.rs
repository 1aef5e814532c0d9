//! Lengths of time as campaign files write them: `90s`, `15m`, `2h`, `30d`.

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// A length of time in whole seconds, of at most ten years. A day is 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(i64);

/// Why a text is not a length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a length of time: write a whole number and s, m, h or d (at most ten years), as in 2h or 30d")]
pub struct NotASpan(String);

const UNITS: [(&str, i64); 4] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)];
const LONGEST_S: i64 = 3_660 * 86_400;

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// This many seconds.
    #[must_use]
    pub const fn of_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    /// A span of whole minutes.
    #[must_use]
    pub const fn minutes(minutes: i64) -> Self {
        Self(minutes * 60)
    }

    /// A span of 24-hour days.
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self(days * 86_400)
    }

    /// The length in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0
    }

    /// The instant this long after `start`. Instants out of the calendar's range stop at its end.
    #[must_use]
    pub fn after(self, start: Timestamp) -> Timestamp {
        start.checked_add(SignedDuration::from_secs(self.0)).unwrap_or(Timestamp::MAX)
    }

    /// The instant this long before `end`.
    #[must_use]
    pub fn before(self, end: Timestamp) -> Timestamp {
        end.checked_sub(SignedDuration::from_secs(self.0)).unwrap_or(Timestamp::MIN)
    }
}

/// The instant that a stored millisecond is, if it is one. The end of time, until which whoever waits for something else than time
/// waits, is stored as its last millisecond, and jiff (0.2) reads none that is later than its last whole second.
#[must_use]
pub fn instant_of(ms: i64) -> Option<Timestamp> {
    if ms >= Timestamp::MAX.as_millisecond() { Some(Timestamp::MAX) } else { Timestamp::from_millisecond(ms).ok() }
}

impl FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        UNITS
            .iter()
            .find_map(|(unit, seconds)| {
                let number = text.trim().strip_suffix(unit)?.trim().parse::<u32>().ok()?;
                Some(i64::from(number) * seconds).filter(|total| *total <= LONGEST_S).map(Self)
            })
            .ok_or_else(|| NotASpan(text.to_owned()))
    }
}

impl TryFrom<String> for Span {
    type Error = NotASpan;

    fn try_from(text: String) -> Result<Self, NotASpan> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, seconds) = UNITS.iter().find(|(_, s)| self.0 % s == 0 && self.0 >= *s).unwrap_or(&("s", 1));
        write!(f, "{}{unit}", self.0 / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_prints() {
        for (text, seconds, shown) in
            [("90s", 90, "90s"), ("120m", 7200, "2h"), ("0d", 0, "0s"), ("30d", 2_592_000, "30d")]
        {
            let span: Span = text.parse().expect(text);
            assert_eq!((span.seconds(), span.to_string().as_str()), (seconds, shown));
        }
        for wrong in ["", "d", "3", "-2h", "1.5h", "2 weeks", "99999d"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
