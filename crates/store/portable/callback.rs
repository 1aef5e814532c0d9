//! Promises to call back.

use jiff::Timestamp;
use relance_domain::fault::{self, Fault};
use relance_domain::phone::mask;
use relance_domain::{CallbackId, CampaignId, LeadId};
use relance_store::Result;
use relance_store::outcome::{Callback, CallbackFilter};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
struct CallbackRow {
    id: i64,
    campaign: String,
    lead_id: i64,
    phone: String,
    operator: Option<String>,
    due_at_ms: i64,
    callable_at_ms: i64,
    escalated_at_ms: Option<i64>,
    note: Option<String>,
    moved_because: Option<String>,
}

pub(super) async fn open(connection: &mut Connection, filter: &CallbackFilter) -> Result<Vec<Callback>> {
    let rows = sqlx::query_as::<Engine, CallbackRow>(
        "-- callback: open promises
        SELECT callback.id, campaign.campaign, callback.lead_id, client.phone, app_user.name AS operator, callback.due_at_ms,
            callback.callable_at_ms, callback.escalated_at_ms, callback.note, callback.moved_because
        FROM callback
        JOIN campaign ON campaign.id = callback.campaign_id
        JOIN lead ON lead.id = callback.lead_id
        JOIN client ON client.id = lead.client_id
        LEFT JOIN app_user ON app_user.id = callback.operator_id
        WHERE callback.state = 'open' AND ($1 IS NULL OR callback.operator_id = $1 OR callback.operator_id IS NULL)
            AND ($2 IS NULL OR callback.campaign_id = $2) AND ($4 IS NULL OR callback.callable_at_ms <= $4)
        ORDER BY CASE WHEN $4 IS NULL THEN callback.due_at_ms ELSE callback.callable_at_ms END, callback.id LIMIT $3",
    )
    .bind(filter.operator.map(|user| user.0))
    .bind(filter.campaign.map(|campaign| campaign.0))
    .bind(filter.limit)
    .bind(filter.overdue_at.map(|at| at.as_millisecond()))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.into_iter()
        .map(|row| {
            let origin = Origin::new("callback", row.id);
            Ok(Callback {
                id: CallbackId(row.id),
                campaign: row.campaign,
                lead: LeadId(row.lead_id),
                phone: mask(&row.phone),
                operator: row.operator,
                due_at: origin.instant("due_at_ms", row.due_at_ms)?,
                callable_at: origin.instant("callable_at_ms", row.callable_at_ms)?,
                escalated_at: origin.instant_some("escalated_at_ms", row.escalated_at_ms)?,
                note: row.note,
                moved_because: row.moved_because,
            })
        })
        .collect()
}

pub(super) async fn escalate(
    connection: &mut Connection,
    campaign: CampaignId,
    overdue_since: Timestamp,
    now: Timestamp,
    limit: i64,
) -> Result<u64> {
    let escalated = sqlx::query(
        "-- loop: personal promises that wait too long, or for somebody who is away, are anybody's
        UPDATE callback SET operator_id = NULL, escalated_at_ms = $3 WHERE state = 'open' AND operator_id IS NOT NULL AND id IN (
            SELECT callback.id FROM callback JOIN app_user ON app_user.id = callback.operator_id
            WHERE callback.state = 'open' AND callback.operator_id IS NOT NULL AND callback.campaign_id = $1
                AND callback.callable_at_ms <= $5 AND (callback.callable_at_ms <= $2
                OR (callback.callable_at_ms <= $3 AND (app_user.disabled_at_ms IS NOT NULL
                    OR (app_user.away_from_ms <= $3 AND app_user.away_until_ms > $3))))
            ORDER BY callback.callable_at_ms, callback.id LIMIT $4)",
    )
    .bind(campaign.0)
    .bind(overdue_since.as_millisecond())
    .bind(now.as_millisecond())
    .bind(limit)
    .bind(overdue_since.max(now).as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if fault::is_on(Fault::EscalationDropsPromise) {
        let drop = "-- fault: what was escalated is dropped
            UPDATE callback SET state = 'dropped' WHERE state = 'open' AND escalated_at_ms = $1";
        sqlx::query(drop).bind(now.as_millisecond()).execute(connection).await.map_err(failed)?;
    }
    Ok(escalated.rows_affected())
}
