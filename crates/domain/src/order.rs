//! The form filled when a client accepts, and what must be agreed with it.

mod appointment;
mod checks;
mod correction;
mod message;
mod number;
pub mod state;
mod value;
pub mod withdrawal;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::ZoneName;
use crate::definition::{AccountFrom, Definition, Features, OnlyFor, OrderField, StandardField};
use crate::outcome::{FieldProblem, OrderReport};
use crate::tariff::Tariff;

pub use appointment::{Appointment, AppointmentReport};
pub(crate) use checks::comparable;
pub use correction::{Correction, FieldChange, correct};
pub use message::OrderMessage;
pub use number::{NotANumberForm, NumberForm};
pub use value::canonical;

/// A complete form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderForm {
    /// The tariff's code. Its price is added when the order is stored.
    pub tariff: String,
    /// Every field that has a value, in canonical text.
    pub fields: BTreeMap<String, String>,
    /// The visit that was agreed.
    pub appointment: Option<Appointment>,
    /// The codes of what the client was told, in the campaign's order.
    pub told: Vec<String>,
    /// The account number that was typed; a generated one is added when the order is stored.
    pub account: Option<String>,
}

/// What decides which parts the form has and what fills it.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The tariff's short name.
    pub tariff: &'a str,
    /// What the tariff offers.
    pub features: &'a Features,
    /// The client's standard fields and facts by name; they fill the fields that say so.
    pub client: &'a BTreeMap<String, String>,
    /// The day of the call where the client is.
    pub today: Date,
    /// The day from which the days to a visit are counted: that of the call, or of a correction.
    pub visits_from: Date,
}

impl<'a> Occasion<'a> {
    /// The occasion of a call.
    #[must_use]
    pub fn of_call(
        tariff: &'a Tariff,
        definition: &Definition,
        client: &'a BTreeMap<String, String>,
        at: Timestamp,
    ) -> Self {
        let today = local_day(at, client_zone(client), definition);
        Self { tariff: &tariff.tariff, features: &tariff.features, client, today, visits_from: today }
    }

    pub(super) fn has(&self, part: Option<&OnlyFor>) -> bool {
        part.is_none_or(|only_for| only_for.holds(self.tariff, self.features))
    }
}

/// The zone of a client, as their fields say it.
#[must_use]
pub fn client_zone(client: &BTreeMap<String, String>) -> Option<ZoneName> {
    client.get(StandardField::TimeZone.as_str())?.parse().ok()
}

/// The day of an instant where a client is; where nobody knows, in the campaign's own zone, or UTC.
#[must_use]
pub fn local_day(at: Timestamp, zone: Option<ZoneName>, definition: &Definition) -> Date {
    zone_rules(zone, definition).to_datetime(at).date()
}

/// The rules of a client's zone; where nobody knows it, of the campaign's, or UTC.
#[must_use]
pub fn zone_rules(zone: Option<ZoneName>, definition: &Definition) -> TimeZone {
    let zone = zone.or_else(|| definition.calling.default_time_zone.clone());
    zone.and_then(|zone| zone.rules().ok()).unwrap_or(TimeZone::UTC)
}

/// Checks a form: fields known, required ones there, each of its kind and fitting the others; the visit, what was told and the
/// account as the campaign wants them. A field that the operator left empty is filled from the client where its declaration says so.
pub fn check(
    report: &OrderReport,
    definition: &Definition,
    occasion: Occasion<'_>,
) -> Result<OrderForm, Vec<FieldProblem>> {
    check_around(report, definition, occasion, |problems| {
        appointment::check(report.appointment.as_ref(), definition, occasion, problems)
    })
}

/// Checks a form around a visit that comes from elsewhere.
fn check_around(
    report: &OrderReport,
    definition: &Definition,
    occasion: Occasion<'_>,
    visit: impl FnOnce(&mut Vec<FieldProblem>) -> Option<Appointment>,
) -> Result<OrderForm, Vec<FieldProblem>> {
    let mut problems = unknown_fields(report.fields.keys(), definition);
    let fields = fields(report, definition, occasion, &mut problems);
    let faulty: BTreeSet<&str> = problems.iter().filter_map(|p| p.field.strip_prefix("order.fields.")).collect();
    let broken = checks::broken(&fields, &faulty, definition, occasion);
    problems.extend(broken);
    let appointment = visit(&mut problems);
    let told = told(report, definition, occasion, &mut problems);
    let account = account(report, definition, &mut problems);
    if problems.is_empty() {
        Ok(OrderForm { tariff: report.tariff.clone(), fields, appointment, told, account })
    } else {
        Err(problems)
    }
}

