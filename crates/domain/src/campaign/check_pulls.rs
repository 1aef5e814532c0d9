//! Checks of the lists that a campaign pulls by itself.

use super::check::Subject;
use crate::definition::{Definition, FieldKind, StandardField};
use crate::pull::{Condition, PullFrom, Test, day, number};
use crate::toml_file::{Problem, perhaps};

/// Every list that is pulled declares its origin as a loaded one does.
pub(super) fn pulls_declared(subject: &Subject<'_>) -> Vec<Problem> {
    let fault = |(at, pull): (usize, &crate::pull::Pull)| {
        let undeclared = pull.provenance(pull.name.clone()).check().err()?;
        Some(subject.at(&format!("pulls.{at}.source"), undeclared.to_string()))
    };
    subject.definition.pulls.iter().enumerate().filter_map(fault).collect()
}

/// What people are chosen by can hold of somebody.
pub(super) fn pull_conditions_fit(subject: &Subject<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, pull) in subject.definition.pulls.iter().enumerate() {
        let PullFrom::Clients(conditions) = &pull.from else { continue };
        for (index, condition) in conditions.iter().enumerate() {
            let fault = match condition {
                Condition::Field { field, tests } => field_fault(field, tests, subject.definition),
                Condition::Refused { campaign, after, before, reason } => {
                    let here = campaign.as_ref() == Some(&subject.definition.campaign);
                    let never = matches!((after, before), (Some(after), Some(before)) if after >= before);
                    if here {
                        Some(
                            "whoever refused in this campaign is a lead of it already: name another campaign"
                                .to_owned(),
                        )
                    } else if never {
                        Some(format!(
                            "nobody refused over {reason} both after and before: the first day comes after the last"
                        ))
                    } else {
                        None
                    }
                }
            };
            problems.extend(fault.map(|message| subject.at(&format!("pulls.{at}.where.{index}"), message)));
        }
    }
    problems
}

/// A field that this campaign does not declare may be one of another campaign of the seller: only the pull itself can tell.
fn field_fault(field: &str, tests: &[Test], definition: &Definition) -> Option<String> {
    if field == StandardField::Phone.as_str() {
        return Some("people are not chosen by their number: a campaign file holds nobody's number".to_owned());
    }
    let standard = StandardField::ALL.iter().any(|standard| standard.as_str() == field);
    let own = definition.client_fields.iter().find(|own| own.name == field).map(|own| &own.kind);
    let kind = if standard { Some(&FieldKind::Text) } else { own };
    tests.iter().find_map(|test| match test {
        Test::Is(value) | Test::IsNot(value) => value_fault(field, value, kind),
        Test::OneOf(values) => values.iter().find_map(|value| value_fault(field, value, kind)),
        Test::Over(bound) | Test::Under(bound) => bound_fault(field, bound, kind),
    })
}

fn value_fault(field: &str, value: &str, kind: Option<&FieldKind>) -> Option<String> {
    match kind? {
        FieldKind::Text | FieldKind::Phone | FieldKind::Email | FieldKind::Identity(_) => None,
        FieldKind::Integer | FieldKind::Money if number(value).is_some() => None,
        FieldKind::Date if day(value).is_some() => None,
        FieldKind::YesNo if matches!(value, "yes" | "no") => None,
        FieldKind::Integer | FieldKind::Money => {
            Some(format!("{field:?} holds a number, which {value:?} is not: {NUMBER}"))
        }
        FieldKind::Date => Some(format!("{field:?} holds a day, which {value:?} is not: {DAY}")),
        FieldKind::YesNo => Some(format!("{field:?} is yes or no, and never {value:?}")),
        FieldKind::Choice(choices) => {
            let known: Vec<&str> = choices.iter().map(String::as_str).collect();
            let found = known.iter().any(|choice| choice.to_lowercase() == value.to_lowercase());
            (!found).then(|| {
                format!("{field:?} is never {value:?}{}: its choices are {}", perhaps(value, &known), known.join(", "))
            })
        }
    }
}

/// How numbers are written.
const NUMBER: &str = "write it with a point, as in \"80.50\"";
/// How days are written.
const DAY: &str = "write year, month and day, as in 2026-11-23";

fn bound_fault(field: &str, bound: &str, kind: Option<&FieldKind>) -> Option<String> {
    let (is_number, is_day) = (number(bound).is_some(), day(bound).is_some());
    match kind {
        Some(FieldKind::Integer | FieldKind::Money) => {
            (!is_number).then(|| format!("{field:?} holds a number, which {bound:?} is not: {NUMBER}"))
        }
        Some(FieldKind::Date) => (!is_day).then(|| format!("{field:?} holds a day, which {bound:?} is not: {DAY}")),
        Some(_) => {
            Some(format!("{field:?} has no order: over and under are for numbers, amounts and days; use is or one_of"))
        }
        None => (!is_number && !is_day).then(|| format!("{bound:?} is neither a number nor a day: {NUMBER}, or {DAY}")),
    }
}
