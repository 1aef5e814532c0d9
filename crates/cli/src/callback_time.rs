//! When a call was promised for, as it is typed; other times are typed alike.

use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::{Timestamp, Zoned};
use relance_domain::{Span, ZoneName};

/// When a call was promised for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallbackTime {
    /// At this instant: `2026-11-24T15:00:00+01:00` or `2026-11-24T15:00[Europe/Paris]`.
    At(Timestamp),
    /// This long from now: `+2h`.
    In(Span),
    /// At this time of the client's own day: `2026-11-24 15:00`.
    Local(DateTime),
}

impl FromStr for CallbackTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(span) = text.strip_prefix('+') {
            return span.parse().map(Self::In).map_err(|error: relance_domain::span::NotASpan| error.to_string());
        }
        let zoned = || text.parse::<Zoned>().ok().map(|zoned| zoned.timestamp());
        if let Some(instant) = text.parse().ok().or_else(zoned) {
            return Ok(Self::At(instant));
        }
        // A date alone is not a time at which somebody waits for a call.
        match text.parse::<DateTime>() {
            Ok(local) if text.contains(':') => Ok(Self::Local(local)),
            _ => Err(format!("{text:?} is not a time: write \"2026-11-24 15:00\", 2026-11-24T15:00:00+01:00 or +2h")),
        }
    }
}

impl CallbackTime {
    /// The instant, given the present one and the client's zone where it is known.
    pub(crate) fn instant(self, now: Timestamp, zone: Option<&ZoneName>) -> Result<Timestamp, String> {
        match (self, zone) {
            (Self::At(instant), _) => Ok(instant),
            (Self::In(span), _) => Ok(span.after(now)),
            (Self::Local(local), Some(zone)) => {
                let rules = zone.rules().map_err(|error| error.to_string())?;
                rules.to_timestamp(local).map_err(|_| format!("there is no {local} in {zone}"))
            }
            (Self::Local(local), None) => {
                Err(format!("{local} has no zone, and none is known here: write it as in {local}[Europe/Paris]"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str, zone: Option<&str>) -> Result<String, String> {
        let now: Timestamp = "2026-11-23T20:00:00Z".parse().expect("an instant");
        let zone = zone.map(|name| name.parse::<ZoneName>().expect("a zone"));
        text.parse::<CallbackTime>()?.instant(now, zone.as_ref()).map(|at| at.to_string())
    }

    #[test]
    fn reads_every_way_of_writing_it() {
        for (text, at) in [
            ("2026-11-24T15:00:00+01:00", "2026-11-24T14:00:00Z"),
            ("2026-11-24 15:00:00Z", "2026-11-24T15:00:00Z"),
            ("2026-11-24T15:00[America/New_York]", "2026-11-24T20:00:00Z"),
            ("2026-11-24 15:00", "2026-11-24T14:00:00Z"),
            ("2026-07-24T15:00", "2026-07-24T13:00:00Z"),
            ("+2h", "2026-11-23T22:00:00Z"),
            (" +1d ", "2026-11-24T20:00:00Z"),
        ] {
            assert_eq!(instant(text, Some("Europe/Paris")).as_deref(), Ok(at), "{text}");
        }
    }

    #[test]
    fn refuses_what_could_mean_several_things() {
        for wrong in ["", "tomorrow", "2026-11-24", "15:00", "+2", "+1h30m", "2026-13-01 10:00", "24/11/2026 15:00"] {
            let error = instant(wrong, Some("Europe/Paris")).expect_err(wrong);
            assert!(error.contains("2h"), "{wrong}: {error}");
        }
        let error = instant("2026-11-24 15:00", None).expect_err("no zone");
        assert!(error.contains("[Europe/Paris]"), "{error}");
    }
}
