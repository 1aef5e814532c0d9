//! What a definition says of its orders, as items of a plan.

use super::plan::{Item, kind_in_words, quoted, yes_no};
use crate::definition::{
    Account, AccountFrom, AppointmentTerms, CancelReason, OnlyFor, OrderCheck, OrderField, OrderTerms, OrderWebhook,
    Told, WithdrawalTerms,
};

/// Everything about orders. Every struct is taken apart by name, so that a new field cannot be forgotten.
pub(super) fn items(form: &[OrderField], terms: &OrderTerms) -> Vec<Item> {
    let OrderTerms { number, account, appointment, told, checks, withdrawal, cancel_reasons, webhooks } = terms;
    let WithdrawalTerms { days, source, begins_at_once } = withdrawal;
    let mut items: Vec<Item> = form.iter().map(field).collect();
    items.push(Item::one("order numbers", number.to_string()));
    items.extend(account.as_ref().map(|Account { label, from }| {
        let from = match from {
            AccountFrom::Generated(form) => format!("counted up as {form}"),
            AccountFrom::Entered(forms) => format!("typed in the form {}", quoted(forms)),
        };
        Item { what: "new account".to_owned(), facts: vec![("label", label.clone()), ("number", from)] }
    }));
    items.extend(appointment.as_ref().map(visit));
    items.extend(told.iter().map(|Told { code, label, only_for }| Item {
        what: format!("told `{code}`"),
        facts: with_part(vec![("label", label.clone())], only_for.as_ref()),
    }));
    items.extend(checks.iter().map(check));
    let days = days.map_or_else(|| "those of the client's country".to_owned(), |days| days.to_string());
    let mut facts = vec![("days", days)];
    facts.extend(source.clone().map(|source| ("source", source)));
    facts.extend(begins_at_once.clone().map(|field| ("begins at once with", field)));
    items.push(Item { what: "withdrawal".to_owned(), facts });
    items.extend(cancel_reasons.iter().map(cancel_reason));
    items.extend(webhooks.iter().map(|OrderWebhook { sink, on, give_up_after }| {
        let on: Vec<&str> = on.iter().map(|kind| kind.as_str()).collect();
        let facts = vec![("on", on.join(", ")), ("given up after", give_up_after.to_string())];
        Item { what: format!("webhook `{sink}`"), facts }
    }));
    items
}

fn field(field: &OrderField) -> Item {
    let OrderField { name, label, kind, required, prefill, only_for } = field;
    let mut facts =
        vec![("label", label.clone()), ("kind", kind_in_words(kind)), ("required", yes_no(*required).to_owned())];
    facts.extend(prefill.clone().map(|from| ("prefill", from)));
    Item { what: format!("order field `{name}`"), facts: with_part(facts, only_for.as_ref()) }
}

fn with_part(mut facts: Vec<(&'static str, String)>, only_for: Option<&OnlyFor>) -> Vec<(&'static str, String)> {
    facts.extend(only_for.map(|part| {
        let part = match part {
            OnlyFor::Tariffs(names) => format!("tariffs {}", names.join(", ")),
            OnlyFor::Feature { feature, at_least: None } => format!("tariffs with {feature}"),
            OnlyFor::Feature { feature, at_least: Some(least) } => {
                format!("tariffs with {feature} of at least {least}")
            }
        };
        ("only for", part)
    }));
    facts
}

fn visit(terms: &AppointmentTerms) -> Item {
    let AppointmentTerms { label, earliest_days, latest_days, windows, materials, amount_due, only_for } = terms;
    let mut facts = vec![
        ("label", label.clone()),
        ("days ahead", format!("{earliest_days} to {latest_days}")),
        ("windows", windows.join(", ")),
        ("materials", quoted(materials)),
    ];
    facts.extend(amount_due.map(|due| ("amount due", due.to_string())));
    Item { what: "appointment".to_owned(), facts: with_part(facts, only_for.as_ref()) }
}

fn check(check: &OrderCheck) -> Item {
    let OrderCheck { field: _, rule: _, says } = check;
    let what = format!("check that {check}");
    Item { what, facts: vec![("says", says.clone().unwrap_or_else(|| "so".to_owned()))] }
}

fn cancel_reason(reason: &CancelReason) -> Item {
    let CancelReason { code, label, withdrawal, reopens_after } = reason;
    let reopens = reopens_after.map_or_else(|| "never".to_owned(), |after| format!("after {after}"));
    let withdrawal = yes_no(*withdrawal).to_owned();
    let facts = vec![("label", label.clone()), ("is a withdrawal", withdrawal), ("reopens the lead", reopens)];
    Item { what: format!("cancel reason `{code}`"), facts }
}
