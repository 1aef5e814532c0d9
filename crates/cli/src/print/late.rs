//! Outcomes that came late.

use relance_store::late::LateOutcome;

use super::{instant, sections, table};

/// A page of late outcomes, the newest first.
pub(crate) fn late(rows: &[LateOutcome], next: Option<i64>) -> String {
    if rows.is_empty() {
        return "No late outcome waits for review.".to_owned();
    }
    let row = |late: &LateOutcome| {
        vec![
            late.id.to_string(),
            instant(late.received_at),
            late.operator.clone(),
            late.assignment.to_string(),
            late.ending.as_str().to_owned(),
            late.campaign.clone(),
            late.lead.to_string(),
            late.phone.clone(),
            said(late),
            late.review.as_ref().map(|review| review.note.clone()).unwrap_or_default(),
        ]
    };
    let headers =
        ["id>", "came", "operator", "assignment>", "ended", "campaign", "lead>", "phone", "reported", "reviewed"];
    let more = next.map(|next| format!("More before {next}: --before {next}")).unwrap_or_default();
    sections([table(&headers, rows.iter().map(row)), more])
}

/// What was reported, in one cell.
fn said(late: &LateOutcome) -> String {
    let mut said = late.disposition.clone();
    let details = [
        late.reason.clone(),
        late.promised_for.map(|at| format!("promised for {}", instant(at))),
        late.tariff_ordered.as_ref().map(|tariff| format!("ordered {tariff}")),
        late.note.as_ref().map(|note| format!("“{note}”")),
    ];
    for detail in details.into_iter().flatten() {
        said.push_str(", ");
        said.push_str(&detail);
    }
    said
}

/// A late outcome that was reviewed.
pub(crate) fn reviewed(late: &LateOutcome) -> String {
    let by = late.review.as_ref().and_then(|review| review.by.as_ref()).map(|by| format!(" by {by}"));
    format!("Late outcome {} is reviewed{}.", late.id, by.unwrap_or_default())
}
