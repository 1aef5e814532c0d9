//! Recording what happened: one transaction for outcomes that came together, each with an answer of its own. What an outcome makes of
//! its lead is in [`super::aftermath`].

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use relance_domain::definition::CountsAs;
use relance_domain::fault::{self, Fault};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{AssignmentId, AttemptId, LateOutcomeId};
use relance_store::outcome::{Record, Recorded};
use relance_store::{Result, StoreError};

use super::aftermath::{self, Call};
use super::client;
use super::rows::{Origin, to_json};
use super::suppression::object;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// What is left of the report of a call with somebody who was erased since.
pub(super) const EMPTIED: &str = "{}";

#[derive(sqlx::FromRow)]
pub(super) struct AssignmentRow {
    pub(super) id: i64,
    pub(super) lead_id: i64,
    pub(super) client_id: i64,
    pub(super) campaign_id: i64,
    pub(super) seller: String,
    pub(super) list_id: i64,
    pub(super) reopening_id: Option<i64>,
    pub(super) phone_position: i64,
    token: String,
    operator_id: i64,
    handed_at_ms: i64,
    ending: Option<String>,
    report: Option<String>,
    /// A promise to the person is open.
    pub(super) promised: bool,
    /// When the person agreed to be called.
    pub(super) agreed_on: Option<String>,
    pub(super) relationship: String,
    pub(super) phone: String,
    /// The person's other numbers, as JSON.
    pub(super) further_phones: Option<String>,
}

impl AssignmentRow {
    /// When a call ends that is reported now: a node whose clock runs behind that of the one which handed out ends none before it
    /// began.
    fn ended_by(&self, now: Timestamp) -> Result<Timestamp> {
        Ok(Origin::new("assignment", self.id).instant("handed_at_ms", self.handed_at_ms)?.max(now))
    }
}

/// Records outcomes in the order in which they came. Several about one person are recorded one after the other.
pub(super) async fn record(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    records: &[Record],
    now: Timestamp,
) -> Result<Vec<Recorded>> {
    let mut answers = BTreeMap::new();
    let mut left: Vec<usize> = (0..records.len()).collect();
    while !left.is_empty() {
        let round: Vec<(usize, &Record)> = left.iter().map(|at| (*at, &records[*at])).collect();
        left = record_each_person_once(&mut *connection, keys, &round, &mut answers, now).await?;
    }
    Ok(answers.into_values().collect())
}

/// Records the first outcome of each person; tells which are left.
async fn record_each_person_once(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    round: &[(usize, &Record)],
    answers: &mut BTreeMap<usize, Recorded>,
    now: Timestamp,
) -> Result<Vec<usize>> {
    let ids: Vec<AssignmentId> = round.iter().map(|(_, record)| record.assignment).collect();
    let held = hold_people(&mut *connection, &ids).await?;
    let rows = assignments(&mut *connection, &ids).await?;
    let mut people = HashSet::new();
    let (mut calls, mut repeated, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (at, record) in round.iter().copied() {
        let is_theirs = |row: &&AssignmentRow| {
            row.operator_id == record.operator.0 && (row.token == record.token || fault::is_on(Fault::TokenUnchecked))
        };
        let Some(row) = rows.get(&record.assignment).filter(is_theirs) else {
            answers.insert(at, Recorded::NotYours);
            continue;
        };
        if !held.contains(&row.client_id) {
            // Merged with another since the people were held: the call is tried again and holds that one.
            return Err(StoreError::Busy("client: merged with another meanwhile".into()));
        }
        if !people.insert(row.client_id) {
            left.push(at);
            continue;
        }
        match row.ending.as_deref() {
            None => calls.push((at, Call { record, row })),
            // What an erasure has emptied can no longer be compared: the report is taken for the one that was.
            Some("outcome")
                if row.report.as_deref().is_some_and(|kept| kept == record.report || kept == EMPTIED)
                    && !fault::is_on(Fault::RepeatedReportContradicts) =>
            {
                repeated.push((at, record.assignment));
            }
            Some("outcome") => {
                answers.insert(at, Recorded::Contradicts);
            }
            Some(_) => {
                answers.insert(at, keep_late(&mut *connection, keys, record, row, row.ended_by(now)?).await?);
            }
        }
    }
    recorded_before(&mut *connection, &repeated, answers).await?;
    for (at, calls) in by_instant(calls, now)? {
        let ended: Vec<Call<'_>> = calls.iter().map(|(_, call)| *call).collect();
        let recorded = aftermath::end(&mut *connection, keys, &ended, at).await?;
        answers.extend(calls.iter().map(|(at, _)| *at).zip(recorded));
    }
    Ok(left)
}

/// Calls by when they ended: all of them now, but those that a node handed out whose clock runs ahead of this one's.
fn by_instant<'a>(
    calls: Vec<(usize, Call<'a>)>,
    now: Timestamp,
) -> Result<BTreeMap<Timestamp, Vec<(usize, Call<'a>)>>> {
    let mut by_instant: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (at, call) in calls {
        by_instant.entry(call.row.ended_by(now)?).or_default().push((at, call));
    }
    Ok(by_instant)
}

/// Waits for whoever works on the people of some assignments, so that an objection and a hand-out cannot pass each other; tells who
/// they are.
async fn hold_people(connection: &mut Connection, assignments: &[AssignmentId]) -> Result<HashSet<i64>> {
    let people = sqlx::query_scalar::<Engine, i64>(dialect::LOCK_CLIENTS_OF)
        .bind(to_json(&assignments))
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    Ok(people.into_iter().collect())
}

async fn assignments(
    connection: &mut Connection,
    ids: &[AssignmentId],
) -> Result<HashMap<AssignmentId, AssignmentRow>> {
    let rows = sqlx::query_as::<Engine, AssignmentRow>(concat!(
        "-- outcome: the assignments, and what may keep their people from being called again
        SELECT assignment.id, assignment.lead_id, assignment.client_id, assignment.campaign_id, assignment.seller, assignment.list_id,
            assignment.reopening_id, assignment.phone_position, assignment.token, assignment.operator_id, assignment.handed_at_ms,
            assignment.ending, assignment.report,
            (SELECT callback.id FROM callback WHERE callback.lead_id = assignment.lead_id AND callback.state = 'open') IS NOT NULL
                AS promised,
            CASE WHEN lead.consent = 'yes' THEN lead.consent_on END AS agreed_on, list.relationship, client.phone, (SELECT ",
        dialect::gathered!("phone"),
        " FROM client_phone WHERE client_phone.client_id = client.id) AS further_phones
        FROM ",
        dialect::sent!("$1"),
        " JOIN assignment ON assignment.id = CAST(sent.value AS BIGINT)
        JOIN lead ON lead.id = assignment.lead_id
        JOIN client ON client.id = lead.client_id
        JOIN list ON list.id = lead.list_id"
    ))
    .bind(to_json(&ids))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|row| (AssignmentId(row.id), row)).collect())
}

