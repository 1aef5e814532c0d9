//! `[[order_form]]` and `[order]` → [`OrderField`], [`OrderTerms`].

use toml::de::DeValue;

use super::read::{field_kind, identity_forms, label, span};
use super::read_tariff::price;
use crate::calling_hours::Window;
use crate::definition::{
    Account, AccountFrom, AppointmentTerms, CancelReason, CheckRule, OnlyFor, Operand, OrderCheck, OrderField,
    OrderTerms, OrderWebhook, Told, WithdrawalTerms,
};
use crate::order::state::OrderEventKind;
use crate::toml_file::{Entry, KNOWN_KEYS, REQUIRED_KEYS, Section};
use crate::{Currency, Span};

/// How long a message is tried unless told.
const GIVE_UP_AFTER: Span = Span::days(3);
/// The word that means the day of the call.
pub(super) const TODAY: &str = "today";

/// Reads a field of the form.
pub(super) fn field(section: &Section<'_>, name: String) -> Option<OrderField> {
    let label = label(section, "label", r#"label = "Street and number""#);
    let kind = field_kind(section);
    let required = section.get("required").and_then(|e| e.flag()).unwrap_or(false);
    let prefill = section.get("prefill").and_then(|e| e.code());
    let only_for = only_for(section);
    Some(OrderField { name, label, kind: kind?, required, prefill, only_for })
}

/// Reads everything else about orders.
pub(super) fn terms(section: &Section<'_>, currency: Currency) -> OrderTerms {
    OrderTerms {
        number: section.get("number").and_then(|e| e.parsed()).unwrap_or_default(),
        account: section.get("account").and_then(|e| e.section(account).flatten()),
        appointment: section.get("appointment").and_then(|e| e.section(|s| appointment(s, currency)).flatten()),
        told: section.tables("told", "code", None, told),
        checks: checks(section),
        withdrawal: section.get("withdrawal").and_then(|e| e.section(withdrawal)).unwrap_or_default(),
        cancel_reasons: section.tables("cancel_reasons", "code", None, cancel_reason),
        webhooks: section.named_tables("webhooks", ("sink", Entry::short_name), None, webhook),
    }
}

fn only_for(section: &Section<'_>) -> Option<OnlyFor> {
    section.get("only_for")?.section(|part| {
        let (tariffs, feature, at_least) = (part.get("tariffs"), part.get("feature"), part.get("at_least"));
        match (tariffs, feature) {
            (Some(tariffs), None) => {
                if let Some(entry) = at_least {
                    entry.wrong(KNOWN_KEYS, "`at_least` belongs to `feature`: take it out".into());
                }
                let names: Vec<String> = tariffs.list().iter().filter_map(Entry::short_name).collect();
                if names.is_empty() {
                    tariffs.invalid("names no tariff: the part would never appear");
                }
                Some(OnlyFor::Tariffs(names))
            }
            (None, Some(feature)) => {
                let at_least = at_least.map_or(Some(None), |e| e.number(1..=i64::from(i32::MAX)).map(Some));
                Some(OnlyFor::Feature { feature: feature.code()?, at_least: at_least? })
            }
            (Some(_), Some(feature)) => {
                feature.invalid("stands beside `tariffs`: a part appears by tariffs or by a feature");
                None
            }
            (None, None) => {
                let right = r#"{ tariffs = ["fibre-gig"] } or { feature = "tv" }"#;
                part.wrong("only_for", REQUIRED_KEYS, format!("`only_for` says nothing: write it as in {right}"));
                None
            }
        }
    })?
}

fn account(section: &Section<'_>) -> Option<Account> {
    let label = label(section, "label", r#"label = "New account number""#);
    let from = match (section.get("generated"), section.get("entered")) {
        (Some(form), None) => form.parsed().map(AccountFrom::Generated),
        (None, Some(forms)) => identity_forms(&forms).map(AccountFrom::Entered),
        (Some(_), Some(forms)) => {
            forms.invalid("stands beside `generated`: the number is counted up or typed, not both");
            None
        }
        (None, None) => {
            section.need("generated", r#"generated = "61-{n:07}", or entered = ["9999 9999 99"]"#);
            None
        }
    };
    Some(Account { label, from: from? })
}

fn appointment(section: &Section<'_>, currency: Currency) -> Option<AppointmentTerms> {
    let label = label(section, "label", r#"label = "Installation by a technician""#);
    let days = |key, example| section.need(key, example).and_then(|e| e.number(0..=366));
    let earliest_days = days("earliest_days", "earliest_days = 2");
    let latest_days = days("latest_days", "latest_days = 30");
    let windows = section.need("windows", r#"windows = ["08:00-12:00", "13:00-17:00"]"#);
    let windows: Vec<String> = windows.map(|e| self::windows(&e)).unwrap_or_default();
    let materials = section.get("materials").map(|e| e.texts(80)).unwrap_or_default();
    let amount_due = section.get("amount_due").map_or(Some(None), |e| price(&e, currency).map(Some));
    let only_for = only_for(section);
    let (earliest_days, latest_days) = (earliest_days?, latest_days?);
    if earliest_days > latest_days {
        let message =
            format!("`order.appointment`: the first day ({earliest_days}) comes after the last ({latest_days})");
        section.wrong("appointment", crate::toml_file::VALUES_VALID, message);
        return None;
    }
    Some(AppointmentTerms { label, earliest_days, latest_days, windows, materials, amount_due: amount_due?, only_for })
}

fn windows(entry: &Entry<'_>) -> Vec<String> {
    let windows: Vec<String> =
        entry.list().iter().filter_map(|e| e.parsed::<Window>()).map(|window| window.to_string()).collect();
    if windows.is_empty() {
        entry.invalid("has no part of the day: write at least one, as in \"08:00-12:00\"");
    }
    windows
}

fn told(section: &Section<'_>, code: String) -> Option<Told> {
    let label = label(section, "label", r#"label = "Have an identity paper at hand""#);
    Some(Told { code, label, only_for: only_for(section) })
}

fn checks(section: &Section<'_>) -> Vec<OrderCheck> {
    let entries = section.get("checks").map(|e| e.list()).unwrap_or_default();
    entries.iter().filter_map(|entry| entry.section(check)?).collect()
}

/// A rule that compares.
type Compared = fn(Operand) -> CheckRule;

fn check(section: &Section<'_>) -> Option<OrderCheck> {
    let field = section.need("field", r#"field = "installation_date""#).and_then(|e| e.code());
    let says = section.get("says").and_then(|e| e.words(300));
    let compared: [(&'static str, Compared); 6] = [
        ("before", CheckRule::Before),
        ("after", CheckRule::After),
        ("at_least", CheckRule::AtLeast),
        ("at_most", CheckRule::AtMost),
        ("equals", CheckRule::Equals),
        ("differs_from", CheckRule::DiffersFrom),
    ];
    let mut rules = Vec::new();
    for (key, rule) in compared {
        rules.extend(section.get(key).map(|entry| operand(&entry).map(rule)));
    }
    rules.extend(section.get("required_when").map(|entry| entry.section(required_when)?));
    if rules.len() != 1 {
        let all = "before, after, at_least, at_most, equals, differs_from or required_when";
        let found = if rules.is_empty() { "nothing that must hold" } else { "several things that must hold" };
        let message = format!("`order.checks` says {found}: write one of {all}, and each check for itself");
        section.wrong("checks", REQUIRED_KEYS, message);
        return None;
    }
    Some(OrderCheck { field: field?, rule: rules.remove(0)?, says })
}

fn required_when(section: &Section<'_>) -> Option<CheckRule> {
    let field = section.need("field", r#"{ field = "contact_by", is = "E-mail" }"#).and_then(|e| e.code());
    let is = section.get("is").map_or(Some(None), |e| value(&e).map(Some));
    Some(CheckRule::RequiredWhen { field: field?, is: is? })
}

fn operand(entry: &Entry<'_>) -> Option<Operand> {
    if !entry.raw().is_table() {
        let name = entry.code()?;
        return Some(match name.as_str() {
            TODAY => Operand::Today { days: 0, years_before: 0 },
            _ => Operand::Field(name),
        });
    }
    entry.section(|section| {
        let (value, days) = (section.get("value"), section.get("days_from_today"));
        let years = section.get("years_before_today");
        match (value, days, years) {
            (Some(value), None, None) => self::value(&value).map(Operand::Value),
            (None, Some(days), None) => Some(Operand::Today { days: days.number(-36_600..=36_600)?, years_before: 0 }),
            (None, None, Some(years)) => Some(Operand::Today { days: 0, years_before: years.number(1..=150)? }),
            _ => {
                let right = r#"another field ("amount"), "today", { value = "500" }, { days_from_today = 3 } or { years_before_today = 18 }"#;
                section.wrong("checks", REQUIRED_KEYS, format!("`order.checks` compares with one thing: write {right}"));
                None
            }
        }
    })?
}

/// A value as forms write it.
fn value(entry: &Entry<'_>) -> Option<String> {
    match entry.raw() {
        DeValue::String(_) => entry.words(200),
        DeValue::Boolean(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        DeValue::Integer(_) => entry.number::<i64>(i64::MIN..=i64::MAX).map(|number| number.to_string()),
        DeValue::Datetime(_) => entry.date().map(|date| date.to_string()),
        _ => {
            entry.wrong_type("the value in quotes, as in \"80.50\"");
            None
        }
    }
}

fn withdrawal(section: &Section<'_>) -> WithdrawalTerms {
    let days = section.get("days").and_then(|e| e.number(0..=366));
    let source = match days {
        Some(_) => section.need("source", r#"source = "our general terms, article 7""#),
        None => section.get("source"),
    };
    let begins_at_once = section.get("begins_at_once").and_then(|e| e.code());
    WithdrawalTerms { days, source: source.and_then(|e| e.words(500)), begins_at_once }
}

fn cancel_reason(section: &Section<'_>, code: String) -> Option<CancelReason> {
    let label = label(section, "label", r#"label = "Client changed their mind""#);
    let withdrawal = section.get("withdrawal").and_then(|e| e.flag()).unwrap_or(false);
    let reopens = section.get("reopens").map(|entry| {
        let after = |s: &Section<'_>| {
            s.need("after", r#"reopens = { after = "30d" }"#).and_then(|e| span(&e, 0, Span::days(3_660)))
        };
        entry.section(after).flatten()
    });
    Some(CancelReason { code, label, withdrawal, reopens_after: reopens.flatten() })
}

fn webhook(section: &Section<'_>, sink: String) -> Option<OrderWebhook> {
    let words = OrderEventKind::ALL.map(|kind| (kind.as_str(), kind));
    let on = section.get("on").map(|entry| {
        let named = entry.list();
        if named.is_empty() {
            entry.invalid("names nothing: leave it out to tell of everything");
        }
        named.iter().filter_map(|e| e.word(&words)).collect::<Vec<OrderEventKind>>()
    });
    let give_up_after = section.get("give_up_after").map_or(Some(GIVE_UP_AFTER), |e| span(&e, 60, Span::days(90)));
    Some(OrderWebhook { sink, on: on.unwrap_or_else(|| OrderEventKind::ALL.to_vec()), give_up_after: give_up_after? })
}
