//! What outcomes make of their leads: the attempts, refusals, orders and promises, written with one statement of each kind for all the
//! outcomes of a round. No two of them are about one person.

use std::collections::HashMap;

use jiff::Timestamp;
use relance_domain::definition::{CountsAs, OutcomeClass};
use relance_domain::lead::{Block, ClosedReason, LeadEvent, LeadState};
use relance_domain::outcome::{Aftermath, consequence};
use relance_domain::phone::NumberTried;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{AttemptId, LeadId};
use relance_store::outcome::{Record, Recorded};
use relance_store::{Result, StoreError};
use serde::Serialize;

use super::lead::{Change, change_leads, drop_promises};
use super::outcome::AssignmentRow;
use super::report::{Reported, insert_attempts, insert_callbacks, insert_refusals, place_orders};
use super::rows::{Origin, all_of, to_json};
use super::suppression::object;
use super::suppression_hash::{Asked, everything_against};
use super::{numbers, order_draft};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// An outcome, and the open assignment that it ends.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) record: &'a Record,
    pub(super) row: &'a AssignmentRow,
}

impl Call<'_> {
    pub(super) fn lead(&self) -> LeadId {
        LeadId(self.row.lead_id)
    }
}

/// Ends assignments with their outcomes.
pub(super) async fn end(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    calls: &[Call<'_>],
    now: Timestamp,
) -> Result<Vec<Recorded>> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    end_assignments(&mut *connection, calls, now).await?;
    let leads: Vec<LeadId> = calls.iter().map(Call::lead).collect();
    order_draft::drop_of_leads(&mut *connection, &leads).await?;
    let attempts = insert_attempts(&mut *connection, calls, now).await?;
    let attempt = |call: &Call<'_>| {
        attempts.get(&call.record.assignment).copied().ok_or_else(|| StoreError::not_found("attempt", call.row.id))
    };
    let reported = calls
        .iter()
        .map(|call| Ok(Reported { call: *call, attempt: attempt(call)? }))
        .collect::<Result<Vec<Reported<'_>>>>()?;
    keep_promises(&mut *connection, calls).await?;
    let places = places(&mut *connection, calls, now).await?;
    let refusals = insert_refusals(&mut *connection, &reported, now).await?;
    place_orders(&mut *connection, &reported, now).await?;
    insert_callbacks(&mut *connection, &reported, now).await?;
    let mut states = move_leads(&mut *connection, calls, &places, &refusals).await?;
    for Call { record, row } in calls.iter().filter(|call| call.record.outcome.counts_as == CountsAs::Objection) {
        object(&mut *connection, keys, row.client_id, &row.seller, record.operator, now).await?;
    }
    close_objected(connection, keys, calls, &mut states).await?;
    let recorded = reported.iter().zip(states).map(|(reported, state)| {
        let lead_state = state.as_str().to_owned();
        Recorded::Done { attempt: AttemptId(reported.attempt), lead_state }
    });
    Ok(recorded.collect())
}

/// Ends the person's other leads where no number is left that is theirs; a promise is looked at when it is due.
async fn close_where_all_are_wrong(connection: &mut Connection, row: &AssignmentRow) -> Result<()> {
    sqlx::query(
        "-- outcome: the other leads of somebody of whom nothing but wrong numbers is known
        UPDATE lead SET state = 'closed', closed_reason = 'wrong_number', block = NULL
        WHERE client_id = $1 AND id <> $2 AND (state = 'ready' OR (state = 'scheduled' AND block <> 'callback'))
            AND (SELECT phone_wrong_at_ms FROM client WHERE client.id = $1) IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM client_phone WHERE client_phone.client_id = $1 AND client_phone.wrong_at_ms IS NULL)",
    )
    .bind(row.client_id)
    .bind(row.lead_id)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

#[derive(Serialize)]
struct Ended<'a> {
    assignment: i64,
    report: &'a str,
}

