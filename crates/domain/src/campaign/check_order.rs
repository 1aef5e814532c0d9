//! Checks of what a campaign says of its orders.

use super::check::Subject;
use super::check_campaign::kind_in_words;
use super::read_order::TODAY;
use crate::definition::{CheckRule, Definition, FeatureKind, FieldKind, OnlyFor, Operand, OrderCheck, OrderField};
use crate::order::withdrawal::of_country;
use crate::order::{canonical, comparable};
use crate::toml_file::{Problem, perhaps};

/// Checks between fields of the form are over fields that exist and can be compared.
pub(super) fn checks_fit(subject: &Subject<'_>) -> Vec<Problem> {
    let definition = subject.definition;
    let mut problems: Vec<Problem> = Vec::new();
    for (at, check) in definition.order.checks.iter().enumerate() {
        let fault = check_fault(check, definition);
        problems.extend(fault.map(|(key, message)| subject.at(&format!("order.checks.{at}.{key}"), message)));
    }
    let named_today = definition.order_form.iter().position(|field| field.name == TODAY);
    problems.extend(named_today.map(|at| {
        let message = "`today` means the day of the call in checks: give the field another name";
        subject.at(&format!("order_form.{at}.name"), message.to_owned())
    }));
    problems
}

/// The key at fault, and why.
fn check_fault(check: &OrderCheck, definition: &Definition) -> Option<(&'static str, String)> {
    let field = match field(&check.field, definition) {
        Ok(field) => field,
        Err(message) => return Some(("field", message)),
    };
    let key = check.rule.as_str();
    if let CheckRule::RequiredWhen { field: other, is } = &check.rule {
        let other = match self::field(other, definition) {
            Ok(other) => other,
            Err(message) => return Some((key, message)),
        };
        let always =
            field.required.then(|| format!("`{}` is required always: take `required` or the check out", field.name));
        let itself = (other.name == field.name).then(|| format!("`{}` is compared with itself", field.name));
        let never = is.as_ref().and_then(|is| value_fault(other, is, definition));
        return always.or(itself).or(never).map(|message| (key, message));
    }
    let ordered = !matches!(check.rule, CheckRule::Equals(_) | CheckRule::DiffersFrom(_));
    let has_order = matches!(field.kind, FieldKind::Integer | FieldKind::Money | FieldKind::Date);
    if ordered && !has_order {
        let what = kind_in_words(&field.kind);
        let right = "use equals, differs_from or required_when";
        return Some((key, format!("`{}` holds {what}, which is neither more nor less: {right}", field.name)));
    }
    if matches!(check.rule, CheckRule::Before(_) | CheckRule::After(_)) && field.kind != FieldKind::Date {
        let what = kind_in_words(&field.kind);
        return Some((key, format!("`{}` holds {what}, which is no date: use at_least or at_most", field.name)));
    }
    let message = match check.rule.operand()? {
        Operand::Field(other) => match self::field(other, definition) {
            Err(message) => Some(message),
            Ok(other) if other.name == field.name => Some(format!("`{}` is compared with itself", field.name)),
            Ok(other) if comparable(&other.kind) != comparable(&field.kind) => {
                let (ours, theirs) = (comparable(&field.kind), comparable(&other.kind));
                Some(format!("`{}` is {ours} and `{}` {theirs}: they cannot be compared", field.name, other.name))
            }
            Ok(_) => None,
        },
        Operand::Value(value) => value_fault(field, value, definition),
        Operand::Today { .. } => (field.kind != FieldKind::Date)
            .then(|| format!("`{}` holds {}, which is no date", field.name, kind_in_words(&field.kind))),
    };
    message.map(|message| (key, message))
}

fn field<'d>(name: &str, definition: &'d Definition) -> Result<&'d OrderField, String> {
    let found = definition.order_form.iter().find(|field| field.name == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = definition.order_form.iter().map(|field| field.name.as_str()).collect();
        let near = perhaps(name, &known);
        format!("{name:?} is no field of the order form{near}: the fields are {}", known.join(", "))
    })
}

