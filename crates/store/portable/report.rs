//! What a report leaves on record: the attempt, and the refusal, order or promise that came of it.

use std::collections::HashMap;

use jiff::Timestamp;
use relance_domain::outcome::OutcomeDetail;
use relance_domain::{AssignmentId, AttemptId, LeadId};
use relance_store::Result;
use serde::Serialize;

use super::aftermath::Call;
use super::answering::unit_and_amount;
use super::order;
use super::rows::{all_of, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// A call and the attempt that it made.
pub(super) struct Reported<'a> {
    pub(super) call: Call<'a>,
    pub(super) attempt: i64,
}

#[derive(Serialize)]
struct NewAttempt<'a> {
    assignment: AssignmentId,
    lead: i64,
    client: i64,
    campaign: i64,
    seller: &'a str,
    list: i64,
    operator: i64,
    reopening: Option<i64>,
    disposition: &'a str,
    class: &'static str,
    counts_as: &'static str,
    note: Option<&'a str>,
    duration_s: Option<u32>,
}

/// Makes the attempts; tells them by assignment.
pub(super) async fn insert_attempts(
    connection: &mut Connection,
    calls: &[Call<'_>],
    now: Timestamp,
) -> Result<HashMap<AssignmentId, i64>> {
    let attempts: Vec<NewAttempt<'_>> = calls
        .iter()
        .map(|Call { record, row }| NewAttempt {
            assignment: record.assignment,
            lead: row.lead_id,
            client: row.client_id,
            campaign: row.campaign_id,
            seller: &row.seller,
            list: row.list_id,
            operator: record.operator.0,
            reopening: row.reopening_id,
            disposition: &record.outcome.disposition,
            class: record.outcome.class.as_str(),
            counts_as: record.outcome.counts_as.as_str(),
            note: record.outcome.note.as_deref(),
            duration_s: record.outcome.duration_s,
        })
        .collect();
    let rows = sqlx::query_as::<Engine, (i64, i64)>(concat!(
        "-- outcome: the attempts
        INSERT INTO attempt (assignment_id, lead_id, client_id, campaign_id, seller, list_id, operator_id, reopening_id,
            disposition, class, counts_as, note, duration_s, recorded_at_ms)
        SELECT CAST(sent.value ->> 'assignment' AS BIGINT), CAST(sent.value ->> 'lead' AS BIGINT),
            CAST(sent.value ->> 'client' AS BIGINT), CAST(sent.value ->> 'campaign' AS BIGINT), sent.value ->> 'seller',
            CAST(sent.value ->> 'list' AS BIGINT), CAST(sent.value ->> 'operator' AS BIGINT),
            CAST(sent.value ->> 'reopening' AS BIGINT), sent.value ->> 'disposition', sent.value ->> 'class',
            sent.value ->> 'counts_as', sent.value ->> 'note', CAST(sent.value ->> 'duration_s' AS BIGINT), $2
        FROM ",
        dialect::sent!("$1"),
        "
        RETURNING assignment_id, id"
    ))
    .bind(to_json(&attempts))
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|(assignment, attempt)| (AssignmentId(assignment), attempt)).collect())
}

#[derive(Serialize)]
struct NewRefusal<'a> {
    attempt: i64,
    lead: i64,
    campaign: i64,
    reason: &'a str,
    price_ceiling_minor: Option<i64>,
    max_months: Option<u32>,
    wanted_features: String,
    coverage: Option<&'a str>,
    competitor: Option<&'a str>,
    competitor_price_minor: Option<i64>,
    contract_end: Option<String>,
    call_after: Option<String>,
    tariff_offered: Option<&'a str>,
    offered_version: Option<i64>,
    offered_name: Option<&'a str>,
    offered_price_minor: Option<i64>,
    currency: &'a str,
}

