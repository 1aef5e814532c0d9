//! Corrections of an order: what was wrong is replaced, and what was there before is told.

use std::collections::BTreeMap;

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use super::{Appointment, AppointmentReport, Occasion, OrderForm, check, check_around};
use crate::definition::{AccountFrom, Definition};
use crate::outcome::{FieldProblem, OrderReport};

/// What is to be replaced in an order. The tariff and its price are those of the call and stay.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Fields of the form that change; an empty value empties one.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// What changes about the visit; what is left out stays. Materials of one empty text are none, and an empty amount is the usual one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appointment: Option<AppointmentReport>,
    /// Another account number, where the campaign has it typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
}

/// One thing that a correction changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldChange {
    /// What, as in `fields.street` or `appointment.date`.
    pub what: String,
    /// What it was; none where there was nothing.
    pub before: Option<String>,
    /// What it is now; none where there is nothing.
    pub after: Option<String>,
}

/// The form after a correction, and what changed. The whole form is checked again but for a visit that stays, under the definition
/// that the order was placed under.
pub fn correct(
    form: &OrderForm,
    correction: &Correction,
    definition: &Definition,
    occasion: Occasion<'_>,
) -> Result<(OrderForm, Vec<FieldChange>), Vec<FieldProblem>> {
    let mut fields = form.fields.clone();
    fields.extend(correction.fields.iter().map(|(name, value)| (name.clone(), value.trim().to_owned())));
    fields.retain(|_, value| !value.is_empty());
    let generated = matches!(definition.order.account.as_ref().map(|a| &a.from), Some(AccountFrom::Generated(_)));
    let kept_account = form.account.clone().filter(|_| !generated);
    let report = OrderReport {
        tariff: form.tariff.clone(),
        fields,
        appointment: correction.appointment.as_ref().map(|visit| moved(visit, form.appointment.as_ref())),
        told: form.told.clone(),
        account: correction.account.clone().or(kept_account),
    };
    let mut corrected = match &report.appointment {
        Some(visit) => check(&report, definition, for_visit(visit, form.appointment.as_ref(), definition, occasion))?,
        // A visit that stays was possible when it was agreed.
        None => check_around(&report, definition, occasion, |_| form.appointment.clone())?,
    };
    if generated {
        corrected.account.clone_from(&form.account);
    }
    let changes = changes(form, &corrected);
    if changes.is_empty() {
        return Err(vec![FieldProblem::new("order", "changes nothing: everything in it is as it was")]);
    }
    Ok((corrected, changes))
}

/// The occasion of a corrected visit: a day that stays was possible when it was agreed.
fn for_visit<'o>(
    to: &AppointmentReport,
    from: Option<&Appointment>,
    definition: &Definition,
    occasion: Occasion<'o>,
) -> Occasion<'o> {
    let earliest = definition.order.appointment.as_ref().map_or(0, |terms| terms.earliest_days);
    match from.map(|from| from.date).filter(|agreed| to.date == Some(*agreed)) {
        Some(agreed) => Occasion { visits_from: agreed.saturating_sub(i64::from(earliest).days()), ..occasion },
        None => occasion,
    }
}

/// Another visit: what the correction says of it, and else what was agreed.
fn moved(to: &AppointmentReport, from: Option<&Appointment>) -> AppointmentReport {
    let AppointmentReport { date, window, materials, amount_due } = to.clone();
    let materials = match (materials.is_empty(), from) {
        (true, Some(from)) => from.materials.clone(),
        _ => materials.into_iter().filter(|material| !material.trim().is_empty()).collect(),
    };
    AppointmentReport {
        date: date.or(from.map(|from| from.date)),
        window: from.filter(|_| window.trim().is_empty()).map_or(window, |from| from.window.clone()),
        materials,
        amount_due: amount_due.or_else(|| Some(from?.amount_due?.amount())),
    }
}

fn changes(before: &OrderForm, after: &OrderForm) -> Vec<FieldChange> {
    let (old, new) = (facts(before), facts(after));
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    changed
        .map(|name| FieldChange { what: name.clone(), before: old.get(name).cloned(), after: new.get(name).cloned() })
        .collect()
}

/// Everything that can be corrected, by what it is called.
fn facts(form: &OrderForm) -> BTreeMap<String, String> {
    let OrderForm { tariff: _, fields, appointment, told: _, account } = form;
    let mut facts: BTreeMap<String, String> =
        fields.iter().map(|(name, value)| (format!("fields.{name}"), value.clone())).collect();
    let mut add = |name: &str, value: String| {
        if !value.is_empty() {
            facts.insert(name.to_owned(), value);
        }
    };
    if let Some(Appointment { date, window, materials, amount_due }) = appointment {
        add("appointment.date", date.to_string());
        add("appointment.window", window.clone());
        add("appointment.materials", materials.join(", "));
        add("appointment.amount_due", amount_due.map(|due| due.to_string()).unwrap_or_default());
    }
    add("account", account.clone().unwrap_or_default());
    facts
}
