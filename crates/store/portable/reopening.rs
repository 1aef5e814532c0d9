//! What a tariff puts back in the queue, and what is taken back with it: in bounded steps, each of which any node may take.

use jiff::Timestamp;
use relance_domain::lead::{Block, ClosedReason, LeadEvent, LeadState};
use relance_domain::matching::YEAR;
use relance_domain::queue;
use relance_domain::tariff::TariffState;
use relance_domain::{LeadId, TariffId};
use relance_store::tariff::{Reopen, ReopeningStep, StepDone, TakenBack};
use relance_store::{Result, StoreError};
use serde::Serialize;

use super::budget::{self, Kept};
use super::ending::{left_uncalled, waits, waits_uncalled};
use super::lead::change_lead;
use super::rows::{Origin, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// How far a tariff has come, its row held.
pub(super) struct Progress {
    pub(super) state: TariffState,
    pub(super) version: i64,
    reopened_to: i64,
    reopened_all: bool,
    taken_back_to: i64,
    taken_back_all: bool,
}

type ProgressRow = (String, i64, i64, Option<i64>, i64, Option<i64>);

/// Holds the tariff's row, so that two nodes do not take the same step.
pub(super) async fn hold(connection: &mut Connection, tariff: TariffId) -> Result<Progress> {
    let (state, version, reopened_to, reopened_all, taken_back_to, taken_back_all) =
        sqlx::query_as::<Engine, ProgressRow>(dialect::LOCK_TARIFF)
            .bind(tariff.0)
            .fetch_optional(connection)
            .await
            .map_err(failed)?
            .ok_or_else(|| StoreError::not_found("tariff", tariff))?;
    Ok(Progress {
        state: Origin::new("tariff", tariff.0).word("state", &state)?,
        version,
        reopened_to,
        reopened_all: reopened_all.is_some(),
        taken_back_to,
        taken_back_all: taken_back_all.is_some(),
    })
}

#[derive(Serialize)]
struct Given<'a> {
    refusal: i64,
    because: &'a str,
    /// 0 where nothing is asked.
    yearly: i64,
    score: i64,
    score_because: &'a str,
    released: Option<i64>,
    hold_out: Option<&'static str>,
    hold_out_until: Option<i64>,
}

impl<'a> Given<'a> {
    fn new(one: &'a Reopen, now: Timestamp) -> Self {
        Self {
            refusal: one.refusal.0,
            because: &one.because,
            yearly: one.most_in_a_year.map_or(0, i64::from),
            score: one.score.points,
            score_because: &one.score.because,
            released: (!one.waits_for_budget && one.is_called()).then(|| now.as_millisecond()),
            hold_out: one.held_out.map(|(how, _)| how.as_str()),
            hold_out_until: one.held_out.map(|(_, until)| until.as_millisecond()),
        }
    }
}

/// Where a lead goes.
#[derive(Serialize)]
struct Moved {
    lead: i64,
    reopening: i64,
    state: &'static str,
    due: i64,
    block: Option<&'static str>,
    priority: i64,
}

pub(super) async fn step(connection: &mut Connection, step: &ReopeningStep, now: Timestamp) -> Result<StepDone> {
    let at = hold(&mut *connection, step.tariff).await?;
    // Whom an earlier version put back does not stand refused before they were taken back: the step would pass them.
    let elsewhere =
        at.version != step.version || at.reopened_to != step.from.0 || at.reopened_all || !at.taken_back_all;
    if at.state != TariffState::Published || elsewhere {
        return Ok(StepDone::DoneElsewhere);
    }
    let reopened = if step.reopen.is_empty() { 0 } else { reopen(&mut *connection, step, now).await? };
    let remembered = sqlx::query(
        "-- publish: remember how far the step came
        UPDATE tariff SET reopened_to_refusal_id = $2, reopened_all_at_ms = $3 WHERE id = $1",
    )
    .bind(step.tariff.0)
    .bind(step.to.0)
    .bind(step.last.then(|| now.as_millisecond()))
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(remembered.rows_affected(), "tariff")?;
    Ok(StepDone::Reopened(reopened))
}

