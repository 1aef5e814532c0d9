//! A file of `tariffs/` → [`Tariff`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use toml::de::DeValue;

use super::read::{currency, label, span};
use super::read_queue::{MOST_PER_DAY, percent};
use super::{PRICES_NOT_NEGATIVE, VALIDITY_IN_ORDER};
use crate::definition::{FeatureValue, Features};
use crate::reopening::{HeldOutHow, HoldOut};
use crate::tariff::{ExchangeRate, Fee, Rate, Region, Tariff};
use crate::toml_file::{
    CODES_UNIQUE, Document, Entry, Finding, NAMES_WELL_FORMED, Problem, Section, country, read_root,
};
use crate::{Currency, Money, Span, ZoneName};

/// Reads a tariff file. Every problem is returned at once, each with its line.
///
/// Whether it suits a campaign (currency, features) is checked by [`super::check_folder`] or [`super::misfits`].
pub fn read_tariff(file: &str, text: &str) -> Result<Tariff, Vec<Problem>> {
    let document = Document::parse(file, text)?;
    let (tariff, findings) = tariff(&document);
    if findings.is_empty() { Ok(tariff) } else { Err(findings.into_iter().map(|f| f.problem).collect()) }
}

/// Reads a parsed tariff file as far as it can be read. With findings, it holds stand-ins and must not be used.
pub(super) fn tariff(document: &Document<'_>) -> (Tariff, Vec<Finding>) {
    read_root(document, |root| {
        let currency = currency(root);
        let (valid_from, valid_until) = validity(root);
        let (features, units) = root.get("features").and_then(|e| e.section(features)).unwrap_or_default();
        let zone = root.need("time_zone", r#"time_zone = "Europe/Paris""#).and_then(|e| e.parsed::<ZoneName>());
        Tariff {
            tariff: root.need("tariff", r#"tariff = "fibre-25""#).and_then(|e| e.short_name()).unwrap_or_default(),
            name: label(root, "name", r#"name = "Fibre 25""#),
            price: root
                .need("price", r#"price = "24.99""#)
                .and_then(|e| price(&e, currency))
                .unwrap_or(Money { minor: 0, currency }),
            per: label(root, "per", r#"per = "month""#),
            fees: fees(root, currency),
            commitment_months: root.get("commitment_months").and_then(|e| e.number(0..=1_200)).unwrap_or(0),
            services: root.get("services").map(|e| codes(&e)).unwrap_or_default(),
            features,
            units,
            rates: rates(root, currency),
            reopened_per_day: root.get("reopened_per_day").and_then(|e| e.number(1..=MOST_PER_DAY)),
            hold_out: root.get("hold_out").and_then(|e| e.section(hold_out)).flatten(),
            replaces: root.get("replaces").and_then(|e| e.short_name()),
            regions: root.get("regions").map(|e| regions(&e)).unwrap_or_default(),
            valid_from,
            valid_until,
            time_zone: zone.unwrap_or_else(|| "UTC".parse().expect("every time-zone database has UTC")),
            campaigns: campaigns(root),
        }
    })
}

fn hold_out(section: &Section<'_>) -> Option<HoldOut> {
    let share = section.need("share", r#"share = "10%""#).and_then(|e| percent(&e, 1..=50));
    let lasts = section.need("for", r#"for = "30d""#).and_then(|e| span(&e, 86_400, Span::days(366)));
    let words = HeldOutHow::ALL.map(|how| (how.as_str(), how));
    let how = section.need("how", r#"how = "uncalled""#).and_then(|e| e.word(&words));
    Some(HoldOut { percent: share?, how: how?, lasts: lasts? })
}

/// An amount of nothing or more.
pub(super) fn price(entry: &Entry<'_>, currency: Currency) -> Option<Money> {
    if matches!(entry.raw(), DeValue::Integer(_) | DeValue::Float(_)) {
        entry.wrong_type(r#"the amount in quotes, which keeps it exact, as in "24.99""#);
        return None;
    }
    let price = Money::parse(entry.text()?, currency).map_err(|error| entry.invalid(error)).ok()?;
    if price.minor < 0 {
        entry.wrong(PRICES_NOT_NEGATIVE, format!("{price} is less than nothing: write an amount of 0 or more"));
        return None;
    }
    Some(price)
}

fn fees(root: &Section<'_>, currency: Currency) -> Vec<Fee> {
    let fee = |section: &Section<'_>| {
        let name = label(section, "name", r#"name = "Installation""#);
        let amount = section.need("amount", r#"amount = "49.00""#).and_then(|e| price(&e, currency));
        Some(Fee { name, amount: amount? })
    };
    let entries = root.get("fees").map(|e| e.list()).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.section(fee)?).collect()
}

/// What it offers, and the units that stand behind amounts.
fn features(section: &Section<'_>) -> (Features, BTreeMap<String, String>) {
    let (mut features, mut units) = (Features::new(), BTreeMap::new());
    for (code, entry) in section.all() {
        let value = match entry.raw() {
            DeValue::Boolean(has) => Some(FeatureValue::Has(*has)),
            DeValue::Integer(_) => entry.number(0..=i64::from(i32::MAX)).map(FeatureValue::Amount),
            DeValue::Table(_) => entry.section(|section| amount_with_unit(section, &code, &mut units)).flatten(),
            _ => {
                entry.wrong_type(
                    "true for what is simply there, a whole number, or one with its unit as in { amount = 100, unit = \"GB\" }",
                );
                None
            }
        };
        features.extend(value.map(|value| (code, value)));
    }
    (features, units)
}

fn amount_with_unit(section: &Section<'_>, code: &str, units: &mut BTreeMap<String, String>) -> Option<FeatureValue> {
    let amount = section.need("amount", "amount = 100").and_then(|e| e.number(0..=i64::from(i32::MAX)));
    let unit = section.need("unit", r#"unit = "GB""#).and_then(|e| e.words(40));
    units.insert(code.to_owned(), unit?);
    amount.map(FeatureValue::Amount)
}

fn rates(root: &Section<'_>, from: Currency) -> Vec<Rate> {
    let rate = |section: &Section<'_>| {
        let to = section.need("to", r#"to = "EUR""#);
        let currency = to.as_ref().and_then(|e| e.parsed::<Currency>());
        let rate = section.need("rate", r#"rate = "0.92""#).and_then(|e| e.parsed::<ExchangeRate>());
        let on = section.need("on", "on = 2026-11-23").and_then(|e| e.date());
        if let (Some(entry), true) = (&to, currency == Some(from)) {
            entry.invalid(format!("the tariff is in {from} itself: a rate leads into another currency"));
        }
        Some(Rate { to: currency?, rate: rate?, on: on? })
    };
    let entries = root.get("rates").map(|e| e.list()).unwrap_or_default();
    let mut rates: Vec<Rate> = Vec::new();
    for entry in &entries {
        if let Some(rate) = entry.section(rate).flatten() {
            if rates.iter().any(|other| other.to == rate.to) {
                entry.wrong(CODES_UNIQUE, format!("`rates` has two rates into {}: keep the one that counts", rate.to));
            }
            rates.push(rate);
        }
    }
    rates
}

fn codes(entry: &Entry<'_>) -> Vec<String> {
    entry.list().iter().filter_map(Entry::code).collect()
}

fn regions(entry: &Entry<'_>) -> Vec<String> {
    entry.list().iter().filter_map(region).collect()
}

/// A place. Its country has to be one; what regions are called is for the lists to say.
fn region(entry: &Entry<'_>) -> Option<String> {
    let text = entry.text()?;
    let place = Region::parse(text);
    if let Some(unknown) = place.and_then(|place| place.country).filter(|code| !country::is_assigned(code)) {
        let right = "write the two capital letters of ISO 3166-1 before the colon, as in US:CA";
        entry.wrong(NAMES_WELL_FORMED, format!("`regions` {text:?}: {unknown:?} is not a country: {right}"));
        return None;
    }
    if place.is_none() {
        let right = "write a region as lists write it or the first digits of postcodes, as in CA or 974, with the country before it where \
            one is meant, as in US:CA, and a star behind a postcode that has letters, as in GB:SW1*";
        entry.wrong(NAMES_WELL_FORMED, format!("`regions` {text:?} is neither a region nor a postcode: {right}"));
        return None;
    }
    Some(text.to_owned())
}

fn campaigns(root: &Section<'_>) -> Vec<String> {
    let entry = root.need("campaigns", r#"campaigns = ["fibre-winback"]"#);
    let entries = entry.as_ref().map(Entry::list).unwrap_or_default();
    let mut campaigns: Vec<String> = Vec::new();
    for entry in &entries {
        match entry.short_name() {
            Some(name) if campaigns.contains(&name) => {
                entry.wrong(CODES_UNIQUE, format!("`campaigns` names {name:?} twice: once is enough"));
            }
            name => campaigns.extend(name),
        }
    }
    if let (Some(entry), true) = (entry, entries.is_empty()) {
        entry.invalid("names no campaign: a tariff belongs to at least one");
    }
    campaigns
}

fn validity(root: &Section<'_>) -> (Date, Option<Date>) {
    let from = root.need("valid_from", "valid_from = 2026-11-23").and_then(|e| e.date());
    let until_entry = root.get("valid_until");
    let until = until_entry.as_ref().and_then(|e| e.date());
    if let (Some(from), Some(until), Some(entry)) = (from, until, until_entry)
        && until < from
    {
        let message =
            format!("`valid_until` {until} is before `valid_from` {from}: the last day comes after the first");
        entry.wrong(VALIDITY_IN_ORDER, message);
    }
    (from.unwrap_or(Date::ZERO), until)
}
