//! What stands in the database, read past the store: only what was added or may have changed since the last look.

use std::fmt::Debug;
use std::str::FromStr;

use crate::World;

/// The cells of a row.
pub(super) struct Cells(Vec<String>);

impl Cells {
    pub(super) fn text(&self, at: usize) -> &str {
        &self.0[at]
    }

    /// A cell that may be empty.
    pub(super) fn some<T: FromStr<Err: Debug>>(&self, at: usize) -> Option<T> {
        (!self.0[at].is_empty()).then(|| self.get(at))
    }

    pub(super) fn get<T: FromStr<Err: Debug>>(&self, at: usize) -> T {
        self.0[at].parse().unwrap_or_else(|error| panic!("cell {at} of {:?}: {error:?}", self.0))
    }
}

/// The rows of a query for texts whose cells stand between bars, the last one as it is.
pub(super) async fn rows(world: &World, columns: &[&str], rest: &str) -> Vec<Cells> {
    let cells: Vec<String> = columns.iter().map(|column| format!("COALESCE(CAST({column} AS TEXT), '')")).collect();
    let found = world.texts(&format!("SELECT {} {rest}", cells.join(" || '|' || "))).await;
    let cells = |line: String| Cells(line.splitn(columns.len(), '|').map(str::to_owned).collect());
    found.into_iter().map(cells).collect()
}

/// A hand-out as it was stored.
#[derive(Debug, Clone)]
pub(super) struct HandOutRow {
    pub(super) id: i64,
    pub(super) lead: i64,
    pub(super) client: i64,
    pub(super) campaign: i64,
    pub(super) version: i64,
    pub(super) seller: String,
    pub(super) operator: i64,
    pub(super) token: String,
    pub(super) handed_at: i64,
    pub(super) lease_until: i64,
    pub(super) taken_from: Option<i64>,
    pub(super) ended_at: Option<i64>,
    pub(super) ending: Option<String>,
    pub(super) decision: String,
}

const HAND_OUT: [&str; 14] = [
    "id",
    "lead_id",
    "client_id",
    "campaign_id",
    "campaign_version",
    "seller",
    "operator_id",
    "token",
    "handed_at_ms",
    "lease_until_ms",
    "taken_from_id",
    "ended_at_ms",
    "ending",
    "decision",
];

/// Hand-outs after one, and others by their keys.
pub(super) async fn hand_outs(world: &World, after: i64, others: &[i64]) -> Vec<HandOutRow> {
    let others: Vec<String> = others.iter().chain([&0]).map(i64::to_string).collect();
    let rest = format!("FROM assignment WHERE id > {after} OR id IN ({}) ORDER BY id", others.join(","));
    let hand_out = |row: Cells| HandOutRow {
        id: row.get(0),
        lead: row.get(1),
        client: row.get(2),
        campaign: row.get(3),
        version: row.get(4),
        seller: row.text(5).to_owned(),
        operator: row.get(6),
        token: row.text(7).to_owned(),
        handed_at: row.get(8),
        lease_until: row.get(9),
        taken_from: row.some(10),
        ended_at: row.some(11),
        ending: row.some(12),
        decision: row.text(13).to_owned(),
    };
    rows(world, &HAND_OUT, &rest).await.into_iter().map(hand_out).collect()
}

/// What is known of a lead and its person, as far as it decides whether they may be called.
#[derive(Debug, Clone)]
pub(super) struct PersonRow {
    pub(super) zone: Option<String>,
    pub(super) consent: Option<String>,
    pub(super) consent_on: Option<String>,
    pub(super) has_evidence: bool,
    pub(super) relationship: String,
    pub(super) licence_until: Option<String>,
    pub(super) erased: bool,
    pub(super) list_state: String,
}

const PERSON: [&str; 8] = [
    "client.time_zone",
    "lead.consent",
    "lead.consent_on",
    "CASE WHEN list.consent_basis IS NULL AND lead.consent_wording IS NULL THEN 0 ELSE 1 END",
    "list.relationship",
    "list.licence_until",
    "client.erased_at_ms",
    "list.state",
];

/// The person of a lead.
pub(super) async fn person(world: &World, lead: i64) -> Option<PersonRow> {
    let rest = format!(
        "FROM lead JOIN client ON client.id = lead.client_id JOIN list ON list.id = lead.list_id WHERE lead.id = {lead}"
    );
    let row = rows(world, &PERSON, &rest).await.pop()?;
    Some(PersonRow {
        zone: row.some(0),
        consent: row.some(1),
        consent_on: row.some(2),
        has_evidence: row.get::<i64>(3) == 1,
        relationship: row.text(4).to_owned(),
        licence_until: row.some(5),
        erased: row.some::<i64>(6).is_some(),
        list_state: row.text(7).to_owned(),
    })
}

/// Every number of a client.
pub(super) async fn phones(world: &World, client: i64) -> Vec<String> {
    world.texts(&format!("SELECT phone FROM every_phone WHERE client_id = {client} ORDER BY phone")).await
}

/// An attempt.
#[derive(Debug, Clone)]
pub(super) struct AttemptRow {
    pub(super) id: i64,
    pub(super) assignment: i64,
    pub(super) client: i64,
    pub(super) seller: String,
    pub(super) disposition: String,
    pub(super) counts_as: String,
    pub(super) recorded_at: i64,
}

/// Attempts after one.
pub(super) async fn attempts(world: &World, after: i64) -> Vec<AttemptRow> {
    let columns = ["id", "assignment_id", "client_id", "seller", "disposition", "counts_as", "recorded_at_ms"];
    let attempt = |row: Cells| AttemptRow {
        id: row.get(0),
        assignment: row.get(1),
        client: row.get(2),
        seller: row.text(3).to_owned(),
        disposition: row.text(4).to_owned(),
        counts_as: row.text(5).to_owned(),
        recorded_at: row.get(6),
    };
    let rest = format!("FROM attempt WHERE id > {after} ORDER BY id");
    rows(world, &columns, &rest).await.into_iter().map(attempt).collect()
}

/// A promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PromiseRow {
    pub(super) id: i64,
    pub(super) lead: i64,
    pub(super) attempt: i64,
    pub(super) operator: Option<i64>,
    pub(super) due_at: i64,
    pub(super) state: String,
}

/// Every promise.
pub(super) async fn promises(world: &World) -> Vec<PromiseRow> {
    let columns = ["id", "lead_id", "attempt_id", "operator_id", "due_at_ms", "state"];
    let promise = |row: Cells| PromiseRow {
        id: row.get(0),
        lead: row.get(1),
        attempt: row.get(2),
        operator: row.some(3),
        due_at: row.get(4),
        state: row.text(5).to_owned(),
    };
    rows(world, &columns, "FROM callback ORDER BY id").await.into_iter().map(promise).collect()
}
