//! What somebody may change by hand, one row at a time, and what is to be found of it.

use relance_domain::ledger::Promise;

/// What must be found: promise, table, and a query for the keys of the rows.
type Found = &'static [(Promise, &'static str, &'static str)];

/// A row that is changed by hand.
pub(crate) struct Plant {
    /// What it is.
    what: &'static str,
    table: &'static str,
    /// A query for the row's key.
    row: &'static str,
    /// Columns and what they become.
    set: &'static [(&'static str, &'static str)],
    /// What must be found, and nothing else.
    found: Found,
}

/// Rows that are changed by hand together, so that one covers up for the other.
pub(crate) struct Plot {
    /// What it is.
    what: &'static str,
    edits: &'static [Edit],
    /// What must be found, and nothing else.
    found: Found,
}

/// Rows of a table that are changed or removed by hand.
#[derive(Clone, Copy)]
pub(crate) struct Edit {
    pub(crate) table: &'static str,
    /// A query for the rows' keys.
    pub(crate) rows: &'static str,
    /// Columns and what they become; none where the rows are removed.
    pub(crate) set: &'static [(&'static str, &'static str)],
}

/// Something that is done by hand, and what is to be found of it.
pub(crate) struct Deed {
    pub(crate) what: &'static str,
    pub(crate) edits: Vec<Edit>,
    pub(crate) found: Found,
}

/// What the schema holds against changes by hand.
pub(crate) const UNPROTECT: &[&str] = &[
    "DROP INDEX assignment_client_open",
    "DROP INDEX assignment_operator_open",
    "DROP INDEX callback_lead_open",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA ignore_check_constraints = ON",
    "ALTER TABLE lead DROP CONSTRAINT lead_check",
    "ALTER TABLE assignment DROP CONSTRAINT assignment_ending_check",
    "ALTER TABLE attempt DROP CONSTRAINT attempt_assignment_id_fkey",
];

/// How a row is told that a plant changes.
pub(crate) fn place(table: &str, key: &str) -> String {
    match table {
        "rule_set" => format!("version = '{key}'"),
        // The lane of one lead: there it is counted, and everywhere else it is not.
        "lead_count" => format!("lane_id = {key} AND leads > 0"),
        // Of a tariff that has one version.
        "tariff_version" | "tariff_price" => format!("tariff_id = {key}"),
        // Of a campaign that has one version.
        "campaign_version" => format!("campaign_id = {key}"),
        _ => format!("id = {key}"),
    }
}

/// The first hand-out of a person of the builders, or a later one.
macro_rules! hand_out {
    ($person:literal, $place:literal) => {
        concat!(
            "SELECT assignment.id FROM assignment JOIN client ON client.id = assignment.client_id
            WHERE client.phone = '+331990",
            $person,
            "' ORDER BY assignment.id LIMIT 1 OFFSET ",
            $place
        )
    };
    ($person:literal) => {
        hand_out!($person, "0")
    };
}

/// The newest attempt of a person.
macro_rules! attempt {
    ($person:literal) => {
        concat!(
            "SELECT MAX(attempt.id) AS id FROM attempt JOIN client ON client.id = attempt.client_id
            WHERE client.phone = '+331990",
            $person,
            "'"
        )
    };
}

/// The lead of a person.
macro_rules! lead {
    ($person:literal) => {
        concat!(
            "SELECT lead.id FROM lead JOIN client ON client.id = lead.client_id WHERE client.phone = '+331990",
            $person,
            "'"
        )
    };
}

/// What a person refused.
macro_rules! refusal {
    ($person:literal) => {
        concat!(
            "SELECT refusal.id FROM refusal JOIN lead ON lead.id = refusal.lead_id
            JOIN client ON client.id = lead.client_id WHERE client.phone = '+331990",
            $person,
            "'"
        )
    };
}

/// The promise made to a person.
macro_rules! promise {
    ($person:literal) => {
        concat!(
            "SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
            JOIN client ON client.id = lead.client_id WHERE client.phone = '+331990",
            $person,
            "'"
        )
    };
}

#[path = "plants/calls.rs"]
mod calls;
#[path = "plants/orders.rs"]
mod orders;
#[path = "plants/plots.rs"]
mod plots;
#[path = "plants/records.rs"]
mod records;

/// How many rows are changed alone, and how many plots there are.
pub(crate) fn counts() -> (usize, usize) {
    (calls::PLANTS.len() + orders::PLANTS.len() + records::PLANTS.len(), plots::PLOTS.len())
}

/// Everything that is done by hand.
pub(crate) fn all() -> impl Iterator<Item = Deed> {
    let planted = calls::PLANTS.iter().chain(orders::PLANTS).chain(records::PLANTS).map(
        |Plant { what, table, row, set, found }| Deed { what, edits: vec![Edit { table, rows: row, set }], found },
    );
    let plotted = plots::PLOTS.iter().map(|Plot { what, edits, found }| Deed { what, edits: edits.to_vec(), found });
    planted.chain(plotted)
}
