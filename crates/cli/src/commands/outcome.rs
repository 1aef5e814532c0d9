//! Recording an outcome.

use anyhow::Result;
use relance_domain::definition::OutcomeClass;
use relance_domain::outcome::{CallbackReport, OrderReport, OutcomeReport, RefusalReport};
use relance_domain::{AssignmentId, ZoneName};
use relance_scheduler::{LeadAnswer, RecordedOutcome};

use super::{Session, calls, order_form};
use crate::args::outcome::{Outcome, Promise, Refusal};
use crate::print::calls as print;
use crate::transport::Call;
use crate::{Exit, Usage};

/// `relance outcome`
pub(super) async fn run(session: &Session, outcome: Outcome) -> Result<Exit> {
    calls::name_who_calls(session, outcome.operator.as_deref())?;
    let held = held(session, &outcome).await?;
    let typed = order_form::typed(session, outcome.order, held.zone.as_ref());
    let report = OutcomeReport {
        disposition: outcome.disposition,
        note: outcome.note,
        duration_s: outcome.duration_s,
        refusal: refusal(outcome.refusal),
        callback: promise(session, outcome.callback, held.zone.as_ref())?,
        order: ordered(held.draft, typed),
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
    /// What was typed into the order form during the call, where the outcome is an order.
    draft: Option<OrderReport>,
}

async fn held(session: &Session, outcome: &Outcome) -> Result<Held> {
    if let (Some(assignment), Some(token)) = (outcome.assignment, &outcome.assignment_token) {
        return Ok(Held { assignment, token: token.clone(), zone: None, draft: None });
    }
    let call = Call::get(&["assignment"]).with("operator", outcome.operator.as_ref());
    let lead: LeadAnswer = session.api.ask(call).await?.decode()?;
    let mut told_as = lead.dispositions.iter();
    let is_order = told_as.any(|known| known.code == outcome.disposition && known.class == OutcomeClass::Order);
    Ok(Held {
        assignment: lead.assignment,
        token: lead.token,
        zone: Some(lead.decision.clearance.time_zone),
        draft: lead.order_draft.map(|draft| draft.order).filter(|_| is_order),
    })
}

/// What is ordered: the draft with what was typed now, whichever there is.
fn ordered(draft: Option<OrderReport>, typed: Option<OrderReport>) -> Option<OrderReport> {
    match (draft, typed) {
        (Some(draft), Some(typed)) => Some(order_form::added(draft, typed)),
        (draft, typed) => typed.or(draft),
    }
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
