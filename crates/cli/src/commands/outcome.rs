//! Recording an outcome.

use anyhow::Result;
use relance_domain::order::AppointmentReport;
use relance_domain::outcome::{CallbackReport, OrderReport, OutcomeReport, RefusalReport};
use relance_domain::{AssignmentId, ZoneName};
use relance_scheduler::{LeadAnswer, RecordedOutcome};

use super::{Session, calls};
use crate::args::outcome::{Order, Outcome, Promise, Refusal};
use crate::print::calls as print;
use crate::transport::Call;
use crate::{Exit, Usage};

/// `relance outcome`
pub(super) async fn run(session: &Session, outcome: Outcome) -> Result<Exit> {
    calls::name_who_calls(session, outcome.operator.as_deref())?;
    let held = held(session, &outcome).await?;
    let report = OutcomeReport {
        disposition: outcome.disposition,
        note: outcome.note,
        duration_s: outcome.duration_s,
        refusal: refusal(outcome.refusal),
        callback: promise(session, outcome.callback, held.zone.as_ref())?,
        order: order(session, outcome.order, held.zone.as_ref()),
    };
    let mut body = serde_json::json!({ "token": held.token, "report": report });
    if let Some(operator) = outcome.operator {
        body["operator"] = operator.into();
    }
    let call = Call::post(&["assignments", &held.assignment.to_string(), "outcome"]).json(&body)?;
    session.show::<RecordedOutcome>(&session.api.ask(call).await?, print::recorded)
}

/// The assignment that the outcome ends.
struct Held {
    assignment: AssignmentId,
    token: String,
    /// The client's zone, where it is known here.
    zone: Option<ZoneName>,
}

async fn held(session: &Session, outcome: &Outcome) -> Result<Held> {
    if let (Some(assignment), Some(token)) = (outcome.assignment, &outcome.assignment_token) {
        return Ok(Held { assignment, token: token.clone(), zone: None });
    }
    let call = Call::get(&["assignment"]).with("operator", outcome.operator.as_ref());
    let lead: LeadAnswer = session.api.ask(call).await?.decode()?;
    let zone = lead.decision.clearance.time_zone;
    Ok(Held { assignment: lead.assignment, token: lead.token, zone: Some(zone) })
}

fn refusal(given: Refusal) -> Option<RefusalReport> {
    given.reason.map(|reason| RefusalReport {
        reason,
        price_ceiling: given.price_ceiling,
        max_months: given.max_months,
        wanted_features: given.want.into_iter().collect(),
        coverage: given.coverage,
        competitor: given.competitor,
        competitor_price: given.competitor_price,
        contract_end: given.contract_end,
        call_after: given.call_after,
        tariff_offered: given.tariff_offered,
    })
}

fn promise(session: &Session, given: Promise, zone: Option<&ZoneName>) -> Result<Option<CallbackReport>> {
    let Some(time) = given.callback_at else { return Ok(None) };
    let due_at = time.instant(session.api.now(), zone).map_err(|error| Usage(format!("--callback-at: {error}")))?;
    Ok(Some(CallbackReport { due_at, personal: given.personal }))
}

/// What was ordered, if anything is said of an order.
pub(super) fn order(session: &Session, given: Order, zone: Option<&ZoneName>) -> Option<OrderReport> {
    let Order { tariff, field, appointment, window, material, amount_due, told, account } = given;
    let date = appointment.map(|day| day.date(session.api.now(), zone));
    let visit = AppointmentReport { date, window: window.unwrap_or_default(), materials: material, amount_due };
    let order = OrderReport {
        tariff: tariff.unwrap_or_default(),
        fields: field.into_iter().collect(),
        appointment: Some(visit).filter(|visit| *visit != AppointmentReport::default()),
        told,
        account,
    };
    Some(order).filter(|order| *order != OrderReport::default())
}
