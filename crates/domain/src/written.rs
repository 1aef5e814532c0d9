//! Dates and instants as people write them, and what they are told where they wrote something else.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de};

/// What is said of a text that is no date.
pub const NOT_A_DATE: &str = "is not a date: write it as 2026-12-31";
/// What is said of a text that is no instant.
pub const NOT_AN_INSTANT: &str = "is not an instant: write it as 2026-11-25T08:00:00Z";

/// A date, as in `2026-12-31`.
pub fn parse_date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text:?} {NOT_A_DATE}"))
}

/// An instant, as in `2026-11-25T08:00:00Z`.
pub fn parse_instant(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| format!("{text:?} {NOT_AN_INSTANT}"))
}

/// Reads a date of a request: for `#[serde(deserialize_with)]`.
pub fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    parse_date(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// Reads a date that may be left out.
pub fn date_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_date(&text)).transpose().map_err(de::Error::custom)
}

/// Reads an instant of a request: for `#[serde(deserialize_with)]`.
pub fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    parse_instant(&String::deserialize(deserializer)?).map_err(de::Error::custom)
}

/// Reads an instant that may be left out.
pub fn instant_if_any<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_instant(&text)).transpose().map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_otherwise_is_told_how_it_is_written() {
        assert_eq!(parse_date("2026-12-31").map(|date| date.to_string()), Ok("2026-12-31".to_owned()));
        let right = "\"31.12.2026\" is not a date: write it as 2026-12-31";
        assert_eq!(parse_date("31.12.2026"), Err(right.to_owned()));
        let instant = parse_instant("2026-11-25T09:00:00+01:00").map(|instant| instant.to_string());
        assert_eq!(instant, Ok("2026-11-25T08:00:00Z".to_owned()));
        let right = "\"yesterday\" is not an instant: write it as 2026-11-25T08:00:00Z";
        assert_eq!(parse_instant("yesterday"), Err(right.to_owned()));
    }
}
