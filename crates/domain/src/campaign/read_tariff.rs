//! A file of `tariffs/` → [`Tariff`].

use jiff::civil::Date;
use toml::de::DeValue;

use super::read::{currency, label};
use super::{PRICES_NOT_NEGATIVE, VALIDITY_IN_ORDER};
use crate::definition::{FeatureValue, Features};
use crate::tariff::{Fee, Tariff};
use crate::toml_file::{CODES_UNIQUE, Document, Entry, Finding, NAMES_WELL_FORMED, Problem, Section, read_root};
use crate::{Currency, Money, ZoneName};

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
            features: root.get("features").and_then(|e| e.section(features)).unwrap_or_default(),
            regions: root.get("regions").map(|e| regions(&e)).unwrap_or_default(),
            valid_from,
            valid_until,
            time_zone: zone.unwrap_or_else(|| "UTC".parse().expect("every time-zone database has UTC")),
            campaigns: campaigns(root),
        }
    })
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

fn features(section: &Section<'_>) -> Features {
    let value = |entry: &Entry<'_>| match entry.raw() {
        DeValue::Boolean(has) => Some(FeatureValue::Has(*has)),
        DeValue::Integer(_) => entry.number(0..=i64::from(i32::MAX)).map(FeatureValue::Amount),
        _ => {
            entry.wrong_type("true for what is simply there, or a whole number of its unit");
            None
        }
    };
    section.all().into_iter().filter_map(|(code, entry)| Some((code, value(&entry)?))).collect()
}

fn regions(entry: &Entry<'_>) -> Vec<String> {
    let region = |entry: &Entry<'_>| {
        let text = entry.text()?;
        let well_formed =
            (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !well_formed {
            let right = "write a region's code or the first digits of postcodes, as in CA or 974";
            entry.wrong(NAMES_WELL_FORMED, format!("`regions` {text:?} is neither: {right}"));
        }
        well_formed.then(|| text.to_owned())
    };
    entry.list().iter().filter_map(region).collect()
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