fn refusal_of<'a>(reported: &Reported<'a>) -> Option<NewRefusal<'a>> {
    let Call { record, row } = reported.call;
    let OutcomeDetail::Refusal(refusal) = &record.outcome.detail else { return None };
    let offered = record.tariff.as_ref();
    Some(NewRefusal {
        attempt: reported.attempt,
        lead: row.lead_id,
        campaign: row.campaign_id,
        reason: &refusal.reason,
        price_ceiling_minor: refusal.price_ceiling.map(|money| money.minor),
        max_months: refusal.max_months,
        wanted_features: to_json(&refusal.wanted_features),
        coverage: refusal.coverage.as_deref(),
        competitor: refusal.competitor.as_deref(),
        competitor_price_minor: refusal.competitor_price.map(|money| money.minor),
        contract_end: refusal.contract_end.map(|date| date.to_string()),
        call_after: refusal.call_after.map(|date| date.to_string()),
        tariff_offered: offered.map(|tariff| tariff.tariff.as_str()),
        offered_version: offered.map(|tariff| tariff.version),
        offered_name: offered.map(|tariff| tariff.name.as_str()),
        offered_price_minor: offered.map(|tariff| tariff.price.minor),
        currency: record.currency.code(),
    })
}

/// Keeps refusals; tells them by lead.
pub(super) async fn insert_refusals(
    connection: &mut Connection,
    reported: &[Reported<'_>],
    now: Timestamp,
) -> Result<HashMap<LeadId, i64>> {
    let refusals: Vec<NewRefusal<'_>> = reported.iter().filter_map(refusal_of).collect();
    if refusals.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as::<Engine, (i64, i64)>(concat!(
        "-- outcome: the refusals
        INSERT INTO refusal (attempt_id, lead_id, campaign_id, reason, price_ceiling_minor, max_months, wanted_features, coverage,
            competitor, competitor_price_minor, contract_end, call_after, tariff_offered, offered_version, offered_name,
            offered_price_minor, currency, refused_at_ms)
        SELECT CAST(sent.value ->> 'attempt' AS BIGINT), CAST(sent.value ->> 'lead' AS BIGINT),
            CAST(sent.value ->> 'campaign' AS BIGINT), sent.value ->> 'reason',
            CAST(sent.value ->> 'price_ceiling_minor' AS BIGINT), CAST(sent.value ->> 'max_months' AS BIGINT),
            sent.value ->> 'wanted_features', sent.value ->> 'coverage', sent.value ->> 'competitor',
            CAST(sent.value ->> 'competitor_price_minor' AS BIGINT), sent.value ->> 'contract_end', sent.value ->> 'call_after',
            sent.value ->> 'tariff_offered', CAST(sent.value ->> 'offered_version' AS BIGINT), sent.value ->> 'offered_name',
            CAST(sent.value ->> 'offered_price_minor' AS BIGINT), sent.value ->> 'currency', $2
        FROM ",
        dialect::sent!("$1"),
        "
        RETURNING lead_id, id"
    ))
    .bind(to_json(&refusals))
    .bind(now.as_millisecond())
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let refusals = rows.into_iter().map(|(lead, refusal)| (LeadId(lead), refusal)).collect();
    insert_wants(connection, reported, &refusals).await?;
    Ok(refusals)
}

#[derive(Serialize)]
struct NewWant<'a> {
    refusal: i64,
    feature: &'a str,
    unit: String,
    amount: i64,
}