/// Checks a form that is not complete yet: what is there must have a place and a size, and nothing must be there.
pub fn check_draft(report: &OrderReport, definition: &Definition) -> Result<(), Vec<FieldProblem>> {
    let mut problems = unknown_fields(report.fields.keys(), definition);
    problems.extend(unknown_told(report, definition));
    let appointment = report.appointment.as_ref();
    let texts = [("order.tariff", Some(&report.tariff)), ("order.account", report.account.as_ref())];
    let of_visit = appointment.map(|visit| [("order.appointment.window", &visit.window)]).into_iter().flatten();
    let of_money =
        appointment.and_then(|visit| visit.amount_due.as_ref()).map(|due| ("order.appointment.amount_due", due));
    let fields = report.fields.iter().map(|(name, text)| (at(name), text));
    let named = texts.into_iter().filter_map(|(place, text)| Some((place, text?))).chain(of_visit).chain(of_money);
    let all = fields.chain(named.map(|(place, text)| (place.to_owned(), text)));
    let too_long = all.filter(|(_, text)| text.chars().count() > value::TEXT_MAX);
    problems.extend(too_long.map(|(place, _)| FieldProblem::new(place, "is longer than 1,000 characters")));
    let lists = [
        ("order.told", report.told.len()),
        ("order.appointment.materials", appointment.map_or(0, |v| v.materials.len())),
    ];
    let too_many = lists.into_iter().filter(|(_, length)| *length > LIST_MAX);
    problems.extend(too_many.map(|(place, _)| FieldProblem::new(place, "has more than 100 items")));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The most items of a list in a draft.
const LIST_MAX: usize = 100;

fn unknown_fields<'a>(names: impl Iterator<Item = &'a String>, definition: &Definition) -> Vec<FieldProblem> {
    let known: Vec<&str> = definition.order_form.iter().map(|field| field.name.as_str()).collect();
    let unknown = names.filter(|name| !known.contains(&name.as_str()));
    let message = format!("is not on this campaign's order form: it has {}", known.join(", "));
    unknown.map(|name| FieldProblem::new(at(name), message.clone())).collect()
}

fn unknown_told(report: &OrderReport, definition: &Definition) -> Vec<FieldProblem> {
    let known: Vec<&str> = definition.order.told.iter().map(|item| item.code.as_str()).collect();
    let right = if known.is_empty() { "it has none".to_owned() } else { format!("use {}", known.join(", ")) };
    let unknown = report.told.iter().filter(|code| !known.contains(&code.as_str()));
    let message = |code: &String| format!("{code:?} is not among what this campaign tells clients: {right}");
    unknown.map(|code| FieldProblem::new("order.told", message(code))).collect()
}

fn at(name: &str) -> String {
    format!("order.fields.{name}")
}

fn fields(
    report: &OrderReport,
    definition: &Definition,
    occasion: Occasion<'_>,
    problems: &mut Vec<FieldProblem>,
) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    for field in &definition.order_form {
        let typed = report.fields.get(&field.name).map(|text| text.trim()).filter(|text| !text.is_empty());
        if !occasion.has(field.only_for.as_ref()) {
            if typed.is_some() {
                let message = format!("is not asked with tariff {:?}: leave it out", occasion.tariff);
                problems.push(FieldProblem::new(at(&field.name), message));
            }
            continue;
        }
        match typed.or_else(|| prefilled(field, occasion.client)) {
            Some(text) => match canonical(&field.kind, text, definition.currency) {
                Ok(value) => drop(fields.insert(field.name.clone(), value)),
                Err(message) => problems.push(FieldProblem::new(at(&field.name), message)),
            },
            None if field.required => {
                let message = format!("is missing: {} must be filled in", field.label);
                problems.push(FieldProblem::new(at(&field.name), message));
            }
            None => {}
        }
    }
    fields
}

/// What fills a field when nothing is typed.
#[must_use]
pub fn prefilled<'c>(field: &OrderField, client: &'c BTreeMap<String, String>) -> Option<&'c str> {
    let value = client.get(field.prefill.as_ref()?)?.trim();
    (!value.is_empty()).then_some(value)
}

/// What the client was told; every item that this tariff asks for must be confirmed.
fn told(
    report: &OrderReport,
    definition: &Definition,
    occasion: Occasion<'_>,
    problems: &mut Vec<FieldProblem>,
) -> Vec<String> {
    let items = &definition.order.told;
    problems.extend(unknown_told(report, definition));
    let asked: Vec<_> = items.iter().filter(|item| occasion.has(item.only_for.as_ref())).collect();
    for item in asked.iter().filter(|item| !report.told.contains(&item.code)) {
        let message = format!("lacks {}: confirm that the client was told: {}", item.code, item.label);
        problems.push(FieldProblem::new("order.told", message));
    }
    asked.into_iter().filter(|item| report.told.contains(&item.code)).map(|item| item.code.clone()).collect()
}

fn account(report: &OrderReport, definition: &Definition, problems: &mut Vec<FieldProblem>) -> Option<String> {
    let typed = report.account.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let mut wrong = |message: String| {
        problems.push(FieldProblem::new("order.account", message));
        None
    };
    match (definition.order.account.as_ref().map(|account| (account, &account.from)), typed) {
        (Some((_, AccountFrom::Entered(forms))), Some(text)) => value::identity(forms, text).map_or_else(wrong, Some),
        (Some((account, AccountFrom::Entered(_))), None) => {
            wrong(format!("is missing: {} must be filled in", account.label))
        }
        (Some((_, AccountFrom::Generated(_))), Some(_)) => {
            wrong("is counted up when the order is placed: leave it out".to_owned())
        }
        (None, Some(_)) => wrong("does not belong here: this campaign's orders have no account".to_owned()),
        (Some((_, AccountFrom::Generated(_))) | None, None) => None,
    }
}

#[cfg(test)]
mod tests;
