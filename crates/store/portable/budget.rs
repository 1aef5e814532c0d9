//! What holds a reopened lead back for a while: a day's budget, the operator who had the refusal, a hold-out.

use jiff::Timestamp;
use relance_domain::queue;
use relance_domain::reopening::{WaitsForBudget, released};
use relance_domain::{CampaignId, LeadId, TariffId};
use relance_store::tariff::{BudgetRelease, DayBudget};
use relance_store::{Result, StoreError};
use serde::Serialize;

use super::lane::settle_clients;
use super::rows::{Origin, all_of, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

pub(super) async fn waiting_campaigns(connection: &mut Connection) -> Result<Vec<CampaignId>> {
    let campaigns = sqlx::query_scalar::<Engine, i64>(
        "-- budget: campaigns of which leads wait for one
        SELECT campaign.id FROM campaign WHERE EXISTS (
            SELECT 1 FROM lead WHERE lead.campaign_id = campaign.id AND lead.state = 'scheduled' AND lead.block = 'budget')
        ORDER BY campaign.id",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(campaigns.into_iter().map(CampaignId).collect())
}

pub(super) async fn release(connection: &mut Connection, release: &BudgetRelease, now: Timestamp) -> Result<u64> {
    for statement in dialect::BUDGET_TURN {
        sqlx::query(*statement).bind(release.campaign.0).execute(&mut *connection).await.map_err(failed)?;
    }
    let limit = match release.budget {
        Some(budget) => left(&mut *connection, release.campaign, None, budget).await?.min(release.limit),
        None => release.limit,
    };
    let mut of_tariffs = Vec::with_capacity(release.tariffs.len());
    let mut waiting = Vec::new();
    for (at, (tariff, budget)) in release.tariffs.iter().enumerate() {
        let of_tariff = match budget {
            Some(budget) => Some(left(&mut *connection, release.campaign, Some(*tariff), *budget).await?),
            None => None,
        };
        of_tariffs.push(of_tariff);
        let first = of_tariff.unwrap_or(limit).min(limit);
        if first > 0 {
            waiting.extend(first_waiting(&mut *connection, release.campaign, (at, *tariff), first).await?);
        }
    }
    let leads: Vec<LeadId> =
        released(&waiting, Some(limit), &of_tariffs).into_iter().map(|at| waiting[at].place.2).collect();
    let_through(&mut *connection, &leads, now).await?;
    if let Some(span) = release.kept_for {
        let until_ms = span.after(now).as_millisecond();
        let kept: Vec<Kept> = leads.iter().map(|lead| Kept { lead: lead.0, until_ms }).collect();
        keep(connection, &kept, now).await?;
    }
    Ok(leads.len() as u64)
}

/// How many of a day's budget are left, of a tariff or of all together.
async fn left(
    connection: &mut Connection,
    campaign: CampaignId,
    tariff: Option<TariffId>,
    budget: DayBudget,
) -> Result<u32> {
    let used = sqlx::query_scalar::<Engine, i64>(
        "-- budget: leads that became callable in a day and were not taken back before anybody called them
        SELECT COUNT(*) FROM reopening WHERE campaign_id = $1 AND released_at_ms >= $2 AND released_at_ms < $3
            AND taken_back_at_ms IS NULL
            AND ($4 IS NULL OR tariff_id = $4)",
    )
    .bind(campaign.0)
    .bind(budget.from.as_millisecond())
    .bind(budget.until.as_millisecond())
    .bind(tariff.map(|tariff| tariff.0))
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(budget.per_day.saturating_sub(u32::try_from(used).unwrap_or(u32::MAX)))
}

async fn first_waiting(
    connection: &mut Connection,
    campaign: CampaignId,
    (at, tariff): (usize, TariffId),
    limit: u32,
) -> Result<Vec<WaitsForBudget>> {
    let rows = sqlx::query_as::<Engine, (i64, i64, i64)>(dialect::WAITING_FOR_BUDGET)
        .bind(campaign.0)
        .bind(tariff.0)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await
        .map_err(failed)?;
    let waits = |(lead, priority, due_at_ms): (i64, i64, i64)| {
        let due_at = Origin::new("lead", lead).instant("due_at_ms", due_at_ms)?;
        Ok(WaitsForBudget { place: (priority, due_at, LeadId(lead)), tariff: at })
    };
    rows.into_iter().map(waits).collect()
}

async fn let_through(connection: &mut Connection, leads: &[LeadId], now: Timestamp) -> Result<()> {
    if leads.is_empty() {
        return Ok(());
    }
    let sent = to_json(&leads);
    let ready = sqlx::query(concat!(
        "-- budget: leads that it lets through are ready
        UPDATE lead SET state = 'ready', block = NULL
        WHERE state = 'scheduled' AND block = 'budget' AND id IN (SELECT CAST(sent.value AS BIGINT) FROM ",
        dialect::sent!("$1"),
        ")"
    ))
    .bind(&sent)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    all_of(ready.rows_affected(), leads.len(), "lead")?;
    let counted = sqlx::query(concat!(
        "-- budget: when it let them through; two leads that became one may have been let through before
        UPDATE reopening SET released_at_ms = COALESCE(released_at_ms, $2)
        WHERE id IN (
            SELECT lead.reopening_id FROM ",
        dialect::sent!("$1"),
        " JOIN lead ON lead.id = CAST(sent.value AS BIGINT))"
    ))
    .bind(&sent)
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    all_of(counted.rows_affected(), leads.len(), "reopening")
}

/// A lead to be kept for whoever had its refusal, until when.
#[derive(Serialize)]
pub(super) struct Kept {
    pub(super) lead: i64,
    pub(super) until_ms: i64,
}

/// Keeps leads for the operators who had their refusals, where they are there and the lead is kept for nobody yet.
pub(super) async fn keep(connection: &mut Connection, kept: &[Kept], now: Timestamp) -> Result<()> {
    if kept.is_empty() {
        return Ok(());
    }
    let clients = sqlx::query_scalar::<Engine, i64>(concat!(
        "-- reopen: leads are kept for those who had the refusals
        UPDATE lead SET reserved_for = had.operator_id, reserved_until_ms = had.until_ms
        FROM (
            SELECT refused.id, attempt.operator_id, given.until_ms
            FROM (",
        dialect::relation!("$1", lead BIGINT, until_ms BIGINT),
        ") AS given
            JOIN lead AS refused ON refused.id = given.lead
            JOIN refusal ON refusal.id = refused.refusal_id
            JOIN attempt ON attempt.id = refusal.attempt_id
            JOIN app_user ON app_user.id = attempt.operator_id AND app_user.disabled_at_ms IS NULL
                AND NOT (COALESCE(app_user.away_from_ms <= $2, FALSE) AND app_user.away_until_ms > $2)) AS had
        WHERE lead.id = had.id AND lead.reserved_for IS NULL
        RETURNING client_id"
    ))
    .bind(to_json(&kept))
    .bind(now.as_millisecond())
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    settle_clients(connection, &clients).await
}

pub(super) async fn end_hold_outs(connection: &mut Connection, now: Timestamp, limit: i64) -> Result<u64> {
    let over = sqlx::query_scalar::<Engine, i64>(dialect::HELD_OUT_LONG_ENOUGH)
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    if over.is_empty() {
        return Ok(0);
    }
    let sent = to_json(&over);
    // With or without a budget: the loop that releases by budgets lets them through where there is none.
    sqlx::query(concat!(
        "-- hold-out: whoever still stands refused waits in the queue like the others
        UPDATE lead SET state = 'scheduled', block = 'budget', closed_reason = NULL, due_at_ms = $2, priority = $3 - held.score,
            reopening_id = held.id
        FROM (
            SELECT reopening.id, reopening.lead_id, reopening.refusal_id, reopening.score FROM ",
        dialect::sent!("$1"),
        " JOIN reopening ON reopening.id = CAST(sent.value AS BIGINT) AND reopening.taken_back_at_ms IS NULL) AS held
        WHERE lead.id = held.lead_id AND lead.refusal_id = held.refusal_id AND lead.state = 'closed'
            AND lead.closed_reason = 'refused'"
    ))
    .bind(&sent)
    .bind(now.as_millisecond())
    .bind(queue::REOPENED)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let ended = sqlx::query(concat!(
        "-- hold-out: its time is over
        UPDATE reopening SET hold_out_ended_at_ms = $2
        WHERE hold_out_ended_at_ms IS NULL AND id IN (SELECT CAST(sent.value AS BIGINT) FROM ",
        dialect::sent!("$1"),
        ")"
    ))
    .bind(&sent)
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    if ended.rows_affected() != over.len() as u64 {
        return Err(StoreError::Busy("a hold-out ended meanwhile: the step is tried again".into()));
    }
    Ok(ended.rows_affected())
}
