//! Taking a list back.

use jiff::Timestamp;
use relance_domain::fault::{self, Fault};
use relance_domain::{LeadId, ListId};
use relance_store::list::{ListState, Undo};
use relance_store::{Result, StoreError};

use super::{list, load_changes};
use crate::connect::failed;
use crate::{Connection, Engine};

/// Counts what an undo would do.
pub(super) async fn preview(connection: &mut Connection, id: ListId) -> Result<Undo> {
    let list = list::one(&mut *connection, id).await?;
    if list.state == ListState::Undone {
        return Err(StoreError::Conflict(format!("list {} is taken back already", list.id)));
    }
    let (removed_leads, kept_leads) = sqlx::query_as::<Engine, (i64, i64)>(
        "-- undo: leads that nobody was handed, and leads that were
        SELECT COUNT(*) FILTER (WHERE NOT worked), COUNT(*) FILTER (WHERE worked) FROM (
            SELECT EXISTS (SELECT 1 FROM assignment WHERE assignment.lead_id = lead.id) AS worked
            FROM lead WHERE lead.list_id = $1) AS leads",
    )
    .bind(list.id.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let removed_clients: i64 = sqlx::query_scalar::<Engine, i64>(
        "-- undo: people who came with this list and whom nobody else needs
        SELECT COUNT(*) FROM client WHERE created_by_list_id = $1
            AND NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.client_id = client.id)
            AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.client_id = client.id AND lead.list_id <> $1)",
    )
    .bind(list.id.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let kept_examples = sqlx::query_scalar::<Engine, i64>(
        "-- undo: the first leads that stay
        SELECT id FROM lead WHERE list_id = $1
            AND EXISTS (SELECT 1 FROM assignment WHERE assignment.lead_id = lead.id) ORDER BY id LIMIT 20",
    )
    .bind(list.id.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let reverted_changes = load_changes::noted(connection, list.id).await?;
    Ok(Undo {
        reverted_changes,
        removed_leads,
        removed_clients,
        kept_leads,
        kept_examples: kept_examples.into_iter().map(LeadId).collect(),
    })
}

pub(super) async fn undo(connection: &mut Connection, id: ListId, now: Timestamp) -> Result<Undo> {
    let changed = sqlx::query(
        "-- undo: the list is taken back
        UPDATE list SET state = 'undone', undone_at_ms = $2 WHERE id = $1 AND state = 'loaded'",
    )
    .bind(id.0)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if changed.rows_affected() == 0 {
        let list = list::one(&mut *connection, id).await?;
        return Err(StoreError::Conflict(format!("list {} is taken back already", list.id)));
    }
    sqlx::query(
        "-- undo: hold the leads, so that none is handed out meanwhile
        UPDATE lead SET priority = priority WHERE list_id = $1",
    )
    .bind(id.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let reverted_changes = load_changes::revert(&mut *connection, id).await?;
    let removed_leads = sqlx::query(
        "-- undo: leads that nobody was handed
        DELETE FROM lead WHERE list_id = $1 AND NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.lead_id = lead.id)",
    )
    .bind(if fault::is_on(Fault::UndoKeepsLeads) { 0 } else { id.0 })
    .execute(&mut *connection)
    .await
    .map_err(failed)?
    .rows_affected();
    sqlx::query(
        "-- undo: further numbers of people whom nobody needs any more
        DELETE FROM client_phone WHERE client_id IN (
            SELECT id FROM client WHERE created_by_list_id = $1
                AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.client_id = client.id)
                AND NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.client_id = client.id))",
    )
    .bind(id.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let removed_clients = sqlx::query(
        "-- undo: people whom nobody needs any more
        DELETE FROM client WHERE created_by_list_id = $1
            AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.client_id = client.id)
            AND NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.client_id = client.id)",
    )
    .bind(id.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?
    .rows_affected();
    let kept: Vec<i64> = sqlx::query_scalar::<Engine, i64>(
        "-- undo: leads that stay
        SELECT id FROM lead WHERE list_id = $1 ORDER BY id",
    )
    .bind(id.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(Undo {
        reverted_changes,
        removed_leads: i64::try_from(removed_leads).unwrap_or(i64::MAX),
        removed_clients: i64::try_from(removed_clients).unwrap_or(i64::MAX),
        kept_leads: i64::try_from(kept.len()).unwrap_or(i64::MAX),
        kept_examples: kept.into_iter().take(20).map(LeadId).collect(),
    })
}
