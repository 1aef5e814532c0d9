//! Orders.

use anyhow::Result;
use relance_domain::order::AppointmentReport;
use relance_domain::outcome::OrderReport;
use relance_scheduler::{LeadAnswer, SavedOrderDraft};
use serde_json::json;

use super::{Session, calls, outcome};
use crate::args::orders::{Draft, Order};
use crate::print::orders as print;
use crate::transport::Call;
use crate::{Exit, out};

/// `relance order …`
pub(super) async fn run(session: &Session, order: Order) -> Result<Exit> {
    match order {
        Order::Draft(draft) => self::draft(session, draft).await,
    }
}

async fn draft(session: &Session, draft: Draft) -> Result<Exit> {
    calls::name_who_calls(session, draft.operator.as_deref())?;
    let call = Call::get(&["assignment"]).with("operator", draft.operator.as_ref());
    let lead: LeadAnswer = session.api.ask(call).await?.decode()?;
    let Some(typed) = outcome::order(session, draft.order, Some(&lead.decision.clearance.time_zone)) else {
        match session.json {
            true => out::line(&json!(lead.order_draft).to_string())?,
            false => out::text(&print::draft(lead.order_draft.as_ref()))?,
        }
        return Ok(Exit::Done);
    };
    let (version, kept) = match lead.order_draft {
        Some(kept) => (kept.version, kept.order),
        None => (0, OrderReport::default()),
    };
    let order = added(kept, typed);
    let mut body = json!({ "token": lead.token, "version": version, "order": order });
    if let Some(operator) = draft.operator {
        body["operator"] = operator.into();
    }
    let call = Call::put(&["assignments", &lead.assignment.to_string(), "order-draft"]).json(&body)?;
    session.show::<SavedOrderDraft>(&session.api.ask(call).await?, print::saved)
}

/// What is kept, with what was typed now; an empty value empties a field.
fn added(kept: OrderReport, typed: OrderReport) -> OrderReport {
    let mut fields = kept.fields;
    fields.extend(typed.fields);
    fields.retain(|_, value| !value.is_empty());
    let mut told = kept.told;
    told.extend(typed.told);
    told.dedup();
    let appointment = match (kept.appointment, typed.appointment) {
        (Some(kept), Some(typed)) => Some(AppointmentReport {
            date: typed.date.or(kept.date),
            window: if typed.window.is_empty() { kept.window } else { typed.window },
            materials: if typed.materials.is_empty() { kept.materials } else { typed.materials },
            amount_due: typed.amount_due.or(kept.amount_due),
        }),
        (kept, typed) => typed.or(kept),
    };
    OrderReport {
        tariff: if typed.tariff.is_empty() { kept.tariff } else { typed.tariff },
        fields,
        appointment,
        told,
        account: typed.account.or(kept.account),
    }
}
