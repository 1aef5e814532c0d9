//! A lead's state, written only where it is still what was read.

use relance_domain::LeadId;
use relance_domain::lead::LeadState;
use relance_store::Result;

use super::rows::exactly_one;
use crate::Connection;
use crate::connect::failed;

/// Writes a lead's next state, if it is still in the state that was read.
pub(super) async fn change_lead(
    connection: &mut Connection,
    lead: LeadId,
    from: LeadState,
    to: LeadState,
) -> Result<()> {
    let (word, due_at_ms, block, closed_reason) = to.columns();
    let changed = sqlx::query(
        "-- lead: change its state
        UPDATE lead SET state = $3, due_at_ms = COALESCE($4, due_at_ms), block = $5, closed_reason = $6
        WHERE id = $1 AND state = $2",
    )
    .bind(lead.0)
    .bind(from.as_str())
    .bind(word)
    .bind(due_at_ms)
    .bind(block)
    .bind(closed_reason)
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "lead")
}

/// Drops the open promise of a lead that is closed for good; tells how many there were.
pub(super) async fn drop_promise(connection: &mut Connection, lead: LeadId) -> Result<u64> {
    let dropped = sqlx::query(
        "-- callback: the lead is closed for good
        UPDATE callback SET state = 'dropped' WHERE lead_id = $1 AND state = 'open'",
    )
    .bind(lead.0)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(dropped.rows_affected())
}
