//! Outcomes as CSV. Cells that a spreadsheet would take for a formula are made harmless.

use jiff::civil::Date;
use relance_domain::definition::{FeatureValue, Features};
use relance_domain::spreadsheet::harmless;
use relance_store::question::OutcomeRow;

/// Writes outcomes as CSV, a page at a time.
#[derive(Debug, Default)]
pub struct OutcomeCsv {
    begun: bool,
}

const COLUMNS: [&str; 26] = [
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
    "max_months",
    "wanted_features",
    "coverage",
    "competitor",
    "competitor_price_minor",
    "contract_end",
    "call_after",
    "tariff_offered",
    "offered_price_minor",
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

fn cells(row: &OutcomeRow) -> [String; 26] {
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let number = |cell: Option<i64>| cell.map(|n| n.to_string()).unwrap_or_default();
    let day = |cell: Option<Date>| cell.map(|day| day.to_string()).unwrap_or_default();
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
        number(row.max_months),
        wanted(&row.wanted_features),
        text(&row.coverage),
        text(&row.competitor),
        number(row.competitor_price_minor),
        day(row.contract_end),
        day(row.call_after),
        text(&row.tariff_offered),
        number(row.offered_price_minor),
        text(&row.tariff_ordered),
        number(row.order_price_minor),
        text(&row.reopened_by),
        text(&row.currency),
        number(row.duration_s),
        text(&row.note),
    ]
}

/// `data=500; tv`: each feature with its amount, or alone where it was to be there.
fn wanted(features: &Features) -> String {
    let one = |(code, value): (&String, &FeatureValue)| match value {
        FeatureValue::Has(true) => code.clone(),
        FeatureValue::Has(false) => format!("no {code}"),
        FeatureValue::Amount(amount) => format!("{code}={amount}"),
    };
    features.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_wanted_is_one_cell() {
        let features: Features = [
            ("data".to_owned(), FeatureValue::Amount(500)),
            ("landline".to_owned(), FeatureValue::Has(false)),
            ("tv".to_owned(), FeatureValue::Has(true)),
        ]
        .into();
        assert_eq!(wanted(&features), "data=500; no landline; tv");
        assert_eq!(wanted(&Features::new()), "");
    }
}
