//! Times of a question about the rules, as people write them.

use jiff::civil::DateTime;
use jiff::{Timestamp, Zoned};
use relance_domain::ZoneName;

/// The zones in which a time without one is read. All must read the same instant.
pub(super) struct Clocks<'z> {
    /// Where the person may live.
    pub(super) zones: &'z [ZoneName],
    /// The rules stop the call wherever the person lives, so that any clock will do.
    pub(super) any_will_do: bool,
}

impl Clocks<'_> {
    /// Reads an instant, a time with its zone, or a local time. What is wrong is told as the end of a sentence whose subject is
    /// the field.
    pub(super) fn read(&self, text: &str) -> Result<Timestamp, String> {
        let text = text.trim();
        let zoned = || text.parse::<Zoned>().ok().map(|zoned| zoned.timestamp());
        if let Some(instant) = text.parse().ok().or_else(zoned) {
            return Ok(instant);
        }
        // A date alone is not a time of day.
        match text.parse::<DateTime>() {
            Ok(local) if text.contains(':') => self.local(local),
            _ => Err(format!(
                "is {text:?}, which is not a time: write 2026-11-24T13:00 (the person's own time), \
                 2026-11-24T13:00+01:00 or 2026-11-24T13:00[Europe/Paris]"
            )),
        }
    }

    fn local(&self, local: DateTime) -> Result<Timestamp, String> {
        let read = |zone: &ZoneName| {
            let rules = zone.rules().map_err(|error| error.to_string())?;
            rules.to_timestamp(local).map_err(|_| format!("is {local}, which no clock in {zone} shows"))
        };
        let instants: Vec<Timestamp> = self.zones.iter().map(read).collect::<Result<_, _>>()?;
        match instants.split_first() {
            Some((first, others)) if self.any_will_do || others.iter().all(|other| other == first) => Ok(*first),
            None => jiff::tz::TimeZone::UTC.to_timestamp(local).map_err(|_| format!("is {local}, which is no time")),
            Some(_) => {
                let zones: Vec<&str> = self.zones.iter().map(ZoneName::as_str).collect();
                Err(format!(
                    "is {local} in which zone? The person may live in {}: name the time zone, or write the time with one, as in \
                     {local}[{}]",
                    zones.join(", "),
                    zones[0]
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, zones: &[&str], any_will_do: bool) -> Result<String, String> {
        let zones: Vec<ZoneName> = zones.iter().map(|name| name.parse().expect("a zone")).collect();
        Clocks { zones: &zones, any_will_do }.read(text).map(|at| at.to_string())
    }

    #[test]
    fn a_time_without_zone_is_the_persons() {
        let noon = Ok("2026-11-24T11:00:00Z".to_owned());
        for text in ["2026-11-24T12:00", "2026-11-24 12:00", "2026-11-24T11:00Z", "2026-11-24T15:00[Indian/Reunion]"] {
            assert_eq!(read(text, &["Europe/Paris"], false), noon, "{text}");
        }
        assert_eq!(read("2026-11-24T12:00", &["Europe/Paris", "Europe/Berlin"], false), noon);
        let error = read("2026-11-24T12:00", &["Europe/Madrid", "Atlantic/Canary"], false).expect_err("which zone?");
        assert!(error.contains("Atlantic/Canary") && error.contains("[Europe/Madrid]"), "{error}");
        assert_eq!(read("2026-11-24T12:00", &["Europe/Paris", "Atlantic/Canary"], true), noon);
        assert_eq!(read("2026-11-24T11:00", &[], false), noon);
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for wrong in ["", "2026-11-24", "13:00", "tomorrow", "2026-13-24T10:00"] {
            assert!(read(wrong, &["Europe/Paris"], false).is_err_and(|error| error.contains("not a time")), "{wrong}");
        }
    }
}