/// Reopens the refusals of a step, except those whose lead has moved on or whose person has objected since they were read.
async fn reopen(connection: &mut Connection, step: &ReopeningStep, now: Timestamp) -> Result<u64> {
    let given: Vec<Given<'_>> = step.reopen.iter().map(|one| Given::new(one, now)).collect();
    let given = to_json(&given);
    for statement in dialect::LOCK_REFUSED_LEADS {
        sqlx::query(*statement).bind(&given).execute(&mut *connection).await.map_err(failed)?;
    }
    let made = sqlx::query_as::<Engine, (i64, i64, i64)>(concat!(
        "-- publish: why leads are back, where their refusal still stands and no reopening of the tariff does
        INSERT INTO reopening (tariff_id, tariff_version, refusal_id, lead_id, campaign_id, because, reopened_at_ms, score,
            score_because, released_at_ms, hold_out, hold_out_until_ms)
        SELECT $1, $2, refusal.id, lead.id, lead.campaign_id, given.because, $3, given.score, given.score_because,
            CAST(given.released AS BIGINT), given.hold_out, CAST(given.hold_out_until AS BIGINT)
        FROM (",
        dialect::relation!(
            "$4",
            refusal BIGINT, because TEXT, yearly BIGINT, score BIGINT, score_because TEXT, released BIGINT, hold_out TEXT,
            hold_out_until BIGINT
        ),
        ") AS given
        JOIN refusal ON refusal.id = given.refusal
        JOIN lead ON lead.id = refusal.lead_id AND lead.refusal_id = refusal.id AND lead.state = 'closed'
            AND lead.closed_reason = 'refused'
        WHERE given.yearly = 0 OR given.yearly > (
            SELECT COUNT(*) FROM lead AS theirs JOIN reopening AS past ON past.lead_id = theirs.id
            WHERE theirs.client_id = lead.client_id AND past.taken_back_at_ms IS NULL AND past.reopened_at_ms > $5)
        ON CONFLICT (tariff_id, refusal_id) WHERE taken_back_at_ms IS NULL DO NOTHING
        RETURNING id, lead_id, refusal_id"
    ))
    .bind(step.tariff.0)
    .bind(step.version)
    .bind(now.as_millisecond())
    .bind(&given)
    .bind(YEAR.before(now).as_millisecond())
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let places: std::collections::HashMap<i64, &Reopen> = step.reopen.iter().map(|one| (one.refusal.0, one)).collect();
    let given = |(reopening, lead, refusal): &(i64, i64, i64)| Some((*reopening, *lead, *places.get(refusal)?));
    let called: Vec<(i64, i64, &Reopen)> =
        made.iter().filter_map(given).filter(|(_, _, one)| one.is_called()).collect();
    let moved: Vec<Moved> =
        called.iter().map(|(reopening, lead, one)| moved(*reopening, *lead, one, now)).collect::<Result<_>>()?;
    let done = sqlx::query(concat!(
        "-- publish: the leads go back to the queue
        UPDATE lead SET state = given.state, due_at_ms = given.due, block = given.block, closed_reason = NULL,
            priority = given.priority, reopening_id = given.reopening
        FROM (",
        dialect::relation!("$1", lead BIGINT, reopening BIGINT, state TEXT, due BIGINT, block TEXT, priority BIGINT),
        ") AS given
        WHERE lead.id = given.lead AND lead.state = 'closed' AND lead.closed_reason = 'refused'"
    ))
    .bind(to_json(&moved))
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if done.rows_affected() != moved.len() as u64 {
        return Err(StoreError::Busy("a lead moved while its refusal was reopened: the step is tried again".into()));
    }
    let kept = called.iter().filter_map(|(_, lead, one)| {
        let callable_from = one.held.map_or(now, |(_, until)| until.max(now));
        let span = one.kept_for.filter(|_| !one.waits_for_budget)?;
        Some(Kept { lead: *lead, until_ms: span.after(callable_from).as_millisecond() })
    });
    budget::keep(connection, &kept.collect::<Vec<_>>(), now).await?;
    Ok(done.rows_affected())
}

/// Where a lead goes: into the queue, behind what holds its person back, or among those who wait for a budget.
fn moved(reopening: i64, lead: i64, one: &Reopen, now: Timestamp) -> Result<Moved> {
    let held = one.held.map(|(block, until)| (until, block));
    let from = held.or_else(|| one.waits_for_budget.then_some((now, Block::Budget)));
    let next = LeadState::Closed(ClosedReason::Refused)
        .apply(LeadEvent::Reopen { from })
        .map_err(|error| StoreError::Database(error.into()))?;
    let (state, due, block, _) = next.columns();
    let priority = queue::reopened(one.score.points);
    Ok(Moved { lead, reopening, state, due: due.unwrap_or(now.as_millisecond()), block, priority })
}

/// Begins a new pass over the refusals, where the last one that began at an instant is complete; tells whether.
pub(super) async fn begin_pass(
    connection: &mut Connection,
    tariff: TariffId,
    last_began: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    // As with a publication: the steps read by number and must not miss a refusal that is being written.
    sqlx::query(dialect::SETTLE_REFUSALS).execute(&mut *connection).await.map_err(failed)?;
    let begun = sqlx::query(
        "-- publish: the refusals are looked at again, for what time has brought about
        UPDATE tariff SET pass_at_ms = $3, reopened_to_refusal_id = 0, reopened_all_at_ms = NULL
        WHERE id = $1 AND state = 'published' AND pass_at_ms = $2 AND reopened_all_at_ms IS NOT NULL",
    )
    .bind(tariff.0)
    .bind(last_began.as_millisecond())
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(begun.rows_affected() == 1)
}

/// One bounded step in which leads that a tariff, or an earlier version of it, put back and that nobody has called since are
/// closed by their refusal again.
pub(super) async fn take_back(
    connection: &mut Connection,
    tariff: TariffId,
    limit: i64,
    now: Timestamp,
) -> Result<TakenBack> {
    let at = hold(&mut *connection, tariff).await?;
    if at.taken_back_all {
        return Ok(TakenBack { leads: 0, complete: true });
    }
    // Of a retired tariff every version, of a published one the versions before it.
    let before = if at.state == TariffState::Retired { at.version + 1 } else { at.version };
    let window = sqlx::query_scalar::<Engine, i64>(
        "-- take back: the next reopenings of the tariff
        SELECT id FROM reopening WHERE tariff_id = $1 AND id > $2 ORDER BY id LIMIT $3",
    )
    .bind(tariff.0)
    .bind(at.taken_back_to)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let to = window.last().copied().unwrap_or(at.taken_back_to);
    let complete = i64::try_from(window.len()).unwrap_or(i64::MAX) < limit;
    for statement in dialect::LOCK_REOPENED_LEADS {
        let lock = sqlx::query(*statement).bind(tariff.0).bind(at.taken_back_to).bind(to);
        lock.execute(&mut *connection).await.map_err(failed)?;
    }
    sqlx::query(concat!(
        "-- take back: reopenings whose refusal was left uncalled; its lead never moved
        UPDATE reopening SET taken_back_at_ms = $4, hold_out_ended_at_ms = $4
        WHERE tariff_id = $1 AND id > $2 AND id <= $3 AND tariff_version < $5 AND ",
        left_uncalled!()
    ))
    .bind(tariff.0)
    .bind(at.taken_back_to)
    .bind(to)
    .bind(now.as_millisecond())
    .bind(before)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let taken = sqlx::query(concat!(
        "-- take back: reopenings whose lead waits in the queue, and not for a promise of another call, and that nobody was called for
        UPDATE reopening SET taken_back_at_ms = $4
        WHERE tariff_id = $1 AND id > $2 AND id <= $3 AND tariff_version < $5 AND ",
        waits_uncalled!()
    ))
    .bind(tariff.0)
    .bind(at.taken_back_to)
    .bind(to)
    .bind(now.as_millisecond())
    .bind(before)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let leads = sqlx::query(concat!(
        "-- take back: their leads are closed by their refusal again
        UPDATE lead SET state = 'closed', closed_reason = 'refused', block = NULL
        FROM reopening
        WHERE reopening.tariff_id = $1 AND reopening.id > $2 AND reopening.id <= $3 AND reopening.taken_back_at_ms = $4
            AND lead.id = reopening.lead_id AND lead.reopening_id = reopening.id AND ",
        waits!()
    ))
    .bind(tariff.0)
    .bind(at.taken_back_to)
    .bind(to)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if leads.rows_affected() != taken.rows_affected() {
        return Err(StoreError::Busy("a lead moved while it was taken back: the step is tried again".into()));
    }
    let remembered = sqlx::query(
        "-- take back: remember how far the step came
        UPDATE tariff SET taken_back_to_reopening_id = $2, taken_back_all_at_ms = $3 WHERE id = $1",
    )
    .bind(tariff.0)
    .bind(to)
    .bind(complete.then(|| now.as_millisecond()))
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(remembered.rows_affected(), "tariff")?;
    Ok(TakenBack { leads: leads.rows_affected(), complete })
}

/// Holds the tariff that put a lead back, if one did, so that it does not end unseen.
pub(super) async fn hold_tariff_of(connection: &mut Connection, lead: LeadId) -> Result<()> {
    for statement in dialect::LOCK_TARIFF_OF_LEAD {
        sqlx::query(*statement).bind(lead.0).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Closes a lead by its refusal again that was with an operator when the tariff, or the version of it, that had put it back ended, and
/// that nobody was called for.
pub(super) async fn close_if_ended(
    connection: &mut Connection,
    lead: LeadId,
    state: LeadState,
    now: Timestamp,
) -> Result<()> {
    let taken = sqlx::query(concat!(
        "-- take back: the reopening of a lead that was handed back as not called, where its tariff has ended meanwhile
        UPDATE reopening SET taken_back_at_ms = $2
        WHERE id = (SELECT reopening_id FROM lead WHERE id = $1)
            AND EXISTS (SELECT 1 FROM tariff WHERE tariff.id = reopening.tariff_id
                AND (tariff.state = 'retired' OR tariff.version > reopening.tariff_version))
            AND ",
        waits_uncalled!()
    ))
    .bind(lead.0)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if taken.rows_affected() == 0 {
        return Ok(());
    }
    let closed =
        state.apply(LeadEvent::Close(ClosedReason::Refused)).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(&mut *connection, lead, state, closed).await?;
    look_again(connection, lead).await
}

/// What has followed the tariff that put a lead back may have passed the lead while it was with an operator: its next steps look at the
/// refusals from there on once more.
async fn look_again(connection: &mut Connection, lead: LeadId) -> Result<()> {
    sqlx::query(
        "-- take back: the version or the tariff that took the place of the one that has ended looks at the refusal again
        UPDATE tariff SET reopened_to_refusal_id = lead.refusal_id - 1, reopened_all_at_ms = NULL
        FROM lead JOIN reopening ON reopening.id = lead.reopening_id JOIN tariff AS ended ON ended.id = reopening.tariff_id
        WHERE lead.id = $1 AND tariff.id IN (ended.id, COALESCE(ended.replaced_by, ended.id)) AND tariff.state = 'published'
            AND tariff.reopened_to_refusal_id >= lead.refusal_id",
    )
    .bind(lead.0)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
