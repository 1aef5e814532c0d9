//! Orders.

use anyhow::{Result, anyhow};
use relance_domain::OrderId;
use relance_domain::order::{AppointmentReport, Correction};
use relance_domain::outcome::OrderReport;
use relance_scheduler::{LeadAnswer, OrderDetails, OrderSummary, SavedOrderDraft};
use serde_json::{Value, json};

use super::pages::Page;
use super::{Session, calls, order_form};
use crate::args::orders::{Correct, Draft, One, Order, Orders};
use crate::args::questions::Format;
use crate::print::orders as print;
use crate::transport::Call;
use crate::{Exit, Usage, out};

/// `relance order …`
pub(super) async fn run(session: &Session, order: Order) -> Result<Exit> {
    match order {
        Order::Draft(draft) => self::draft(session, draft).await,
        Order::Show(one) => show(session, one).await,
        Order::Verify(one) => act(session, &one, "verify", json!({})).await,
        Order::Fulfil(one) => act(session, &one, "fulfil", json!({})).await,
        Order::Cancel(cancel) => {
            let body = json!({ "reason": cancel.reason, "note": cancel.note });
            act(session, &cancel.one, "cancel", body).await
        }
        Order::Correct(correct) => self::correct(session, correct).await,
    }
}

async fn draft(session: &Session, draft: Draft) -> Result<Exit> {
    calls::name_who_calls(session, draft.operator.as_deref())?;
    let call = Call::get(&["assignment"]).with("operator", draft.operator.as_ref());
    let lead: LeadAnswer = session.api.ask(call).await?.decode()?;
    let Some(typed) = order_form::typed(session, draft.order, Some(&lead.decision.clearance.time_zone)) else {
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
    let order = order_form::added(kept, typed);
    let mut body = json!({ "token": lead.token, "version": version, "order": order });
    if let Some(operator) = draft.operator {
        body["operator"] = operator.into();
    }
    let call = Call::put(&["assignments", &lead.assignment.to_string(), "order-draft"]).json(&body)?;
    session.show::<SavedOrderDraft>(&session.api.ask(call).await?, print::saved)
}

/// `relance orders`
pub(super) async fn list(session: &Session, orders: Orders) -> Result<Exit> {
    let usual = if session.json { Format::Json } else { Format::Table };
    let format = orders.format.unwrap_or(usual);
    if orders.form && !matches!(format, Format::Csv) {
        return Err(Usage("--form belongs to --format csv; `relance order show` shows one form".to_owned()).into());
    }
    let call = Call::get(&["orders"])
        .with("campaign", orders.campaign.as_ref())
        .with("state", orders.state.as_ref())
        .with("tariff", orders.tariff.as_ref())
        .with("operator", orders.operator.as_ref())
        .with("since", orders.since)
        .with("until", orders.until)
        .with("after", orders.after)
        .with("form", orders.form.then_some(true));
    match format {
        Format::Csv if orders.limit.is_some() => {
            Err(Usage("CSV always holds every row that fits: leave out --limit".to_owned()).into())
        }
        Format::Csv => {
            session.api.stream(call.for_csv(), |piece| out::bytes(&piece)).await?;
            Ok(Exit::Done)
        }
        Format::Json => {
            out::line(&session.api.ask(call.with("limit", orders.limit)).await?.text)?;
            Ok(Exit::Done)
        }
        Format::Table => {
            let page: Page<OrderSummary> = session.api.ask(call.with("limit", orders.limit)).await?.decode()?;
            out::text(&print::orders(&page.rows, page.next))?;
            Ok(Exit::Done)
        }
    }
}

async fn show(session: &Session, one: One) -> Result<Exit> {
    let order = named(session, &one).await?;
    let answer = session.api.ask(Call::get(&["orders", &order.to_string()])).await?;
    session.show::<OrderDetails>(&answer, print::details)
}

/// Does something to an order as it stands now.
async fn act(session: &Session, one: &One, what: &str, mut body: Value) -> Result<Exit> {
    let order = named(session, one).await?.to_string();
    let seen: OrderDetails = session.api.ask(Call::get(&["orders", &order])).await?.decode()?;
    body["version"] = seen.order.version.into();
    let answer = session.api.ask(Call::post(&["orders", &order, what]).json(&body)?).await?;
    session.show::<OrderDetails>(&answer, print::changed)
}

/// The key of an order that is named by its number or by its key.
async fn named(session: &Session, one: &One) -> Result<OrderId> {
    let call = Call::get(&["orders"]).with("number", Some(&one.order)).with("campaign", one.campaign.as_ref());
    let page: Page<OrderSummary> = session.api.ask(call.with("limit", Some(2))).await?.decode()?;
    match page.rows.as_slice() {
        [order] => Ok(order.id),
        [] => match one.order.parse() {
            Ok(key) if one.campaign.is_none() => Ok(key),
            _ => Err(anyhow!("there is no order {:?}: `relance orders` shows them", one.order)),
        },
        _ => Err(Usage(format!("several campaigns have an order {}: say which with --campaign", one.order)).into()),
    }
}

async fn correct(session: &Session, correct: Correct) -> Result<Exit> {
    let Correct { one, why, field, appointment, window, material, amount_due, account } = correct;
    // The day is counted where this machine is: who corrects an order need not know where the client is.
    let appointment = appointment.map(|day| AppointmentReport {
        date: Some(day.date(session.api.now(), None)),
        window: window.unwrap_or_default(),
        materials: material,
        amount_due,
    });
    let correction = Correction { fields: field.into_iter().collect(), appointment, account };
    act(session, &one, "correct", json!({ "why": why, "order": correction })).await
}
