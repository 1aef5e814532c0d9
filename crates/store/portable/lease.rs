//! Leads whose time has come, and leases that ran out.

use jiff::Timestamp;
use relance_domain::LeadId;
use relance_domain::lead::{Block, ClosedReason, LeadEvent, LeadState};
use relance_store::{Result, StoreError};

use super::claim::{change_lead, drop_promise};
use super::rows::{Origin, exactly_one};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

pub(super) async fn promote_due(connection: &mut Connection, now: Timestamp, limit: i64) -> Result<u64> {
    let promoted = sqlx::query(dialect::PROMOTE_DUE)
        .bind(now.as_millisecond())
        .bind(limit)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(promoted.rows_affected())
}

pub(super) async fn return_expired(connection: &mut Connection, now: Timestamp, limit: i64) -> Result<u64> {
    let expired = sqlx::query_as::<Engine, (i64, i64)>(dialect::EXPIRED)
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    for (assignment, lead) in &expired {
        let ended = sqlx::query(
            "-- loop: the lease ran out
            UPDATE assignment SET ended_at_ms = $2, ending = 'expired' WHERE id = $1 AND ended_at_ms IS NULL",
        )
        .bind(assignment)
        .bind(now.as_millisecond())
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        exactly_one(ended.rows_affected(), "assignment")?;
        give_back(&mut *connection, LeadId(*lead), now).await?;
    }
    Ok(u64::try_from(expired.len()).unwrap_or(u64::MAX))
}

/// A lead whose assignment ended without an outcome: back in the queue, or to its promise, or closed if its person has
/// objected meanwhile; tells where.
pub(super) async fn give_back(connection: &mut Connection, lead: LeadId, now: Timestamp) -> Result<LeadState> {
    let promised = sqlx::query_scalar::<Engine, i64>(
        "-- lead: does a promise wait?
        SELECT callable_at_ms FROM callback WHERE lead_id = $1 AND state = 'open'",
    )
    .bind(lead.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let event = match promised {
        Some(at) => LeadEvent::Postpone {
            until: Origin::new("callback", lead.0).instant("callable_at_ms", at)?.max(now),
            block: Block::Callback,
        },
        None => LeadEvent::Return,
    };
    let next = LeadState::Assigned.apply(event).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(&mut *connection, lead, LeadState::Assigned, next).await?;
    close_if_objected(connection, lead, next).await
}

/// Closes a lead that an operator had when its person objected; tells its state afterwards.
pub(super) async fn close_if_objected(
    connection: &mut Connection,
    lead: LeadId,
    state: LeadState,
) -> Result<LeadState> {
    let objected: bool = sqlx::query_scalar::<Engine, bool>(
        "-- objection: does one stand?
        SELECT EXISTS (SELECT 1 FROM suppression JOIN campaign ON campaign.id = lead.campaign_id
            WHERE suppression.phone IN (
                    SELECT phone FROM client WHERE client.id = lead.client_id
                    UNION ALL SELECT phone FROM client_phone WHERE client_phone.client_id = lead.client_id)
                AND (suppression.seller IS NULL OR suppression.seller = campaign.seller)
                AND (suppression.campaign_id IS NULL OR suppression.campaign_id = lead.campaign_id))
        FROM lead WHERE id = $1",
    )
    .bind(lead.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    if !objected {
        return Ok(state);
    }
    let closed =
        state.apply(LeadEvent::Close(ClosedReason::Suppressed)).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(&mut *connection, lead, state, closed).await?;
    drop_promise(connection, lead).await?;
    Ok(closed)
}
