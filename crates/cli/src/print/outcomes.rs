//! Recorded outcomes.

use relance_store::question::OutcomeRow;

use super::{features, instant, table};

/// Rows, oldest first.
pub(crate) fn rows(rows: &[OutcomeRow]) -> String {
    if rows.is_empty() {
        return "No outcome fits.".to_owned();
    }
    let row = |row: &OutcomeRow| {
        vec![
            row.attempt.to_string(),
            instant(row.recorded_at),
            row.campaign.clone(),
            row.operator.clone(),
            row.lead.to_string(),
            row.disposition.clone(),
            row.reason.clone().unwrap_or_default(),
            details(row),
        ]
    };
    table(
        &["attempt>", "recorded", "campaign", "operator", "lead>", "disposition", "reason", "details"],
        rows.iter().map(row),
    )
}

/// What else is known, in short. Amounts are in minor units, as the rows hold them.
fn details(row: &OutcomeRow) -> String {
    let money = |minor: i64| match row.currency.as_deref().and_then(|code| code.parse().ok()) {
        Some(currency) => relance_domain::Money { minor, currency }.to_string(),
        None => minor.to_string(),
    };
    let parts = [
        row.tariff_ordered.as_ref().map(|tariff| format!("ordered {tariff}")),
        row.order_price_minor.map(|minor| format!("at {}", money(minor))),
        row.price_ceiling_minor.map(|minor| format!("would pay {}", money(minor))),
        row.max_months.map(|months| format!("for at most {months} months")),
        Some(features(&row.wanted_features))
            .filter(|wanted| !wanted.is_empty())
            .map(|wanted| format!("wants {}", wanted.join(", "))),
        row.coverage.as_ref().map(|postcode| format!("at {postcode}")),
        row.competitor.as_ref().map(|competitor| format!("stays with {competitor}")),
        row.competitor_price_minor.map(|minor| format!("who take {}", money(minor))),
        row.contract_end.map(|day| format!("bound until {day}")),
        row.call_after.map(|day| format!("to be asked again on {day}")),
        row.tariff_offered.as_ref().map(|tariff| format!("offered {tariff}")),
        row.offered_price_minor.map(|minor| format!("for {}", money(minor))),
        row.reopened_by.as_ref().map(|tariff| format!("reopened by {tariff}")),
        row.duration_s.map(|seconds| format!("{seconds} s")),
        row.note.as_ref().map(|note| format!("“{}”", note.replace(['\n', '\r'], " "))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
