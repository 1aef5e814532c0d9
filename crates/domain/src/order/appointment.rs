//! The visit that follows an order.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Occasion;
use crate::Money;
use crate::definition::{AppointmentTerms, Definition};
use crate::outcome::FieldProblem;

/// A visit that was agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Appointment {
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// The part of the day.
    #[schema(example = "08:00-12:00")]
    pub window: String,
    /// What the technician brings, in the campaign's order.
    pub materials: Vec<String>,
    /// What is paid on the spot.
    pub amount_due: Option<Money>,
}

/// A visit as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppointmentReport {
    /// The day.
    #[serde(default, deserialize_with = "crate::written::date_if_any", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
    /// One of the campaign's parts of the day.
    #[serde(default)]
    pub window: String,
    /// What the technician brings.
    #[serde(default)]
    pub materials: Vec<String>,
    /// What is paid on the spot, in the campaign's currency; what is usual unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "29.00")]
    pub amount_due: Option<String>,
}

/// Checks the visit against what the campaign offers with this tariff.
pub(super) fn check(
    report: Option<&AppointmentReport>,
    definition: &Definition,
    occasion: Occasion<'_>,
    problems: &mut Vec<FieldProblem>,
) -> Option<Appointment> {
    let terms = definition.order.appointment.as_ref().filter(|terms| occasion.has(terms.only_for.as_ref()));
    let mut wrong = |field: &str, message: String| {
        let separator = if field.is_empty() { "" } else { "." };
        problems.push(FieldProblem::new(format!("order.appointment{separator}{field}"), message));
    };
    match (terms, report) {
        (None, None) => None,
        (None, Some(_)) => {
            wrong("", format!("does not belong here: no visit follows an order of {:?}", occasion.tariff));
            None
        }
        (Some(terms), None) => {
            let windows = terms.windows.join(", ");
            wrong("", format!("is missing: {} needs a date and one of {windows}", terms.label));
            None
        }
        (Some(terms), Some(report)) => {
            let date = date(report.date, terms, occasion.visits_from).map_err(|message| wrong("date", message));
            let window = one_of(&report.window, &terms.windows).map_err(|message| wrong("window", message));
            let materials = materials(report, terms).map_err(|message| wrong("materials", message));
            let due = amount_due(report, terms, definition).map_err(|message| wrong("amount_due", message));
            Some(Appointment {
                date: date.ok()?,
                window: window.ok()?,
                materials: materials.ok()?,
                amount_due: due.ok()?,
            })
        }
    }
}

fn date(given: Option<Date>, terms: &AppointmentTerms, today: Date) -> Result<Date, String> {
    let days = |days: u16| today.saturating_add(i64::from(days).days());
    let (first, last) = (days(terms.earliest_days), days(terms.latest_days));
    match given {
        None => Err(format!("is missing: choose a day from {first} to {last}")),
        Some(date) if date < first || date > last => {
            Err(format!("{date} cannot be had: choose a day from {first} to {last}"))
        }
        Some(date) => Ok(date),
    }
}

fn one_of(given: &str, choices: &[String]) -> Result<String, String> {
    let given = given.trim();
    let found = choices.iter().find(|choice| choice.to_lowercase() == given.to_lowercase());
    found.cloned().ok_or_else(|| {
        let what = if given.is_empty() { "is missing".to_owned() } else { format!("{given:?} is not offered") };
        let right = if choices.is_empty() { "there is none".to_owned() } else { format!("use {}", choices.join(", ")) };
        format!("{what}: {right}")
    })
}

fn materials(report: &AppointmentReport, terms: &AppointmentTerms) -> Result<Vec<String>, String> {
    let given: Vec<String> =
        report.materials.iter().map(|material| one_of(material, &terms.materials)).collect::<Result<_, _>>()?;
    Ok(terms.materials.iter().filter(|material| given.contains(material)).cloned().collect())
}

fn amount_due(
    report: &AppointmentReport,
    terms: &AppointmentTerms,
    definition: &Definition,
) -> Result<Option<Money>, String> {
    let Some(text) = report.amount_due.as_deref().filter(|text| !text.trim().is_empty()) else {
        return Ok(terms.amount_due);
    };
    let money = Money::parse(text, definition.currency).map_err(|error| error.to_string())?;
    if money.minor < 0 {
        return Err(format!("{money} is less than nothing: write 0 or more"));
    }
    Ok(Some(money))
}
