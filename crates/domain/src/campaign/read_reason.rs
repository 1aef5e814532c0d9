//! `[[reasons]]` of a campaign file → [`RefusalReason`].

use super::read::{label, span};
use crate::definition::{CountsAs, Detail, RefusalReason, ReopenCondition};
use crate::toml_file::{Entry, Section};
use crate::{Currency, Money, Span};

/// Reads one reason. Amounts are in the campaign's currency.
pub(super) fn reason(section: &Section<'_>, code: String, currency: Currency) -> Option<RefusalReason> {
    let label = label(section, "label", r#"label = "Too expensive""#);
    let words = Detail::ALL.map(|detail| (detail.as_str(), detail));
    let details = |entry: &Entry<'_>| -> Vec<Detail> { entry.list().iter().filter_map(|e| e.word(&words)).collect() };
    let asks = section.get("asks").map(|e| details(&e)).unwrap_or_default();
    let required = section.get("required");
    let optional = match required.as_ref().map(details) {
        Some(required) => asks.iter().copied().filter(|detail| !required.contains(detail)).collect(),
        None => Vec::new(),
    };
    if let Some(entry) = &required {
        let missing = details(entry).into_iter().find(|detail| !asks.contains(detail));
        if let Some(detail) = missing {
            let detail = detail.as_str();
            entry.invalid(format!("{detail} is not among the reason's asks: add \"{detail}\" to them"));
        }
    }
    let words = [CountsAs::Refusal, CountsAs::Objection, CountsAs::Neither].map(|counts| (counts.as_str(), counts));
    let counts_as = section.get("counts_as").and_then(|e| e.word(&words));
    let reopened_by = section.get("reopened_by").map(|e| alternatives(&e, currency)).unwrap_or_default();
    Some(RefusalReason { code, label, asks, optional, counts_as, reopened_by })
}

/// A list of conditions that must all hold, or a list of such lists of which one must.
fn alternatives(entry: &Entry<'_>, currency: Currency) -> Vec<Vec<ReopenCondition>> {
    let all_of = |entries: &[Entry<'_>]| entries.iter().filter_map(|e| condition(e, currency)).collect();
    let entries = entry.list();
    match entries.first() {
        None => Vec::new(),
        Some(first) if first.raw().is_array() => entries.iter().map(|e| all_of(&e.list())).collect(),
        Some(_) => vec![all_of(&entries)],
    }
}

/// Conditions with a value, each with an example of how it is written.
const WITH_A_VALUE: [(&str, &str); 5] = [
    ("contract_ends_within", r#"{ contract_ends_within = "30d" }"#),
    ("below_offered_by_percent", "{ below_offered_by_percent = 10 }"),
    ("below_offered_by", r#"{ below_offered_by = "5.00" }"#),
    ("days_since", "{ days_since = 90 }"),
    ("reopenings_a_year", "{ reopenings_a_year = 2 }"),
];

fn condition(entry: &Entry<'_>, currency: Currency) -> Option<ReopenCondition> {
    if entry.raw().is_table() {
        return entry.section(|section| with_a_value(section, entry, currency)).flatten();
    }
    let example = WITH_A_VALUE.iter().find(|(word, _)| entry.raw().as_str() == Some(word));
    if let Some((_, example)) = example {
        entry.invalid(format!("needs a value: write {example}"));
        return None;
    }
    use ReopenCondition as C;
    let plain = [
        C::PriceWithinCeiling,
        C::PriceBelowOffered,
        C::BelowCompetitor,
        C::CommitmentShortEnough,
        C::HasWantedFeatures,
        C::CoversAddress,
        C::DateHasCome,
    ];
    entry.word(&plain.map(|condition| (condition.as_str(), condition)))
}

fn with_a_value(section: &Section<'_>, whole: &Entry<'_>, currency: Currency) -> Option<ReopenCondition> {
    use ReopenCondition as C;
    let within = section.get("contract_ends_within");
    let percent = section.get("below_offered_by_percent");
    let amount = section.get("below_offered_by");
    let since = section.get("days_since");
    let yearly = section.get("reopenings_a_year");
    let given = [&within, &percent, &amount, &since, &yearly].iter().filter(|entry| entry.is_some()).count();
    if given != 1 {
        let examples = WITH_A_VALUE.map(|(_, example)| example);
        whole.invalid(format!("holds {given} conditions: write each by itself, as in {}", examples.join(" or ")));
        return None;
    }
    within
        .and_then(|e| span(&e, 0, Span::days(3_660)))
        .map(C::ContractEndsWithin)
        .or_else(|| percent.and_then(|e| e.number(1..=100)).map(C::BelowOfferedByPercent))
        .or_else(|| amount.and_then(|e| more_than_nothing(&e, currency)).map(C::BelowOfferedBy))
        .or_else(|| since.and_then(|e| e.number(1..=3_660)).map(C::DaysSince))
        .or_else(|| yearly.and_then(|e| e.number(1..=365)).map(C::ReopeningsAYear))
}

fn more_than_nothing(entry: &Entry<'_>, currency: Currency) -> Option<i64> {
    let amount = Money::parse(entry.text()?, currency).map_err(|error| entry.invalid(error)).ok()?;
    if amount.minor <= 0 {
        entry.invalid(format!("{amount} is not more than nothing: write by how much the tariff must be cheaper"));
        return None;
    }
    Some(amount.minor)
}
