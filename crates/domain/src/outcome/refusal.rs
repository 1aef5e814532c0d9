//! A refusal as it is reported and as it is kept.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{FieldProblem, unknown};
use crate::Money;
use crate::definition::{Definition, Detail, FeatureKind, FeatureValue, Features, RefusalReason};

/// Characters of a competitor's name, at most.
const LONGEST_COMPETITOR: usize = 200;
/// Years around the call in which a contract may end.
const CONTRACT_YEARS: i64 = 20;

/// Why the client refused and what would change it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefusalReport {
    /// A refusal reason of the campaign.
    #[schema(example = "price")]
    pub reason: String,
    /// The most the client would pay, in the campaign's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "30.00")]
    pub price_ceiling: Option<String>,
    /// The longest commitment the client would take, in months; 0 is none at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_months: Option<u32>,
    /// What the client would want: `{"speed_mbps": 500, "tv": true}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(inline)]
    pub wanted_features: Features,
    /// The postcode at which the client would take it, where that is not their address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<String>,
    /// Who they stay with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competitor: Option<String>,
    /// What they pay there, in the campaign's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "27.90")]
    pub competitor_price: Option<String>,
    /// When their present contract ends.
    #[serde(default, deserialize_with = "crate::written::date_if_any", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub contract_end: Option<Date>,
    /// The day from which they want to be called again.
    #[serde(default, deserialize_with = "crate::written::date_if_any", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub call_after: Option<Date>,
    /// The tariff that was offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tariff_offered: Option<String>,
}

/// Why a client refused, in the campaign's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The reason's code.
    pub reason: String,
    /// The most the client would pay.
    pub price_ceiling: Option<Money>,
    /// The longest commitment the client would take, in months.
    pub max_months: Option<u32>,
    /// What the client would want.
    pub wanted_features: Features,
    /// The unit of each amount among them on the day of the refusal.
    pub units: BTreeMap<String, String>,
    /// The postcode at which the client would take it, where that is not their address.
    pub coverage: Option<String>,
    /// Who they stay with.
    pub competitor: Option<String>,
    /// What they pay there.
    pub competitor_price: Option<Money>,
    /// When their present contract ends.
    pub contract_end: Option<Date>,
    /// The day from which they want to be called again.
    pub call_after: Option<Date>,
    /// The tariff that was offered.
    pub tariff_offered: Option<String>,
}

/// The refusal of a report, or everything that is wrong with it. `note` is the report's; `days` are those on which the call can have
/// been, where the client is.
pub(super) fn check(
    report: &RefusalReport,
    note: Option<&str>,
    definition: &Definition,
    days: &RangeInclusive<Date>,
) -> Result<Refusal, Vec<FieldProblem>> {
    let Some(reason) = definition.reason(&report.reason) else {
        let known = definition.reasons.iter().map(|r| r.code.as_str());
        return Err(vec![FieldProblem::new("refusal.reason", unknown("a refusal reason", &report.reason, known))]);
    };
    let mut problems = missing(report, note, reason);
    let mut amount = |field: &str, text: Option<&str>| {
        let read = text.map(|text| Money::parse(text, definition.currency)).transpose();
        let read = read.map_err(|error| error.to_string()).and_then(|read| match read {
            Some(amount) if amount.minor <= 0 => Err("must be more than nothing".to_owned()),
            read => Ok(read),
        });
        read.unwrap_or_else(|message| {
            problems.push(FieldProblem::new(field, message));
            None
        })
    };
    let price_ceiling = amount("refusal.price_ceiling", report.price_ceiling.as_deref());
    let competitor_price = amount("refusal.competitor_price", report.competitor_price.as_deref());
    problems.extend(feature_problems("refusal.wanted_features", &report.wanted_features, definition));
    problems.extend(ahead(report.call_after, days));
    problems.extend(mistyped_end(report.contract_end, days));
    if report.max_months.is_some_and(|months| months > 1_200) {
        problems.push(FieldProblem::new("refusal.max_months", "is more than a hundred years: write months"));
    }
    let coverage = report.coverage.as_deref().map(str::trim).filter(|postcode| !postcode.is_empty());
    if coverage.is_some_and(|postcode| postcode.chars().count() > 20) {
        problems.push(FieldProblem::new("refusal.coverage", "is longer than 20 characters: write the postcode only"));
    }
    let competitor = report.competitor.as_deref().map(str::trim).filter(|name| !name.is_empty());
    if competitor.is_some_and(|name| name.chars().count() > LONGEST_COMPETITOR) {
        let message =
            format!("is longer than {LONGEST_COMPETITOR} characters: write the name only, and the rest as the note");
        problems.push(FieldProblem::new("refusal.competitor", message));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Refusal {
        reason: reason.code.clone(),
        price_ceiling,
        max_months: report.max_months,
        wanted_features: report.wanted_features.clone(),
        units: units_of(&report.wanted_features, definition),
        coverage: coverage.map(str::to_owned),
        competitor: competitor.map(str::to_owned),
        competitor_price,
        contract_end: report.contract_end,
        call_after: report.call_after,
        tariff_offered: report.tariff_offered.clone(),
    })
}

