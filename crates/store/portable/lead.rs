//! A lead's state, written only where it is still what was read.

use relance_domain::LeadId;
use relance_domain::lead::LeadState;
use relance_store::Result;
use serde::Serialize;

use super::rows::{all_of, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, dialect};

/// A lead's next state, as the statement takes it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Change {
    lead: LeadId,
    from: &'static str,
    to: &'static str,
    due_at_ms: Option<i64>,
    block: Option<&'static str>,
    closed_reason: Option<&'static str>,
}

impl Change {
    pub(super) fn new(lead: LeadId, from: LeadState, to: LeadState) -> Self {
        let (word, due_at_ms, block, closed_reason) = to.columns();
        Self { lead, from: from.as_str(), to: word, due_at_ms, block, closed_reason }
    }
}

/// Writes the next states of leads, if each is still in the state that was read. No lead is named twice.
pub(super) async fn change_leads(connection: &mut Connection, changes: &[Change]) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let changed = sqlx::query(concat!(
        "-- lead: change the states of some
        UPDATE lead SET state = sent.value ->> 'to', due_at_ms = COALESCE(CAST(sent.value ->> 'due_at_ms' AS BIGINT), lead.due_at_ms),
            block = sent.value ->> 'block', closed_reason = sent.value ->> 'closed_reason'
        FROM ",
        dialect::sent!("$1"),
        " WHERE lead.id = CAST(sent.value ->> 'lead' AS BIGINT) AND lead.state = sent.value ->> 'from'"
    ))
    .bind(to_json(&changes))
    .execute(connection)
    .await
    .map_err(failed)?;
    all_of(changed.rows_affected(), changes.len(), "lead")
}

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

/// The same for several leads.
pub(super) async fn drop_promises(connection: &mut Connection, leads: &[LeadId]) -> Result<()> {
    if leads.is_empty() {
        return Ok(());
    }
    sqlx::query(concat!(
        "-- callback: the leads are closed for good
        UPDATE callback SET state = 'dropped' WHERE state = 'open' AND lead_id IN (
            SELECT CAST(sent.value AS BIGINT) FROM ",
        dialect::sent!("$1"),
        ")"
    ))
    .bind(to_json(&leads))
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
