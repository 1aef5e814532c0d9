//! How long a client may withdraw from an order that was taken on the telephone: `rules/withdrawal.toml`.

use std::sync::LazyLock;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::Deserialize;

use super::OrderForm;
use crate::definition::WithdrawalTerms;

/// The shipped periods.
const SHIPPED: &str = include_str!("../../../../rules/withdrawal.toml");

static PERIODS: LazyLock<Vec<Period>> = LazyLock::new(|| {
    let file: File = toml::from_str(SHIPPED).expect("the shipped periods are read by a test");
    file.periods
});

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    periods: Vec<Period>,
}

/// How long a client may withdraw, and where that stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// ISO 3166-1 alpha-2 codes of the countries where it holds.
    pub countries: Vec<String>,
    /// Days after the day of the contract; 0 where there is no such right.
    pub days: u16,
    /// How they are counted.
    pub counted: Counted,
    /// Where it stands.
    pub source: String,
    /// Whether somebody has read it there.
    pub verified: bool,
}

/// How the days of a period are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Every day.
    Days,
    /// Every day; a period that would end on a Saturday or Sunday ends on the Monday after (Regulation 1182/71, art. 3(4)).
    DaysToAWorkingDay,
    /// Monday to Friday.
    WorkingDays,
}

/// The shipped period of a country, if one is known.
#[must_use]
pub fn of_country(country: &str) -> Option<&'static Period> {
    PERIODS.iter().find(|period| period.countries.iter().any(|code| code == country))
}

/// The instant from which a client may withdraw no more: the end of the last day where they are. None where they never may.
///
/// The campaign's own days count; without them those of the client's country, then those of the campaign's.
#[must_use]
pub fn until(
    terms: &WithdrawalTerms,
    countries: [Option<&str>; 2],
    placed_at: Timestamp,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let known = || countries.into_iter().flatten().find_map(of_country);
    let (days, counted) = match terms.days {
        Some(days) => (days, Counted::Days),
        None => known().map(|period| (period.days, period.counted))?,
    };
    if days == 0 {
        return None;
    }
    let last = last_day(zone.to_datetime(placed_at).date(), days, counted);
    let next = last.tomorrow().ok()?;
    next.to_zoned(zone.clone()).ok().map(|midnight| midnight.timestamp())
}

/// Whether the client asked on the form that the service begin before they may withdraw no more.
#[must_use]
pub fn begins_at_once(terms: &WithdrawalTerms, form: &OrderForm) -> bool {
    let asked = terms.begins_at_once.as_ref().and_then(|field| form.fields.get(field));
    asked.is_some_and(|answer| answer == "yes")
}

/// The last day of a period that begins on the day after the contract.
fn last_day(contract: Date, days: u16, counted: Counted) -> Date {
    let is_weekend = |day: &Date| matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    let mut last = contract;
    match counted {
        Counted::WorkingDays => {
            for _ in 0..days {
                last = last.saturating_add(1.day());
                while is_weekend(&last) && last < Date::MAX {
                    last = last.saturating_add(1.day());
                }
            }
        }
        Counted::Days | Counted::DaysToAWorkingDay => {
            last = last.saturating_add(i64::from(days).days());
            while counted == Counted::DaysToAWorkingDay && is_weekend(&last) && last < Date::MAX {
                last = last.saturating_add(1.day());
            }
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_shipped_periods_name_each_country_once() {
        let countries: Vec<&String> = PERIODS.iter().flat_map(|period| &period.countries).collect();
        assert_eq!(countries.iter().collect::<BTreeSet<_>>().len(), countries.len());
        assert!(countries.iter().all(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())));
        assert!(PERIODS.iter().all(|period| !period.source.trim().is_empty() && period.days <= 366));
        let days = |country| of_country(country).map(|period| period.days);
        assert_eq!((days("FR"), days("US"), days("XX")), (Some(14), Some(0), None));
    }

    #[test]
    fn a_period_ends_with_its_last_day_where_the_client_is() {
        let named = |name| TimeZone::get(name).expect("a zone");
        let own = |days| WithdrawalTerms { days: Some(days), ..WithdrawalTerms::default() };
        let law = WithdrawalTerms::default();
        for (terms, country, placed_at, zone, wanted) in [
            // Tuesday and 14 days: the end of Tuesday 8 December in Paris.
            (&law, "FR", "2026-11-24T10:00:00Z", "Europe/Paris", Some("2026-12-08T23:00:00Z")),
            // Late on Monday in UTC is Tuesday in Paris.
            (&law, "FR", "2026-11-23T23:30:00Z", "Europe/Paris", Some("2026-12-08T23:00:00Z")),
            // It would end on Saturday 12 December: Monday the 14th.
            (&law, "FR", "2026-11-28T10:00:00Z", "Europe/Paris", Some("2026-12-14T23:00:00Z")),
            // Ten business days from Tuesday.
            (&law, "AU", "2026-11-24T01:00:00Z", "Australia/Sydney", Some("2026-12-08T13:00:00Z")),
            (&law, "US", "2026-11-24T10:00:00Z", "America/Los_Angeles", None),
            (&law, "XX", "2026-11-24T10:00:00Z", "UTC", None),
            (&own(3), "US", "2026-11-24T10:00:00Z", "UTC", Some("2026-11-28T00:00:00Z")),
            (&own(0), "FR", "2026-11-24T10:00:00Z", "UTC", None),
        ] {
            let at = placed_at.parse().expect("an instant");
            let found = until(terms, [Some(country), None], at, &named(zone));
            assert_eq!(found.map(|until| until.to_string()).as_deref(), wanted, "{country} {placed_at}");
        }
        let at = "2026-11-24T10:00:00Z".parse().expect("an instant");
        assert!(until(&law, [None, Some("FR")], at, &TimeZone::UTC).is_some());
    }
}
