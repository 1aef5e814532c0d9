//! Lists that a campaign pulls by itself: what is declared, and which people of the client base a filter chooses.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::definition::{Definition, StandardField};
use crate::list::{ListSource, Provenance};
use crate::{Span, order};

/// A list that a campaign pulls by itself, from the client base or from another database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pull {
    /// Short name, unique in its campaign.
    pub name: String,
    /// Where its people come from.
    pub from: PullFrom,
    /// How often it is pulled; only on request without it.
    pub every: Option<Span>,
    /// Where the list is said to come from.
    pub source: ListSource,
    /// Who sold it. Required for a purchased list.
    pub vendor: Option<String>,
    /// Why its people may be called, in words. Required for a purchased list.
    pub consent_basis: Option<String>,
}

/// Where a pull's people come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullFrom {
    /// The client base itself: whoever fits all of these.
    Clients(Vec<Condition>),
    /// A query of another database.
    Database {
        /// The name that the settings give the connection.
        database: String,
        /// One statement that only reads; its columns are those of a list.
        query: String,
    },
}

impl PullFrom {
    /// The word in campaign files and answers.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Clients(_) => "clients",
            Self::Database { .. } => "database",
        }
    }
}

/// Something that must hold of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// A field of theirs passes every one of these tests.
    Field {
        /// A standard field, or a fact of any campaign of the same seller.
        field: String,
        /// The tests; at least one.
        tests: Vec<Test>,
    },
    /// They refused the seller for this reason.
    Refused {
        /// The reason's code.
        reason: String,
        /// Only in the campaign of this short name.
        campaign: Option<String>,
        /// Only on a day later than this, in the person's own zone.
        after: Option<Date>,
        /// Only on a day earlier than this, in the person's own zone.
        before: Option<Date>,
    },
}

/// What a field's value is held against. A field that is not known of a person passes only [`Test::IsNot`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// The same text, whatever its case; or the same number.
    Is(String),
    /// Anything else, and nothing too.
    IsNot(String),
    /// One of these.
    OneOf(Vec<String>),
    /// A larger number, or a later day.
    Over(String),
    /// A smaller number, or an earlier day.
    Under(String),
}

/// What is known of a person of the client base.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// Standard fields and facts, by name; of several values of a fact, the newest.
    pub fields: BTreeMap<String, String>,
    /// Every refusal of theirs.
    pub refusals: Vec<PastRefusal>,
}

/// A refusal of a person of the client base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRefusal {
    /// Short name of the campaign.
    pub campaign: String,
    /// The reason's code.
    pub reason: String,
    /// The day, in the person's own zone.
    pub on: Date,
}

impl Pull {
    /// What a list of this pull is, under a name.
    #[must_use]
    pub fn provenance(&self, name: String) -> Provenance {
        Provenance {
            source: self.source,
            vendor: self.vendor.clone(),
            consent_basis: self.consent_basis.clone(),
            ..Provenance::existing(&name)
        }
    }
}

/// Whether every condition holds of a person. Without conditions everybody is meant.
#[must_use]
pub fn chosen(conditions: &[Condition], person: &Person) -> bool {
    conditions.iter().all(|condition| holds(condition, person))
}

fn holds(condition: &Condition, person: &Person) -> bool {
    match condition {
        Condition::Field { field, tests } => {
            let value = person.fields.get(field).map(|value| value.trim()).filter(|value| !value.is_empty());
            tests.iter().all(|test| passes(test, value))
        }
        Condition::Refused { reason, campaign, after, before } => person.refusals.iter().any(|refusal| {
            refusal.reason == *reason
                && campaign.as_ref().is_none_or(|campaign| refusal.campaign == *campaign)
                && after.is_none_or(|day| refusal.on > day)
                && before.is_none_or(|day| refusal.on < day)
        }),
    }
}

fn passes(test: &Test, value: Option<&str>) -> bool {
    let Some(value) = value else { return matches!(test, Test::IsNot(_)) };
    match test {
        Test::Is(wanted) => same(value, wanted),
        Test::IsNot(unwanted) => !same(value, unwanted),
        Test::OneOf(wanted) => wanted.iter().any(|wanted| same(value, wanted)),
        Test::Over(bound) => compare(value, bound) == Some(Ordering::Greater),
        Test::Under(bound) => compare(value, bound) == Some(Ordering::Less),
    }
}

fn same(value: &str, other: &str) -> bool {
    compare(value, other) == Some(Ordering::Equal) || value.to_lowercase() == other.trim().to_lowercase()
}

/// Compares two days or two numbers; anything else has no order.
fn compare(value: &str, bound: &str) -> Option<Ordering> {
    match (day(value), day(bound), number(value), number(bound)) {
        (Some(value), Some(bound), ..) => Some(value.cmp(&bound)),
        (.., Some(value), Some(bound)) => Some(value.cmp(&bound)),
        _ => None,
    }
}

/// A day, written `2026-11-23`.
pub(crate) fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() == "2026-11-23".len() { text.parse().ok() } else { None }
}

/// Digits behind the point that numbers are compared by.
const FRACTION_DIGITS: usize = 9;
/// Digits before it: with those behind it, they fit.
const WHOLE_DIGITS: usize = 20;

