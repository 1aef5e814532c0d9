//! The form filled when a client accepts.

use std::collections::BTreeMap;

use crate::definition::{Definition, FieldKind, OrderField};
use crate::outcome::{FieldProblem, OrderReport};
use crate::{Currency, Money};

/// A complete form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderForm {
    /// The tariff's code. Its price is added when the order is stored.
    pub tariff: String,
    /// Every field that has a value, in canonical text.
    pub fields: BTreeMap<String, String>,
}

/// Checks a form: fields known, required ones there, each of its kind. A field that the operator left empty is filled
/// from the client where its declaration says so.
pub fn check(
    report: &OrderReport,
    definition: &Definition,
    client: &BTreeMap<String, String>,
) -> Result<OrderForm, Vec<FieldProblem>> {
    let declared = |name: &String| definition.order_form.iter().any(|field| field.name == *name);
    let mut problems: Vec<FieldProblem> = report
        .fields
        .keys()
        .filter(|name| !declared(name))
        .map(|name| {
            let known: Vec<_> = definition.order_form.iter().map(|field| field.name.as_str()).collect();
            FieldProblem::new(at(name), format!("is not on this campaign's order form: it has {}", known.join(", ")))
        })
        .collect();
    let mut fields = BTreeMap::new();
    for field in &definition.order_form {
        match value(field, report, client, definition.currency) {
            Ok(Some(text)) => {
                fields.insert(field.name.clone(), text);
            }
            Ok(None) if field.required => {
                problems
                    .push(FieldProblem::new(at(&field.name), format!("is missing: {} must be filled in", field.label)));
            }
            Ok(None) => {}
            Err(message) => problems.push(FieldProblem::new(at(&field.name), message)),
        }
    }
    if problems.is_empty() { Ok(OrderForm { tariff: report.tariff.clone(), fields }) } else { Err(problems) }
}

fn at(name: &str) -> String {
    format!("order.fields.{name}")
}

fn value(
    field: &OrderField,
    report: &OrderReport,
    client: &BTreeMap<String, String>,
    currency: Currency,
) -> Result<Option<String>, String> {
    let typed = report.fields.get(&field.name).map(String::as_str);
    let prefilled = || field.prefill.as_ref().and_then(|from| client.get(from)).map(String::as_str);
    match typed.filter(|text| !text.trim().is_empty()).or_else(prefilled) {
        Some(text) => canonical(&field.kind, text.trim(), currency).map(Some),
        None => Ok(None),
    }
}

/// The canonical text of a value of this kind, or what would be right.
pub fn canonical(kind: &FieldKind, text: &str, currency: Currency) -> Result<String, String> {
    match kind {
        FieldKind::Text if text.chars().count() <= 1_000 => Ok(text.to_owned()),
        FieldKind::Text => Err("is longer than 1,000 characters".to_owned()),
        FieldKind::Integer => text
            .parse::<i64>()
            .map(|n| n.to_string())
            .map_err(|_| "is not a whole number: write digits only".to_owned()),
        FieldKind::Money => Money::parse(text, currency).map(|money| money.amount()).map_err(|error| error.to_string()),
        FieldKind::Date => text
            .parse::<jiff::civil::Date>()
            .map(|date| date.to_string())
            .map_err(|_| "is not a date: write year, month and day, as in 2026-11-23".to_owned()),
        FieldKind::YesNo => match text.to_lowercase().as_str() {
            "yes" | "true" => Ok("yes".to_owned()),
            "no" | "false" => Ok("no".to_owned()),
            _ => Err("is neither yes nor no".to_owned()),
        },
        FieldKind::Choice(choices) => choices
            .iter()
            .find(|choice| choice.to_lowercase() == text.to_lowercase())
            .cloned()
            .ok_or_else(|| format!("is not one of the choices: use {}", choices.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_its_own() {
        let eur = "EUR".parse().expect("a currency");
        let choice = FieldKind::Choice(vec!["Car".into(), "House".into()]);
        for (kind, text, wanted) in [
            (&FieldKind::Integer, "42", Some("42")),
            (&FieldKind::Integer, "4.2", None),
            (&FieldKind::Money, "12,5", Some("12.50")),
            (&FieldKind::Date, "2026-11-23", Some("2026-11-23")),
            (&FieldKind::Date, "23/11/2026", None),
            (&FieldKind::YesNo, "Yes", Some("yes")),
            (&FieldKind::YesNo, "perhaps", None),
            (&choice, "car", Some("Car")),
            (&choice, "boat", None),
        ] {
            assert_eq!(canonical(kind, text, eur).ok().as_deref(), wanted, "{kind:?} {text}");
        }
    }
}
