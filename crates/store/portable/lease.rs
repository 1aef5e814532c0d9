//! Leads whose time has come, and leases that ran out.

use jiff::Timestamp;
use relance_domain::LeadId;
use relance_domain::fault::{self, Fault};
use relance_domain::lead::{Block, ClosedReason, LeadEvent, LeadState};
use relance_domain::suppression::SuppressionKeys;
use relance_store::{Result, StoreError};

use super::lead::{change_lead, drop_promise};
use super::rows::{Origin, exactly_one};
use super::suppression_hash::{Asked, standing};
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

pub(super) async fn return_expired(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    now: Timestamp,
    limit: i64,
) -> Result<u64> {
    let expired = sqlx::query_as::<Engine, (i64, i64)>(dialect::EXPIRED)
        .bind(now.as_millisecond() + i64::from(fault::is_on(Fault::LeaseEndsEarly)) * 600_000)
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
        give_back(&mut *connection, keys, LeadId(*lead), now).await?;
    }
    Ok(u64::try_from(expired.len()).unwrap_or(u64::MAX))
}

/// A lead whose assignment ended without an outcome: back in the queue, or to its promise, or closed if its person has
/// objected meanwhile; tells where.
pub(super) async fn give_back(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    lead: LeadId,
    now: Timestamp,
) -> Result<LeadState> {
    let promised = sqlx::query_scalar::<Engine, i64>(
        "-- lead: does a promise wait?
        SELECT callable_at_ms FROM callback WHERE lead_id = $1 AND state = 'open'",
    )
    .bind(lead.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let event = match promised.filter(|_| !fault::is_on(Fault::LeaseReturnDropsPromise)) {
        Some(at) => LeadEvent::Postpone {
            until: Origin::new("callback", lead.0).instant("callable_at_ms", at)?.max(now),
            block: Block::Callback,
        },
        None => LeadEvent::Return,
    };
    let next = LeadState::Assigned.apply(event).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(&mut *connection, lead, LeadState::Assigned, next).await?;
    close_if_objected(connection, keys, lead, next).await
}

/// Closes a lead that an operator had when its person objected; tells its state afterwards.
pub(super) async fn close_if_objected(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    lead: LeadId,
    state: LeadState,
) -> Result<LeadState> {
    if !is_suppressed(&mut *connection, keys, lead).await? {
        return Ok(state);
    }
    let closed =
        state.apply(LeadEvent::Close(ClosedReason::Suppressed)).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(&mut *connection, lead, state, closed).await?;
    drop_promise(connection, lead).await?;
    Ok(closed)
}

/// Whether the person of a lead must not be called for its campaign, whatever the calling rules say.
pub(super) async fn is_suppressed(connection: &mut Connection, keys: &SuppressionKeys, lead: LeadId) -> Result<bool> {
    let numbers = sqlx::query_as::<Engine, (i64, Option<String>, String, String)>(
        "-- objection: the campaign, the day of a consent, what the person is to the seller, and their numbers
        SELECT lead.campaign_id, CASE WHEN lead.consent = 'yes' THEN lead.consent_on END, list.relationship, every_phone.phone
        FROM lead JOIN list ON list.id = lead.list_id
        JOIN every_phone ON every_phone.client_id = lead.client_id WHERE lead.id = $1",
    )
    .bind(lead.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let Some((campaign, agreed_on, relationship, _)) = numbers.first() else {
        return Err(StoreError::not_found("lead", lead));
    };
    let origin = Origin::new("lead", lead.0);
    let agreed_on = origin.parse_some("consent_on", agreed_on.as_deref())?;
    let relationship = origin.word("relationship", relationship)?;
    let asked = Asked::about(keys, origin, numbers.iter().map(|(.., phone)| phone.as_str()))?;
    let against = standing(connection, keys, &asked, *campaign).await?;
    Ok(against.values().any(|against| against.holds(agreed_on, relationship)))
}