/// A number in billionths: exact, as amounts must be.
pub(crate) fn number(text: &str) -> Option<i128> {
    let text = text.trim();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) || whole.len() > WHOLE_DIGITS || fraction.len() > FRACTION_DIGITS {
        return None;
    }
    let billionths: i128 = format!("{whole}{fraction:0<FRACTION_DIGITS$}").parse().ok()?;
    Some(if negative { -billionths } else { billionths })
}

/// The fields that a list pulled from the client base has, in the order of its columns.
#[must_use]
pub fn columns(definition: &Definition) -> Vec<&str> {
    let standard = StandardField::ALL.into_iter().map(|field| -> &str { field.as_str() });
    standard.chain(definition.client_fields.iter().map(|field| field.name.as_str())).collect()
}

/// What a campaign takes of a value that another one noted: the value as this one writes it, or nothing where it does not fit.
#[must_use]
pub fn taken(definition: &Definition, field: &str, value: &str) -> Option<String> {
    match definition.client_fields.iter().find(|own| own.name == field) {
        Some(own) => order::canonical(&own.kind, value, definition.currency).ok(),
        None => Some(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(fields: &[(&str, &str)]) -> Person {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Person { fields, refusals: Vec::new() }
    }

    #[test]
    fn every_test_of_a_field() {
        let text = |text: &str| text.to_owned();
        let someone =
            person(&[("status", "Left"), ("bill", "80.50"), ("since", "2024-02-29"), ("note", ""), ("n", "-3")]);
        for (field, test, wanted) in [
            ("status", Test::Is(text("left")), true),
            ("status", Test::Is(text("lef")), false),
            ("status", Test::IsNot(text("left")), false),
            ("status", Test::IsNot(text("active")), true),
            ("status", Test::OneOf(vec![text("active"), text("left")]), true),
            ("status", Test::OneOf(vec![text("active")]), false),
            ("status", Test::Over(text("80")), false),
            ("bill", Test::Is(text("80.5")), true),
            ("bill", Test::Over(text("80")), true),
            ("bill", Test::Over(text("80.50")), false),
            ("bill", Test::Under(text("80.51")), true),
            ("bill", Test::Under(text("9")), false),
            ("bill", Test::Under(text("2026-01-01")), false),
            ("n", Test::Under(text("0")), true),
            ("n", Test::Under(text("-3")), false),
            ("since", Test::Over(text("2024-02-28")), true),
            ("since", Test::Under(text("2024-02-29")), false),
            ("since", Test::Under(text("2024-03-01")), true),
            ("note", Test::Is(text("")), false),
            ("note", Test::IsNot(text("x")), true),
            ("unknown", Test::IsNot(text("x")), true),
            ("unknown", Test::Is(text("x")), false),
            ("unknown", Test::Under(text("1")), false),
        ] {
            let condition = Condition::Field { field: field.to_owned(), tests: vec![test.clone()] };
            assert_eq!(chosen(&[condition], &someone), wanted, "{field} {test:?}");
        }
        let between = vec![Test::Over(text("80")), Test::Under(text("81"))];
        assert!(chosen(&[Condition::Field { field: text("bill"), tests: between }], &someone));
        assert!(chosen(&[], &someone), "without conditions everybody is meant");
    }

    #[test]
    fn a_refusal_is_found_by_reason_campaign_and_day() {
        let refusal = |campaign: &str, reason: &str, on: &str| PastRefusal {
            campaign: campaign.into(),
            reason: reason.into(),
            on: on.parse().expect("a day"),
        };
        let someone = Person {
            refusals: vec![refusal("fibre", "price", "2026-05-31"), refusal("loan", "trust", "2026-07-01")],
            ..Person::default()
        };
        for (reason, campaign, after, before, wanted) in [
            ("price", None, None, None, true),
            ("mood", None, None, None, false),
            ("price", Some("fibre"), None, None, true),
            ("price", Some("loan"), None, None, false),
            ("price", None, None, Some("2026-06-01"), true),
            ("price", None, None, Some("2026-05-31"), false),
            ("price", None, Some("2026-05-31"), None, false),
            ("price", None, Some("2026-05-30"), Some("2026-06-01"), true),
            ("trust", None, None, Some("2026-06-01"), false),
        ] {
            let day = |text: Option<&str>| text.map(|text| text.parse().expect("a day"));
            let condition = Condition::Refused {
                reason: reason.into(),
                campaign: campaign.map(str::to_owned),
                after: day(after),
                before: day(before),
            };
            assert_eq!(chosen(&[condition], &someone), wanted, "{reason} {campaign:?} {after:?} {before:?}");
        }
    }

    #[test]
    fn numbers_are_exact() {
        for (text, wanted) in [
            ("80", Some(80_000_000_000)),
            ("-0.05", Some(-50_000_000)),
            (" 7.10 ", Some(7_100_000_000)),
            ("8.", None),
            (".5", None),
            ("1,5", None),
            ("1e3", None),
            ("", None),
            ("123456789012345678901", None),
        ] {
            assert_eq!(number(text), wanted, "{text}");
        }
        assert_eq!(day("2026-11-23T00:00:00"), None);
    }
}
