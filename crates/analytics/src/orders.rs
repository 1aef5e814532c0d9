//! Orders as CSV. Cells that a spreadsheet would take for a formula are made harmless.

use jiff::Timestamp;
use relance_domain::order::state::Stamp;
use relance_domain::spreadsheet::harmless;
use relance_store::order::StoredOrder;

/// Writes orders as CSV, a page at a time.
#[derive(Debug)]
pub struct OrderCsv {
    begun: bool,
    /// The fields of the form that have columns; none leaves the form out.
    form: Option<Vec<String>>,
}

const COLUMNS: [&str; 23] = [
    "order",
    "number",
    "campaign",
    "state",
    "version",
    "tariff",
    "price",
    "currency",
    "lead",
    "placed_at",
    "placed_by",
    "corrected_at",
    "corrected_by",
    "verified_at",
    "verified_by",
    "fulfilled_at",
    "fulfilled_by",
    "cancelled_at",
    "cancelled_by",
    "cancel_reason",
    "withdraw_until",
    "begins_at_once",
    "reopens_at",
];
/// What people have typed is left out with the form: a note may say who somebody is.
const OF_FORM: [&str; 7] = [
    "account",
    "appointment_date",
    "appointment_window",
    "appointment_materials",
    "appointment_amount_due",
    "told",
    "cancel_note",
];

impl OrderCsv {
    /// A file with these fields of the form, or without forms.
    #[must_use]
    pub fn new(form: Option<Vec<String>>) -> Self {
        Self { begun: false, form }
    }

    /// The text of a page; the first begins with the header.
    pub fn page(&mut self, orders: &[StoredOrder]) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        if !std::mem::replace(&mut self.begun, true) {
            let mut header: Vec<String> = COLUMNS.iter().map(|column| (*column).to_owned()).collect();
            if let Some(fields) = &self.form {
                header.extend(OF_FORM.iter().map(|column| (*column).to_owned()));
                header.extend(fields.iter().map(|field| format!("field_{field}")));
            }
            csv.write_record(header).expect("memory takes every record");
        }
        for order in orders {
            let mut cells = cells(order);
            if let Some(fields) = &self.form {
                cells.extend(of_form(order, fields));
            }
            csv.write_record(cells.iter().map(|cell| harmless(cell).into_owned()))
                .expect("every record has the header's fields");
        }
        let bytes = csv.into_inner().expect("memory takes every record");
        String::from_utf8(bytes).expect("every cell is text")
    }
}

fn cells(order: &StoredOrder) -> Vec<String> {
    let text = |cell: &Option<String>| cell.clone().unwrap_or_default();
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
    let at = |stamp: Option<Stamp>| instant(stamp.map(|stamp| stamp.at));
    let (people, stamps) = (&order.people, order.state.stamps());
    vec![
        order.id.to_string(),
        order.number.clone(),
        order.campaign_name.clone(),
        order.state.as_str().to_owned(),
        order.version.to_string(),
        order.tariff.tariff.clone(),
        order.tariff.price.amount(),
        order.tariff.price.currency.code().to_owned(),
        order.lead.to_string(),
        at(stamps.placed),
        people.placed_by.clone(),
        at(stamps.corrected),
        text(&people.corrected_by),
        at(stamps.verified),
        text(&people.verified_by),
        at(stamps.fulfilled),
        text(&people.fulfilled_by),
        at(stamps.cancelled),
        text(&people.cancelled_by),
        stamps.cancel_reason.unwrap_or_default().to_owned(),
        instant(order.held_to.withdraw_until),
        if order.held_to.begins_at_once { "yes" } else { "no" }.to_owned(),
        instant(order.reopens_at),
    ]
}

fn of_form(order: &StoredOrder, fields: &[String]) -> Vec<String> {
    let form = &order.form;
    let visit = form.appointment.as_ref();
    let mut cells = vec![
        form.account.clone().unwrap_or_default(),
        visit.map(|visit| visit.date.to_string()).unwrap_or_default(),
        visit.map(|visit| visit.window.clone()).unwrap_or_default(),
        visit.map(|visit| visit.materials.join("; ")).unwrap_or_default(),
        visit.and_then(|visit| visit.amount_due).map(|due| due.amount()).unwrap_or_default(),
        form.told.join("; "),
        order.cancel_note.clone().unwrap_or_default(),
    ];
    cells.extend(fields.iter().map(|field| form.fields.get(field).cloned().unwrap_or_default()));
    cells
}
