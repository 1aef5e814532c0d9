//! Orders.

use relance_domain::outcome::{FieldProblem, OrderReport};
use relance_scheduler::{OrderDraft, SavedOrderDraft};

use super::{facts, instant, listed, sections};

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