async fn end_assignments(connection: &mut Connection, calls: &[Call<'_>], now: Timestamp) -> Result<()> {
    let ended: Vec<Ended<'_>> =
        calls.iter().map(|call| Ended { assignment: call.row.id, report: &call.record.report }).collect();
    let touched = sqlx::query(concat!(
        "-- outcome: the assignments end, each once
        UPDATE assignment SET ended_at_ms = $2, ending = 'outcome', report = sent.value ->> 'report'
        FROM ",
        dialect::sent!("$1"),
        " WHERE assignment.id = CAST(sent.value ->> 'assignment' AS BIGINT) AND assignment.ended_at_ms IS NULL"
    ))
    .bind(to_json(&ended))
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    // Ended by somebody else since one was read: the call is tried again and reads how.
    all_of(touched.rows_affected(), calls.len(), "assignment")
}

/// The promises that brought the calls are kept.
async fn keep_promises(connection: &mut Connection, calls: &[Call<'_>]) -> Result<()> {
    let promised: Vec<LeadId> = calls.iter().filter(|call| call.row.promised).map(Call::lead).collect();
    if promised.is_empty() {
        return Ok(());
    }
    let kept = sqlx::query(concat!(
        "-- outcome: the promises that brought the calls are kept
        UPDATE callback SET state = 'kept' WHERE state = 'open' AND lead_id IN (SELECT CAST(sent.value AS BIGINT) FROM ",
        dialect::sent!("$1"),
        ")"
    ))
    .bind(to_json(&promised))
    .execute(connection)
    .await
    .map_err(failed)?;
    all_of(kept.rows_affected(), promised.len(), "callback")
}

/// Where a lead goes, and at which priority.
struct Place {
    state: LeadState,
    priority: i64,
}

/// Where the leads go.
async fn places(connection: &mut Connection, calls: &[Call<'_>], now: Timestamp) -> Result<Vec<Place>> {
    let same = tried_alike(&mut *connection, calls).await?;
    let mut places = Vec::with_capacity(calls.len());
    for call in calls {
        let Call { record, row } = call;
        let same = same.get(&call.lead()).copied().unwrap_or(1);
        let after = Aftermath {
            earlier: u32::try_from(same.saturating_sub(1)).unwrap_or(u32::MAX),
            retry_at: record.retry_at.max(now),
            another_number: another_number(&mut *connection, record, row, now).await?,
            wanted_at: record.wanted_at,
        };
        let (mut event, priority) = consequence(&record.outcome, after);
        if let (LeadEvent::Postpone { until, block: Block::Callback }, Some(callable)) =
            (&mut event, &record.callable_at)
        {
            *until = callable.at;
        }
        let state = LeadState::Assigned.apply(event).map_err(|error| StoreError::Database(error.into()))?;
        places.push(Place { state, priority });
    }
    Ok(places)
}

#[derive(Serialize)]
struct TriedAlike<'a> {
    lead: LeadId,
    disposition: &'a str,
    reopening: i64,
}

/// How often leads that may be tried again were tried with the same disposition since they were last reopened, this time included.
async fn tried_alike(connection: &mut Connection, calls: &[Call<'_>]) -> Result<HashMap<LeadId, i64>> {
    let may_be_tried_again = calls.iter().filter(|call| call.record.outcome.retry.is_some());
    let asked: Vec<TriedAlike<'_>> = may_be_tried_again
        .map(|call| TriedAlike {
            lead: call.lead(),
            disposition: &call.record.outcome.disposition,
            reopening: call.row.reopening_id.unwrap_or(0),
        })
        .collect();
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as::<Engine, (i64, i64)>(concat!(
        "-- outcome: tries of the leads with these dispositions since they were last reopened, these included
        SELECT attempt.lead_id, COUNT(*) FROM ",
        dialect::sent!("$1"),
        " JOIN attempt ON attempt.lead_id = CAST(sent.value ->> 'lead' AS BIGINT)
            AND attempt.disposition = sent.value ->> 'disposition'
            AND COALESCE(attempt.reopening_id, 0) = CAST(sent.value ->> 'reopening' AS BIGINT)
        GROUP BY attempt.lead_id"
    ))
    .bind(to_json(&asked))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|(lead, tries)| (LeadId(lead), tries)).collect())
}

/// Notes that a number is somebody else's, where that is what was found; tells whether the client has another one.
async fn another_number(
    connection: &mut Connection,
    record: &Record,
    row: &AssignmentRow,
    now: Timestamp,
) -> Result<bool> {
    if !matches!(record.outcome.class, OutcomeClass::WrongNumber | OutcomeClass::Unreachable) {
        return Ok(false);
    }
    if record.outcome.class == OutcomeClass::WrongNumber {
        for statement in [
            "-- outcome: the number dialled first is somebody else's
            UPDATE client SET phone_wrong_at_ms = $3 WHERE id = $1 AND $2 = 0",
            "-- outcome: a further number is somebody else's
            UPDATE client_phone SET wrong_at_ms = $3 WHERE client_id = $1 AND position = $2",
        ] {
            sqlx::query(statement)
                .bind(row.client_id)
                .bind(row.phone_position)
                .bind(now.as_millisecond())
                .execute(&mut *connection)
                .await
                .map_err(failed)?;
        }
        close_where_all_are_wrong(&mut *connection, row).await?;
    }
    let numbers = numbers::of_one(connection, row.client_id, LeadId(row.lead_id)).await?;
    // A number that does not work is tried as often as its retry says; one that nobody has dialled yet goes before that.
    let is_other = |number: &NumberTried| number.position != row.phone_position && !number.wrong;
    let mut numbers = numbers.iter().map(|number| &number.tried);
    Ok(match record.outcome.class {
        OutcomeClass::WrongNumber => numbers.any(is_other),
        _ => numbers.any(|number| is_other(number) && number.tries == 0),
    })
}

#[derive(Serialize)]
struct Moved {
    #[serde(flatten)]
    change: Change,
    priority: i64,
    refusal: Option<i64>,
}

/// Writes where the leads go, and the refusals that closed them; tells their states.
async fn move_leads(
    connection: &mut Connection,
    calls: &[Call<'_>],
    places: &[Place],
    refusals: &HashMap<LeadId, i64>,
) -> Result<Vec<LeadState>> {
    let moved = calls.iter().zip(places).map(|(call, place)| Moved {
        change: Change::new(call.lead(), LeadState::Assigned, place.state),
        priority: place.priority,
        refusal: refusals.get(&call.lead()).copied(),
    });
    let touched = sqlx::query(concat!(
        "-- outcome: where the leads go, their places in the queue, and the refusals that closed them
        UPDATE lead SET state = sent.value ->> 'to', due_at_ms = COALESCE(CAST(sent.value ->> 'due_at_ms' AS BIGINT), lead.due_at_ms),
            block = sent.value ->> 'block', closed_reason = sent.value ->> 'closed_reason',
            priority = CAST(sent.value ->> 'priority' AS BIGINT), refusal_id = CAST(sent.value ->> 'refusal' AS BIGINT)
        FROM ",
        dialect::sent!("$1"),
        " WHERE lead.id = CAST(sent.value ->> 'lead' AS BIGINT) AND lead.state = sent.value ->> 'from'"
    ))
    .bind(to_json(&moved.collect::<Vec<_>>()))
    .execute(connection)
    .await
    .map_err(failed)?;
    all_of(touched.rows_affected(), calls.len(), "lead")?;
    Ok(places.iter().map(|place| place.state).collect())
}

/// Closes leads whose people have objected, though it were while an operator had them.
async fn close_objected(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    calls: &[Call<'_>],
    states: &mut [LeadState],
) -> Result<()> {
    let mut phones: Vec<Vec<String>> = Vec::with_capacity(calls.len());
    for Call { row, .. } in calls {
        let further = row.further_phones.as_deref();
        let mut theirs: Vec<String> =
            further.map_or(Ok(Vec::new()), |further| Origin::new("client", row.client_id).json("phone", further))?;
        theirs.push(row.phone.clone());
        phones.push(theirs);
    }
    let origin = Origin::new("client", calls.first().map_or(0, |call| call.row.client_id));
    let asked = Asked::about(keys, origin, phones.iter().flatten().map(String::as_str))?;
    let against = everything_against(&mut *connection, keys, &asked).await?;
    let mut changes = Vec::new();
    for ((call, theirs), state) in calls.iter().zip(&phones).zip(states) {
        let Call { row, .. } = call;
        let origin = Origin::new("lead", row.lead_id);
        let agreed_on = origin.parse_some("consent_on", row.agreed_on.as_deref())?;
        let relationship = origin.word("relationship", &row.relationship)?;
        let of_person = against.iter().filter(|standing| {
            theirs.iter().any(|phone| phone == standing.phone) && standing.is_for(&row.seller, row.campaign_id)
        });
        let closed = LeadState::Closed(ClosedReason::Suppressed);
        if *state != closed
            && of_person.map(|standing| standing.against()).any(|against| against.holds(agreed_on, relationship))
        {
            let next = state.apply(LeadEvent::Close(ClosedReason::Suppressed));
            let next = next.map_err(|error| StoreError::Database(error.into()))?;
            changes.push((call.lead(), Change::new(call.lead(), *state, next)));
            *state = next;
        }
    }
    let (leads, changes): (Vec<LeadId>, Vec<Change>) = changes.into_iter().unzip();
    change_leads(&mut *connection, &changes).await?;
    drop_promises(connection, &leads).await
}
