//! Values of flags that need more than one line to be read.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use relance_domain::definition::FeatureValue;
use relance_domain::{ListId, Span, written};
use relance_scheduler::WAIT_S_MAX;

use crate::secret::Secret;

/// A token.
pub(super) fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    text.parse()
}

/// A short name: of a campaign, tariff or user.
pub(super) fn name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("is empty: write a short name, as in bank-loan".to_owned()) } else { Ok(text.to_owned()) }
}

/// A day.
pub(super) fn day(text: &str) -> Result<Date, String> {
    written::parse_date(text)
}

/// An instant; a day alone is its beginning in UTC.
pub(super) fn instant(text: &str) -> Result<Timestamp, String> {
    // What is longer than a day and no instant is a time of day without a zone.
    let day = Some(text).filter(|text| text.len() == "2026-11-25".len()).and_then(|text| text.parse::<Date>().ok());
    match day.and_then(|day| day.to_zoned(TimeZone::UTC).ok()) {
        Some(beginning) => Ok(beginning.timestamp()),
        None => written::parse_instant(text),
    }
}

/// How long to wait for a lead, in seconds: `30s` or `1m`.
pub(super) fn wait_s(text: &str) -> Result<u32, String> {
    let seconds = text.parse::<Span>().ok().map(Span::seconds).and_then(|seconds| u32::try_from(seconds).ok());
    seconds
        .filter(|seconds| *seconds <= WAIT_S_MAX)
        .ok_or_else(|| format!("{text:?} is no time to wait: write seconds, as in 30s, and {WAIT_S_MAX}s at most"))
}

/// A column of a list and the field it feeds: `Numer=phone`. The column may hold an equals sign, a field cannot.
pub(super) fn mapped(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((column, field)) if !column.trim().is_empty() && !field.trim().is_empty() => {
            Ok((column.trim().to_owned(), field.trim().to_owned()))
        }
        _ => Err(format!("{text:?} is not a column with its field: write COLUMN=FIELD, as in 'Numer=phone'")),
    }
}

/// A list and its share of the queue: `1=70`.
pub(super) fn share(text: &str) -> Result<(ListId, u32), String> {
    let read = |(list, share): (&str, &str)| Some((ListId(list.trim().parse().ok()?), share.trim().parse().ok()?));
    text.split_once('=')
        .and_then(read)
        .ok_or_else(|| format!("{text:?} is not a list with its share: write LIST=SHARE, as in 1=70"))
}

/// A feature that is wanted: `tv`, `tv=false` or `speed_mbps=500`.
pub(super) fn wanted(text: &str) -> Result<(String, FeatureValue), String> {
    let (code, value) = text.split_once('=').unwrap_or((text, "true"));
    let value = match value {
        "true" | "yes" => FeatureValue::Has(true),
        "false" | "no" => FeatureValue::Has(false),
        amount => match amount.parse() {
            Ok(amount) => FeatureValue::Amount(amount),
            Err(_) => {
                return Err(format!(
                    "{amount:?} is no value of a feature: write a whole number, as in speed_mbps=500, or tv"
                ));
            }
        },
    };
    if code.is_empty() {
        Err("names no feature: write speed_mbps=500 or tv".to_owned())
    } else {
        Ok((code.to_owned(), value))
    }
}

/// A field of the order form: `name=value`.
pub(super) fn field(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        _ => Err(format!("{text:?} is not a field with its value: write name=value, as in street=\"1 Main Street\"")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_wanted_features() {
        assert_eq!(wanted("tv"), Ok(("tv".into(), FeatureValue::Has(true))));
        assert_eq!(wanted("tv=no"), Ok(("tv".into(), FeatureValue::Has(false))));
        assert_eq!(wanted("speed_mbps=500"), Ok(("speed_mbps".into(), FeatureValue::Amount(500))));
        assert!(wanted("speed=fast").is_err() && wanted("=1").is_err() && wanted("speed=1.5").is_err());
    }

    #[test]
    fn reads_how_long_to_wait() {
        assert_eq!((wait_s("30s"), wait_s("1m"), wait_s("0s")), (Ok(30), Ok(60), Ok(0)));
        assert!(wait_s("61s").is_err() && wait_s("30").is_err() && wait_s("-1s").is_err());
    }

    #[test]
    fn reads_instants_and_days() {
        let read = |text| instant(text).map(|instant| instant.to_string());
        assert_eq!(read("2026-11-25T09:00:00+01:00").as_deref(), Ok("2026-11-25T08:00:00Z"));
        assert_eq!(read("2026-11-25").as_deref(), Ok("2026-11-25T00:00:00Z"));
        for wrong in ["yesterday", "2026-11-31", "2026-11-25T08:00", "25.11.2026", "20261125", ""] {
            let told = format!("{wrong:?} is not an instant: write it as 2026-11-25T08:00:00Z");
            assert_eq!(read(wrong), Err(told));
        }
    }

    #[test]
    fn reads_shares() {
        assert_eq!(share("1=70"), Ok((ListId(1), 70)));
        assert!(share("1").is_err() && share("1=-3").is_err() && share("=1").is_err() && share("1=0.5").is_err());
    }

    #[test]
    fn reads_fields() {
        assert_eq!(field("street=1 Main St = B"), Ok(("street".into(), "1 Main St = B".into())));
        assert_eq!(field("iban="), Ok(("iban".into(), String::new())));
        assert!(field("street").is_err() && field("=x").is_err());
    }
}