/// Keeps the features that refusals want, each in the unit of its day.
async fn insert_wants(
    connection: &mut Connection,
    reported: &[Reported<'_>],
    refusals: &HashMap<LeadId, i64>,
) -> Result<()> {
    let mut wants = Vec::new();
    for call in reported.iter().map(|reported| reported.call) {
        let OutcomeDetail::Refusal(refused) = &call.record.outcome.detail else { continue };
        let Some(refusal) = refusals.get(&call.lead()).copied() else { continue };
        wants.extend(refused.wanted_features.iter().map(|(feature, value)| {
            let (unit, amount) = unit_and_amount(feature, *value, &refused.units);
            NewWant { refusal, feature, unit, amount }
        }));
    }
    if wants.is_empty() {
        return Ok(());
    }
    let kept = sqlx::query(concat!(
        "-- outcome: the features that the refusals want
        INSERT INTO refusal_want (refusal_id, feature, unit, amount)
        SELECT CAST(sent.value ->> 'refusal' AS BIGINT), sent.value ->> 'feature', sent.value ->> 'unit',
            CAST(sent.value ->> 'amount' AS BIGINT)
        FROM ",
        dialect::sent!("$1")
    ))
    .bind(to_json(&wants))
    .execute(connection)
    .await
    .map_err(failed)?;
    all_of(kept.rows_affected(), wants.len(), "refusal_want")
}

/// Places orders, at the prices of this moment.
pub(super) async fn place_orders(connection: &mut Connection, reported: &[Reported<'_>], now: Timestamp) -> Result<()> {
    for Reported { call: Call { record, row }, attempt } in reported {
        if let OutcomeDetail::Order(form) = &record.outcome.detail {
            let attempt = AttemptId(*attempt);
            let call = order::Call { lead: row.lead_id, client: row.client_id, campaign: row.campaign_id, attempt };
            order::place(&mut *connection, record, &call, form, now).await?;
        }
    }
    Ok(())
}

#[derive(Serialize)]
struct NewCallback<'a> {
    attempt: i64,
    lead: i64,
    campaign: i64,
    promised_by: i64,
    operator: Option<i64>,
    due_at_ms: i64,
    callable_at_ms: i64,
    note: Option<&'a str>,
    moved_because: Option<&'a str>,
}

fn callback_of<'a>(reported: &Reported<'a>) -> Option<NewCallback<'a>> {
    let Call { record, row } = reported.call;
    let OutcomeDetail::Callback(promise) = &record.outcome.detail else { return None };
    let callable = record.callable_at.as_ref();
    Some(NewCallback {
        attempt: reported.attempt,
        lead: row.lead_id,
        campaign: row.campaign_id,
        promised_by: record.operator.0,
        operator: promise.personal.then_some(record.operator.0),
        due_at_ms: promise.due_at.as_millisecond(),
        callable_at_ms: callable.map_or(promise.due_at, |callable| callable.at).as_millisecond(),
        note: record.outcome.note.as_deref(),
        moved_because: callable.and_then(|callable| callable.moved_because.as_deref()),
    })
}

/// Keeps promises.
pub(super) async fn insert_callbacks(
    connection: &mut Connection,
    reported: &[Reported<'_>],
    now: Timestamp,
) -> Result<()> {
    let callbacks: Vec<NewCallback<'_>> = reported.iter().filter_map(callback_of).collect();
    if callbacks.is_empty() {
        return Ok(());
    }
    let inserted = sqlx::query(concat!(
        "-- outcome: the promises
        INSERT INTO callback (lead_id, campaign_id, attempt_id, promised_by, operator_id, due_at_ms, callable_at_ms, note, state,
            created_at_ms, moved_because)
        SELECT CAST(sent.value ->> 'lead' AS BIGINT), CAST(sent.value ->> 'campaign' AS BIGINT),
            CAST(sent.value ->> 'attempt' AS BIGINT), CAST(sent.value ->> 'promised_by' AS BIGINT),
            CAST(sent.value ->> 'operator' AS BIGINT), CAST(sent.value ->> 'due_at_ms' AS BIGINT),
            CAST(sent.value ->> 'callable_at_ms' AS BIGINT), sent.value ->> 'note', 'open', $2, sent.value ->> 'moved_because'
        FROM ",
        dialect::sent!("$1")
    ))
    .bind(to_json(&callbacks))
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    all_of(inserted.rows_affected(), callbacks.len(), "callback")
}