/// The details that the reason requires and the report lacks.
fn missing(report: &RefusalReport, note: Option<&str>, reason: &RefusalReason) -> Vec<FieldProblem> {
    let says = |text: Option<&str>| text.is_some_and(|text| !text.trim().is_empty());
    let is_given = |detail: Detail| match detail {
        Detail::PriceCeiling => report.price_ceiling.is_some(),
        Detail::MaxMonths => report.max_months.is_some(),
        Detail::WantedFeatures => !report.wanted_features.is_empty(),
        Detail::Coverage => says(report.coverage.as_deref()),
        Detail::Competitor => says(report.competitor.as_deref()),
        Detail::CompetitorPrice => report.competitor_price.is_some(),
        Detail::ContractEnd => report.contract_end.is_some(),
        Detail::CallAfter => report.call_after.is_some(),
        Detail::TariffOffered => says(report.tariff_offered.as_deref()),
        Detail::Note => says(note),
    };
    let required = reason.asks.iter().filter(|detail| reason.requires(**detail));
    let lacking = required.filter(|detail| !is_given(**detail));
    lacking
        .map(|detail| {
            let field =
                if *detail == Detail::Note { "note".to_owned() } else { format!("refusal.{}", detail.as_str()) };
            FieldProblem::new(field, format!("is missing: the reason {:?} asks for it", reason.code))
        })
        .collect()
}

/// The units in which the campaign counts these features today.
pub(crate) fn units_of(features: &Features, definition: &Definition) -> BTreeMap<String, String> {
    let unit = |code: &String| match &definition.feature(code)?.kind {
        FeatureKind::AtLeast(unit) => Some((code.clone(), unit.clone())),
        FeatureKind::Has => None,
    };
    features.keys().filter_map(unit).collect()
}

/// Features that the campaign does not declare, or whose value is of the wrong kind.
fn feature_problems(field: &str, features: &Features, definition: &Definition) -> Vec<FieldProblem> {
    features
        .iter()
        .filter_map(|(code, value)| {
            let message = match (definition.feature(code).map(|feature| &feature.kind), value) {
                (None, _) => unknown("a feature", code, definition.features.iter().map(|f| f.code.as_str())),
                (Some(FeatureKind::Has), FeatureValue::Amount(_)) => "is there or not: write true".to_owned(),
                (Some(FeatureKind::Has), FeatureValue::Has(false)) => {
                    "is not wanted: leave it out; what a client wants is written as true".to_owned()
                }
                (Some(FeatureKind::AtLeast(unit)), FeatureValue::Has(_)) => {
                    format!("is an amount: write a number of {unit}")
                }
                (Some(FeatureKind::AtLeast(_)), FeatureValue::Amount(amount)) if *amount < 0 => {
                    "must not be negative".to_owned()
                }
                _ => return None,
            };
            Some(FieldProblem::new(format!("{field}.{code}"), message))
        })
        .collect()
}

/// The end of a contract that no contract has: a year that was mistyped.
fn mistyped_end(day: Option<Date>, called_on: &RangeInclusive<Date>) -> Option<FieldProblem> {
    let first = called_on.end().checked_sub(CONTRACT_YEARS.years()).unwrap_or(Date::MIN);
    let last = called_on.end().checked_add(CONTRACT_YEARS.years()).unwrap_or(Date::MAX);
    let day = day.filter(|day| !(first..=last).contains(day))?;
    let message = format!("is {day}: write a day from {first} to {last}");
    Some(FieldProblem::new("refusal.contract_end", message))
}

/// A day that is not ahead of the call, or so far ahead that it was mistyped.
fn ahead(day: Option<Date>, called_on: &RangeInclusive<Date>) -> Option<FieldProblem> {
    let (first, last) = (called_on.start(), called_on.end().checked_add(5.years()).unwrap_or(Date::MAX));
    let message = match day? {
        day if day <= *first => {
            format!("is not ahead: the call was on {first}; write the day from which to call again")
        }
        day if day > last => format!("is too far ahead: write a day until {last}"),
        _ => return None,
    };
    Some(FieldProblem::new("refusal.call_after", message))
}
