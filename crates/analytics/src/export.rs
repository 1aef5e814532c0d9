//! Outcomes as CSV. Cells that a spreadsheet would take for a formula are made harmless.

use relance_domain::spreadsheet::harmless;
use relance_store::question::OutcomeRow;

/// Writes outcomes as CSV, a page at a time.
#[derive(Debug, Default)]
pub struct OutcomeCsv {
    begun: bool,
}

const COLUMNS: [&str; 19] = [
    "attempt",
    "recorded_at",
    "campaign",
    "list",
    "list_name",
    "operator",
    "lead",
    "disposition",
    "class",
    "reason",
    "price_ceiling_minor",
    "competitor",
    "tariff_offered",
    "tariff_ordered",
    "order_price_minor",
    "reopened_by",
    "currency",
    "duration_s",
    "note",
];

impl OutcomeCsv {
    /// The text of a page; the first begins with the header.
    pub fn page(&mut self, rows: &[OutcomeRow]) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        if !std::mem::replace(&mut self.begun, true) {
            csv.write_record(COLUMNS).expect("memory takes every record");
        }
        for row in rows {
            csv.write_record(cells(row).map(|cell| harmless(&cell).into_owned()))
                .expect("every record has the header's fields");
        }
        let bytes = csv.into_inner().expect("memory takes every record");
        String::from_utf8(bytes).expect("every cell is text")
    }
}

fn cells(row: &OutcomeRow) -> [String; 19] {
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let number = |cell: Option<i64>| cell.map(|n| n.to_string()).unwrap_or_default();
    [
        row.attempt.to_string(),
        row.recorded_at.to_string(),
        row.campaign.clone(),
        row.list.to_string(),
        row.list_name.clone(),
        row.operator.clone(),
        row.lead.to_string(),
        row.disposition.clone(),
        row.class.clone(),
        text(&row.reason),
        number(row.price_ceiling_minor),
        text(&row.competitor),
        text(&row.tariff_offered),
        text(&row.tariff_ordered),
        number(row.order_price_minor),
        text(&row.reopened_by),
        text(&row.currency),
        number(row.duration_s),
        text(&row.note),
    ]
}