fn value_fault(field: &OrderField, value: &str, definition: &Definition) -> Option<String> {
    let wrong = canonical(&field.kind, value, definition.currency).err()?;
    Some(format!("{value:?} can never be in `{}`: it {wrong}", field.name))
}

/// Parts that appear by tariff can appear.
pub(super) fn parts_appear(subject: &Subject<'_>) -> Vec<Problem> {
    let definition = subject.definition;
    let fields = definition.order_form.iter().enumerate();
    let mut parts: Vec<(String, &OnlyFor)> = fields
        .filter_map(|(at, field)| Some((format!("order_form.{at}.only_for"), field.only_for.as_ref()?)))
        .collect();
    let told = definition.order.told.iter().enumerate();
    parts.extend(told.filter_map(|(at, told)| Some((format!("order.told.{at}.only_for"), told.only_for.as_ref()?))));
    let visit = definition.order.appointment.as_ref().and_then(|visit| visit.only_for.as_ref());
    parts.extend(visit.map(|part| ("order.appointment.only_for".to_owned(), part)));
    let fault = |(path, part): (String, &OnlyFor)| Some(subject.at(&path, part_fault(part, subject)?));
    parts.into_iter().filter_map(fault).collect()
}

fn part_fault(part: &OnlyFor, subject: &Subject<'_>) -> Option<String> {
    match part {
        // A tariff may be published without its campaign's folder: only where there are some is a name known to be wrong.
        OnlyFor::Tariffs(names) => {
            let known: Vec<&str> = subject.tariffs.iter().map(|(_, tariff)| tariff.tariff.as_str()).collect();
            let unknown = names.iter().find(|name| !known.is_empty() && !known.contains(&name.as_str()))?;
            let near = perhaps(unknown, &known);
            Some(format!("{unknown:?} is no tariff of this folder{near}: there are {}", known.join(", ")))
        }
        OnlyFor::Feature { feature, at_least } => {
            let features = &subject.definition.features;
            let known: Vec<&str> = features.iter().map(|feature| feature.code.as_str()).collect();
            match (subject.definition.feature(feature).map(|feature| &feature.kind), at_least) {
                (None, _) => {
                    let near = perhaps(feature, &known);
                    Some(format!("{feature:?} is no feature of the campaign{near}: it has {}", known.join(", ")))
                }
                (Some(FeatureKind::Has), Some(_)) => {
                    Some(format!("{feature:?} is simply there or not: take `at_least` out"))
                }
                (Some(_), _) => None,
            }
        }
    }
}

/// The client's right to withdraw is known, and what waives it is asked.
pub(super) fn withdrawal_known(subject: &Subject<'_>) -> Vec<Problem> {
    let definition = subject.definition;
    let terms = &definition.order.withdrawal;
    let mut problems = Vec::new();
    if declared(subject) && terms.days.is_none() && of_country(&definition.country).is_none() {
        let country = &definition.country;
        let message = format!(
            "nobody knows how long clients in {country} may withdraw: write [order.withdrawal] with days (0 for never) and source"
        );
        problems.push(subject.at("order", message));
    }
    let waiver = terms.begins_at_once.as_deref().and_then(|name| match field(name, definition) {
        Ok(field) if field.kind == FieldKind::YesNo => None,
        Ok(field) => {
            Some(format!("`{name}` holds {}: the client asks for it with yes or no", kind_in_words(&field.kind)))
        }
        Err(message) => Some(message),
    });
    problems.extend(waiver.map(|message| subject.at("order.withdrawal.begins_at_once", message)));
    problems
}

/// An order that is numbered and verified can be cancelled too.
pub(super) fn orders_cancellable(subject: &Subject<'_>) -> Vec<Problem> {
    let reasons = &subject.definition.order.cancel_reasons;
    let missing = declared(subject) && reasons.is_empty();
    let message = "no reason to cancel an order is declared: add [[order.cancel_reasons]] with code and label";
    missing.then(|| subject.at("order", message.to_owned())).into_iter().collect()
}

fn declared(subject: &Subject<'_>) -> bool {
    subject.document.table.get("order").is_some()
}
