//! Orders.

use jiff::Timestamp;
use relance_domain::outcome::{FieldProblem, OrderReport};
use relance_scheduler::{OrderDetails, OrderDraft, OrderSummary, SavedOrderDraft};
use relance_store::order::OrderChange;

use super::calls::titled;
use super::{facts, instant, listed, perhaps, sections, table};

/// A draft, or that there is none.
pub(crate) fn draft(draft: Option<&OrderDraft>) -> String {
    let Some(draft) = draft else { return "Nothing was typed into the order form yet.".to_owned() };
    let head = format!("The order form as it was saved at {} (version {}):", instant(draft.saved_at), draft.version);
    sections([head, form(&draft.order)])
}

/// A draft that was saved.
pub(crate) fn saved(saved: &SavedOrderDraft) -> String {
    let head = format!("Saved as version {} of the order form of assignment {}.", saved.version, saved.assignment);
    let lacks = match saved.lacks.as_slice() {
        [] => "Nothing is missing: `relance outcome` can place the order.".to_owned(),
        lacks => format!("Before the order can be placed:\n{}", lacks.iter().map(lack).collect::<Vec<_>>().join("\n")),
    };
    sections([head, lacks])
}

fn lack(problem: &FieldProblem) -> String {
    let FieldProblem { field, message } = problem;
    format!("  {}: {message}", field.strip_prefix("order.").unwrap_or(field))
}

fn form(order: &OrderReport) -> String {
    let OrderReport { tariff, fields, appointment, told, account } = order;
    let mut pairs = vec![("tariff", tariff.clone())];
    pairs.extend(fields.iter().map(|(name, value)| (name.as_str(), value.clone())));
    if let Some(visit) = appointment {
        let date = visit.date.map(|date| date.to_string()).unwrap_or_default();
        pairs.push(("appointment", format!("{date} {}", visit.window).trim().to_owned()));
        pairs.push(("materials", visit.materials.join(", ")));
        pairs.push(("amount due", visit.amount_due.clone().unwrap_or_default()));
    }
    if !told.is_empty() {
        pairs.push(("told", listed(told)));
    }
    pairs.push(("account", account.clone().unwrap_or_default()));
    facts(&pairs)
}

/// A page of orders.
pub(crate) fn orders(rows: &[OrderSummary], next: Option<i64>) -> String {
    if rows.is_empty() {
        return "There are no such orders.".to_owned();
    }
    let row = |order: &OrderSummary| {
        vec![
            order.id.to_string(),
            order.number.clone(),
            order.campaign.clone(),
            order.state.clone(),
            order.tariff.clone(),
            order.price.to_string(),
            instant(order.placed_at),
            order.placed_by.clone(),
            perhaps(order.withdraw_until.filter(|_| order.cancelled_at.is_none())),
        ]
    };
    let headers = ["order>", "number", "campaign", "state", "tariff", "price>", "placed", "by", "may withdraw until"];
    let more = next.map(|next| format!("There are more: --after {next}")).unwrap_or_default();
    sections([table(&headers, rows.iter().map(row)), more])
}

/// An order after something was done to it.
pub(crate) fn changed(order: &OrderDetails) -> String {
    let OrderSummary { number, state, reopens_at, .. } = &order.order;
    let back =
        reopens_at.map(|at| format!(" The person may be called again from {}.", instant(at))).unwrap_or_default();
    let changes = order.history.iter().filter(|change| change.version == order.order.version).filter_map(what_changed);
    let changes: String = changes.map(|change| format!("\n  {change}")).collect();
    format!("Order {number} is {state} now.{back}{changes}")
}

/// An order with its form and everything that happened to it.
pub(crate) fn details(details: &OrderDetails) -> String {
    let OrderDetails { order, fields, appointment, account, told, cancel_note, history } = details;
    let by = |at: Option<Timestamp>, by: &Option<String>| {
        at.map(|at| format!("{}, by {}", instant(at), by.as_deref().unwrap_or("the local administrator")))
            .unwrap_or_default()
    };
    let withdraw = match (order.withdraw_until, order.begins_at_once) {
        _ if order.cancelled_at.is_some() => String::new(),
        (None, _) => "never".to_owned(),
        (Some(until), false) => format!("until {}", instant(until)),
        (Some(until), true) => format!("until {}; asked that the service begin before", instant(until)),
    };
    let reason = order.cancel_reason.iter().chain(cancel_note).cloned().collect::<Vec<_>>().join(": ");
    let head = facts(&[
        ("order", format!("{} of {} (key {}, version {})", order.number, order.campaign, order.id, order.version)),
        ("state", order.state.clone()),
        ("tariff", format!("{}, {}", order.tariff, order.price)),
        ("placed", by(Some(order.placed_at), &Some(order.placed_by.clone()))),
        ("corrected", by(order.corrected_at, &order.corrected_by)),
        ("verified", by(order.verified_at, &order.verified_by)),
        ("fulfilled", by(order.fulfilled_at, &order.fulfilled_by)),
        ("cancelled", by(order.cancelled_at, &order.cancelled_by)),
        ("because", reason),
        ("called again from", perhaps(order.reopens_at)),
        ("client may withdraw", withdraw),
        ("account", account.clone().unwrap_or_default()),
        ("lead", order.lead.to_string()),
    ]);
    let form: Vec<_> = fields.iter().map(|field| (field.label.as_str(), field.value.clone())).collect();
    let visit = appointment.as_ref().map(|visit| {
        facts(&[
            ("day", visit.date.to_string()),
            ("window", visit.window.clone()),
            ("materials", visit.materials.join(", ")),
            ("due on the spot", visit.amount_due.map(|due| due.to_string()).unwrap_or_default()),
        ])
    });
    let happened = history.iter().map(happened).collect::<Vec<_>>().join("\n");
    sections([
        head,
        titled("Form", &facts(&form)),
        titled("Visit", &visit.unwrap_or_default()),
        titled("The client was told", &told.join("\n")),
        titled("What happened", &happened),
    ])
}

fn what_changed(change: &OrderChange) -> Option<String> {
    let change = change.change.as_ref()?;
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    Some(format!("{}: {} → {}", change.what, value(&change.before), value(&change.after)))
}

fn happened(change: &OrderChange) -> String {
    let by = change.by.as_deref().unwrap_or("the local administrator");
    let what = what_changed(change).map(|what| format!(" {what}"));
    let why = change.why.as_ref().map(|why| format!(" (“{why}”)")).unwrap_or_default();
    let (at, event) = (instant(change.at), change.event.as_str());
    format!("{}. {at}, {by}: {event}{}{why}", change.version, what.unwrap_or_default())
}