/// The answers of reports that came again.
async fn recorded_before(
    connection: &mut Connection,
    repeated: &[(usize, AssignmentId)],
    answers: &mut BTreeMap<usize, Recorded>,
) -> Result<()> {
    if repeated.is_empty() {
        return Ok(());
    }
    let ids: Vec<AssignmentId> = repeated.iter().map(|(_, assignment)| *assignment).collect();
    let rows = sqlx::query_as::<Engine, (i64, i64, String)>(concat!(
        "-- outcome: what was recorded
        SELECT attempt.assignment_id, attempt.id, lead.state FROM ",
        dialect::sent!("$1"),
        " JOIN attempt ON attempt.assignment_id = CAST(sent.value AS BIGINT) JOIN lead ON lead.id = attempt.lead_id"
    ))
    .bind(to_json(&ids))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let found: HashMap<i64, (i64, String)> =
        rows.into_iter().map(|(assignment, attempt, state)| (assignment, (attempt, state))).collect();
    for (at, assignment) in repeated {
        let (attempt, lead_state) = found
            .get(&assignment.0)
            .cloned()
            .ok_or_else(|| StoreError::not_found("attempt of assignment", assignment))?;
        answers.insert(*at, Recorded::Repeated { attempt: AttemptId(attempt), lead_state });
    }
    Ok(())
}

/// Keeps a report that came after its assignment had ended. An objection counts however late it comes.
async fn keep_late(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    record: &Record,
    row: &AssignmentRow,
    now: Timestamp,
) -> Result<Recorded> {
    // Of somebody who was erased meanwhile nothing is kept but that there was a report.
    let report = match client::is_erased(&mut *connection, row.client_id).await? {
        true => EMPTIED,
        false => &record.report,
    };
    let kept: Option<i64> = sqlx::query_scalar::<Engine, i64>(
        "-- outcome: too late; was it kept before?
        SELECT id FROM late_outcome WHERE assignment_id = $1 AND report = $2",
    )
    .bind(record.assignment.0)
    .bind(report)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    if let Some(late) = kept.or(fault::is_on(Fault::LateOutcomeLost).then_some(0)) {
        return Ok(Recorded::Late { late_outcome: LateOutcomeId(late) });
    }
    if record.outcome.counts_as == CountsAs::Objection && !fault::is_on(Fault::LateObjectionIgnored) {
        object(&mut *connection, keys, row.client_id, &row.seller, record.operator, now).await?;
    }
    let late: i64 = sqlx::query_scalar::<Engine, i64>(
        "-- outcome: too late; kept for review
        INSERT INTO late_outcome (assignment_id, operator_id, report, received_at_ms) VALUES ($1, $2, $3, $4) RETURNING id",
    )
    .bind(record.assignment.0)
    .bind(record.operator.0)
    .bind(report)
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(Recorded::Late { late_outcome: LateOutcomeId(late) })
}
