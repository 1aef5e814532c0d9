//! The day of a visit, as it is typed.

use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use relance_domain::ZoneName;

/// The day of a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VisitDay {
    /// This one: `2026-11-28`.
    On(Date),
    /// So many days after the client's own today: `+3d`.
    In(u16),
}

impl FromStr for VisitDay {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let days = text.strip_prefix('+').and_then(|rest| rest.strip_suffix('d')).and_then(|days| days.parse().ok());
        let day = days.map(Self::In).or_else(|| text.parse().ok().map(Self::On));
        day.ok_or_else(|| format!("{text:?} is not a day: write 2026-11-28 or +3d"))
    }
}

impl VisitDay {
    /// The date, given the present instant and the client's zone where it is known.
    pub(crate) fn date(self, now: Timestamp, zone: Option<&ZoneName>) -> Date {
        match self {
            Self::On(date) => date,
            Self::In(days) => {
                let rules = zone.and_then(|zone| zone.rules().ok()).unwrap_or(TimeZone::UTC);
                rules.to_datetime(now).date().saturating_add(i64::from(days).days())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_days_where_the_client_is() {
        let now = "2026-11-24T03:00:00Z".parse().expect("an instant");
        let los_angeles = "America/Los_Angeles".parse().expect("a zone");
        for (text, zone, date) in
            [("2026-11-28", None, "2026-11-28"), ("+3d", None, "2026-11-27"), ("+3d", Some(&los_angeles), "2026-11-26")]
        {
            let day: VisitDay = text.parse().expect(text);
            assert_eq!(day.date(now, zone).to_string(), date, "{text}");
        }
        for wrong in ["", "tomorrow", "+3", "+3h", "+70000d", "28/11/2026"] {
            assert!(wrong.parse::<VisitDay>().is_err(), "{wrong}");
        }
    }
}
