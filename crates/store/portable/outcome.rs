//! Recording what happened.

use jiff::Timestamp;
use relance_domain::definition::{CountsAs, OutcomeClass};
use relance_domain::lead::{Block, LeadEvent, LeadState};
use relance_domain::outcome::{Aftermath, CallbackReport, OutcomeDetail, Refusal, consequence};
use relance_domain::phone::NumberTried;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{AssignmentId, AttemptId, LateOutcomeId, LeadId};
use relance_store::outcome::{Record, Recorded};
use relance_store::{Result, StoreError};

use super::candidate::numbers_tried;
use super::lead::change_lead;
use super::lease::close_if_objected;
use super::rows::{exactly_one, to_json};
use super::suppression::{lock_client, object};
use super::{client, order, order_draft};
use crate::connect::failed;
use crate::{Connection, Engine};

/// What is left of the report of a call with somebody who was erased since.
pub(super) const EMPTIED: &str = "{}";

#[derive(sqlx::FromRow)]
struct AssignmentRow {
    lead_id: i64,
    client_id: i64,
    campaign_id: i64,
    seller: String,
    list_id: i64,
    reopening_id: Option<i64>,
    phone_position: i64,
    token: String,
    operator_id: i64,
    ending: Option<String>,
    report: Option<String>,
}

pub(super) async fn record(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    record: &Record,
    now: Timestamp,
) -> Result<Recorded> {
    let row = sqlx::query_as::<Engine, AssignmentRow>(
        "-- outcome: the assignment
        SELECT lead_id, client_id, campaign_id, seller, list_id, reopening_id, phone_position, token, operator_id, ending, report
        FROM assignment WHERE id = $1",
    )
    .bind(record.assignment.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(row) = row.filter(|row| row.operator_id == record.operator.0 && row.token == record.token) else {
        return Ok(Recorded::NotYours);
    };
    match row.ending.as_deref() {
        None => {}
        // What an erasure has emptied can no longer be compared: the report is taken for the one that was.
        Some("outcome") if row.report.as_deref().is_some_and(|kept| kept == record.report || kept == EMPTIED) => {
            return repeated(connection, record.assignment).await;
        }
        Some("outcome") => return Ok(Recorded::Contradicts),
        Some(_) => {
            lock_client(&mut *connection, row.client_id).await?;
            return keep_late(connection, keys, record, &row, now).await;
        }
    }
    lock_client(&mut *connection, row.client_id).await?;
    let ended = sqlx::query(
        "-- outcome: the assignment ends, once
        UPDATE assignment SET ended_at_ms = $2, ending = 'outcome', report = $3 WHERE id = $1 AND ended_at_ms IS NULL",
    )
    .bind(record.assignment.0)
    .bind(now.as_millisecond())
    .bind(&record.report)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    // Ended by somebody else since it was read: the call is tried again and reads how.
    exactly_one(ended.rows_affected(), "assignment")?;
    order_draft::drop_of_lead(&mut *connection, LeadId(row.lead_id)).await?;
    let attempt = insert_attempt(&mut *connection, record, &row, now).await?;
    let state = move_lead(&mut *connection, keys, record, &row, attempt, now).await?;
    Ok(Recorded::Done { attempt, lead_state: state.as_str().to_owned() })
}

async fn repeated(connection: &mut Connection, assignment: AssignmentId) -> Result<Recorded> {
    let (attempt, lead_state) = sqlx::query_as::<Engine, (i64, String)>(
        "-- outcome: what was recorded
        SELECT attempt.id, lead.state FROM attempt JOIN lead ON lead.id = attempt.lead_id WHERE attempt.assignment_id = $1",
    )
    .bind(assignment.0)
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(Recorded::Repeated { attempt: AttemptId(attempt), lead_state })
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
    if let Some(late) = kept {
        return Ok(Recorded::Late { late_outcome: LateOutcomeId(late) });
    }
    if record.outcome.counts_as == CountsAs::Objection {
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

async fn insert_attempt(
    connection: &mut Connection,
    record: &Record,
    row: &AssignmentRow,
    now: Timestamp,
) -> Result<AttemptId> {
    sqlx::query_scalar::<Engine, i64>(
        "-- outcome: the attempt
        INSERT INTO attempt (assignment_id, lead_id, client_id, campaign_id, seller, list_id, operator_id, reopening_id,
            disposition, class, counts_as, note, duration_s, recorded_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        RETURNING id",
    )
    .bind(record.assignment.0)
    .bind(row.lead_id)
    .bind(row.client_id)
    .bind(row.campaign_id)
    .bind(&row.seller)
    .bind(row.list_id)
    .bind(record.operator.0)
    .bind(row.reopening_id)
    .bind(&record.outcome.disposition)
    .bind(record.outcome.class.as_str())
    .bind(record.outcome.counts_as.as_str())
    .bind(&record.outcome.note)
    .bind(record.outcome.duration_s.map(i64::from))
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await
    .map(AttemptId)
    .map_err(failed)
}

/// What becomes of the lead, its promises and its person.
async fn move_lead(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    record: &Record,
    row: &AssignmentRow,
    attempt: AttemptId,
    now: Timestamp,
) -> Result<LeadState> {
    let lead = LeadId(row.lead_id);
    sqlx::query(
        "-- outcome: the promise that brought the call is kept
        UPDATE callback SET state = 'kept' WHERE lead_id = $1 AND state = 'open'",
    )
    .bind(lead.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let same: i64 = sqlx::query_scalar::<Engine, i64>(
        "-- outcome: tries of the lead with this disposition since it was last reopened, this one included
        SELECT COUNT(*) FROM attempt
        WHERE lead_id = $1 AND disposition = $2 AND COALESCE(reopening_id, 0) = COALESCE($3, 0)",
    )
    .bind(lead.0)
    .bind(&record.outcome.disposition)
    .bind(row.reopening_id)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let after = Aftermath {
        earlier: u32::try_from(same.saturating_sub(1)).unwrap_or(u32::MAX),
        retry_at: record.retry_at.max(now),
        another_number: another_number(&mut *connection, record, row, now).await?,
    };
    let (mut event, priority) = consequence(&record.outcome, after);
    if let (LeadEvent::Postpone { until, block: Block::Callback }, Some(callable)) = (&mut event, &record.callable_at) {
        *until = callable.at;
    }
    let next = LeadState::Assigned.apply(event).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(&mut *connection, lead, LeadState::Assigned, next).await?;
    let refusal = match &record.outcome.detail {
        OutcomeDetail::Refusal(refusal) => {
            Some(insert_refusal(&mut *connection, record, row, attempt, refusal, now).await?)
        }
        OutcomeDetail::Order(form) => {
            let call = order::Call { lead: row.lead_id, client: row.client_id, campaign: row.campaign_id, attempt };
            order::place(&mut *connection, record, &call, form, now).await.map(|()| None)?
        }
        OutcomeDetail::Callback(promise) => {
            insert_callback(&mut *connection, record, row, attempt, promise, now).await.map(|()| None)?
        }
        OutcomeDetail::None => None,
    };
    let changed = sqlx::query(
        "-- outcome: the lead's place in the queue, and the refusal that closed it
        UPDATE lead SET priority = $2, refusal_id = $3 WHERE id = $1",
    )
    .bind(lead.0)
    .bind(priority)
    .bind(refusal)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "lead")?;
    if record.outcome.counts_as == CountsAs::Objection {
        object(&mut *connection, keys, row.client_id, &row.seller, record.operator, now).await?;
    }
    close_if_objected(connection, keys, lead, next).await
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
    }
    let numbers = numbers_tried(connection, row.client_id, LeadId(row.lead_id)).await?;
    // A number that does not work is tried as often as its retry says; one that nobody has dialled yet goes before that.
    let is_other = |number: &NumberTried| number.position != row.phone_position && !number.wrong;
    Ok(match record.outcome.class {
        OutcomeClass::WrongNumber => numbers.iter().any(is_other),
        _ => numbers.iter().any(|number| is_other(number) && number.tries == 0),
    })
}

async fn insert_refusal(
    connection: &mut Connection,
    record: &Record,
    row: &AssignmentRow,
    attempt: AttemptId,
    refusal: &Refusal,
    now: Timestamp,
) -> Result<i64> {
    sqlx::query_scalar::<Engine, i64>(
        "-- outcome: the refusal
        INSERT INTO refusal (attempt_id, lead_id, campaign_id, reason, price_ceiling_minor, wanted_features, competitor,
            contract_end, tariff_offered, offered_name, offered_price_minor, currency, refused_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        RETURNING id",
    )
    .bind(attempt.0)
    .bind(row.lead_id)
    .bind(row.campaign_id)
    .bind(&refusal.reason)
    .bind(refusal.price_ceiling.map(|money| money.minor))
    .bind(to_json(&refusal.wanted_features))
    .bind(&refusal.competitor)
    .bind(refusal.contract_end.map(|date| date.to_string()))
    .bind(record.tariff.as_ref().map(|tariff| tariff.tariff.as_str()))
    .bind(record.tariff.as_ref().map(|tariff| tariff.name.as_str()))
    .bind(record.tariff.as_ref().map(|tariff| tariff.price.minor))
    .bind(record.currency.code())
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await
    .map_err(failed)
}

async fn insert_callback(
    connection: &mut Connection,
    record: &Record,
    row: &AssignmentRow,
    attempt: AttemptId,
    promise: &CallbackReport,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "-- outcome: the promise
        INSERT INTO callback (lead_id, campaign_id, attempt_id, promised_by, operator_id, due_at_ms, callable_at_ms, note, state,
            created_at_ms, moved_because)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10)",
    )
    .bind(row.lead_id)
    .bind(row.campaign_id)
    .bind(attempt.0)
    .bind(record.operator.0)
    .bind(promise.personal.then_some(record.operator.0))
    .bind(promise.due_at.as_millisecond())
    .bind(record.callable_at.as_ref().map_or(promise.due_at, |callable| callable.at).as_millisecond())
    .bind(&record.outcome.note)
    .bind(now.as_millisecond())
    .bind(record.callable_at.as_ref().and_then(|callable| callable.moved_because.as_deref()))
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
