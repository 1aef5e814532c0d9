//! A load from its opening to its commit. Its clients and leads are written in short transactions while the list is `staging`;
//! nobody sees a lead whose lane belongs to such a list.

use jiff::Timestamp;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, ListId};
use relance_store::list::{Abandon, Begun, List, LoadProgress, NewLoad};
use relance_store::{Result, StoreError};

use super::rows::{exactly_one, to_json};
use super::{list, load_changes};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

#[derive(sqlx::FromRow)]
struct OpenLoad {
    id: i64,
    name: String,
    sha256: String,
    reading: String,
    rows_read: i64,
    read_to_line: i64,
    beat_at_ms: i64,
    /// None for one that is being abandoned: part of it may be gone.
    ticket: Option<String>,
}

pub(super) async fn begin(connection: &mut Connection, load: &NewLoad, now: Timestamp) -> Result<Begun> {
    refuse_second_load(&mut *connection, load.campaign, &load.sha256).await?;
    let open = sqlx::query_as::<Engine, OpenLoad>(
        "-- load: one that is open already
        SELECT id, name, sha256, reading, rows_read, read_to_line, beat_at_ms, ticket FROM list
        WHERE campaign_id = $1 AND state = 'staging'",
    )
    .bind(load.campaign.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    match open {
        None => open_new(connection, load, now).await,
        Some(open) if open.beat_at_ms > load.dead_since.as_millisecond() => Err(StoreError::Conflict(format!(
            "a load into this campaign is under way ({:?}, {} rows so far): load the next list when it has ended, \
             or try again in 15 seconds where it was cut off",
            open.name, open.rows_read
        ))),
        Some(open) if open.ticket.is_some() && open.sha256 == load.sha256 && open.reading == load.reading => {
            take_over(connection, &open, load, now).await
        }
        Some(open) => Ok(Begun::DeadLoad(ListId(open.id))),
    }
}

async fn refuse_second_load(connection: &mut Connection, campaign: CampaignId, sha256: &str) -> Result<()> {
    let earlier = sqlx::query_as::<Engine, (i64, String)>(
        "-- load: has this very file been loaded?
        SELECT id, name FROM list WHERE campaign_id = $1 AND sha256 = $2 AND state = 'loaded'",
    )
    .bind(campaign.0)
    .bind(sha256)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    match earlier {
        None => Ok(()),
        Some((id, name)) => Err(StoreError::Conflict(format!(
            "this very file is loaded already, as list {id} ({name:?}): undo that one to load it again"
        ))),
    }
}

async fn open_new(connection: &mut Connection, load: &NewLoad, now: Timestamp) -> Result<Begun> {
    let provenance = &load.provenance;
    let list: i64 = sqlx::query_scalar::<Engine, i64>(
        "-- load: open it
        INSERT INTO list (campaign_id, name, source, vendor, cost_minor, licence_until, consent_basis, purchased_on, contract,
            header, sha256, state, ticket, reading, policy, bytes_total, beat_at_ms, started_at_ms, relationship)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'staging', $12, $13, $14, $15, $16, $16, $17)
        RETURNING id",
    )
    .bind(load.campaign.0)
    .bind(&provenance.name)
    .bind(provenance.source.as_str())
    .bind(&provenance.vendor)
    .bind(load.cost_minor)
    .bind(provenance.licence_until.map(|date| date.to_string()))
    .bind(&provenance.consent_basis)
    .bind(provenance.purchased_on.map(|date| date.to_string()))
    .bind(&provenance.contract)
    .bind(to_json(&load.header))
    .bind(&load.sha256)
    .bind(&load.ticket)
    .bind(&load.reading)
    .bind(load.policy.as_str())
    .bind(load.bytes_total)
    .bind(now.as_millisecond())
    .bind(provenance.relationship.as_str())
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(Begun::Open { list: ListId(list), after_line: 0 })
}

/// Goes on where a process that died has stopped. What the list is called and where it came from is as it was said then.
async fn take_over(connection: &mut Connection, open: &OpenLoad, load: &NewLoad, now: Timestamp) -> Result<Begun> {
    let taken = sqlx::query(
        "-- load: go on with one whose process died
        UPDATE list SET ticket = $2, beat_at_ms = $3 WHERE id = $1 AND state = 'staging' AND beat_at_ms = $4",
    )
    .bind(open.id)
    .bind(&load.ticket)
    .bind(now.as_millisecond())
    .bind(open.beat_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(taken.rows_affected(), "load")?;
    Ok(Begun::Open { list: ListId(open.id), after_line: open.read_to_line })
}

/// What rows of an open load need to know of it.
#[derive(sqlx::FromRow)]
pub(super) struct Held {
    pub(super) campaign_id: i64,
    pub(super) policy: String,
    /// It says in words why its people may be called.
    pub(super) has_basis: bool,
}

/// Holds an open load for the rest of the transaction. A process that was given up for dead has another ticket and ends here.
pub(super) async fn hold(connection: &mut Connection, list: ListId, ticket: &str, now: Timestamp) -> Result<Held> {
    sqlx::query_as::<Engine, Held>(
        "-- load: it is open, and ours
        UPDATE list SET beat_at_ms = $3 WHERE id = $1 AND ticket = $2 AND state = 'staging'
        RETURNING campaign_id, policy, consent_basis IS NOT NULL AS has_basis",
    )
    .bind(list.0)
    .bind(ticket)
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("open load", list))
}

pub(super) async fn commit(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    id: ListId,
    ticket: &str,
    now: Timestamp,
) -> Result<List> {
    hold(&mut *connection, id, ticket, now).await?;
    load_changes::apply(&mut *connection, keys, id).await?;
    for statement in dialect::LEADS_WERE_LOADED {
        sqlx::query(*statement).execute(&mut *connection).await.map_err(failed)?;
    }
    let changed = sqlx::query(
        "-- load: make it visible
        UPDATE list SET state = 'loaded', loaded_at_ms = $3, ticket = NULL WHERE id = $1 AND ticket = $2 AND state = 'staging'",
    )
    .bind(id.0)
    .bind(ticket)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "load")?;
    list::one(connection, id).await
}

/// Removes a bounded part of an open load. Its process, should it be alive after all, is locked out first; another process
/// that has taken the load over meanwhile keeps it.
pub(super) async fn abandon(connection: &mut Connection, list: ListId, which: Abandon<'_>, limit: i64) -> Result<bool> {
    let (ticket, dead_since) = match which {
        Abandon::Ours(ticket) => (Some(ticket), None),
        Abandon::DeadSince(since) => (None, Some(since.as_millisecond())),
    };
    let open = sqlx::query(
        "-- load: lock its process out
        UPDATE list SET ticket = NULL, beat_at_ms = 0
        WHERE id = $1 AND state = 'staging' AND (ticket IS NULL OR ticket = $2 OR beat_at_ms <= $3)",
    )
    .bind(list.0)
    .bind(ticket)
    .bind(dead_since)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if open.rows_affected() == 0 {
        return Ok(true);
    }
    if remove_some(&mut *connection, LEADS_OF, list, limit).await? {
        return Ok(false);
    }
    // Further numbers go with their people: whether there were any says nothing.
    remove_some(&mut *connection, PHONES_OF, list, limit).await?;
    for statement in [CLIENTS_OF, ROWS_OF] {
        if remove_some(&mut *connection, statement, list, limit).await? {
            return Ok(false);
        }
    }
    remove_emptied(connection, list).await.map(|()| true)
}

const LEADS_OF: &str = "-- load: remove its leads
    DELETE FROM lead WHERE id IN (SELECT id FROM lead WHERE list_id = $1 ORDER BY id LIMIT $2)";
const PHONES_OF: &str = "-- load: remove the further numbers of people whom nobody else needs
    DELETE FROM client_phone WHERE client_id IN (
        SELECT id FROM client WHERE created_by_list_id = $1
            AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.client_id = client.id)
        ORDER BY id LIMIT $2)";
const CLIENTS_OF: &str = "-- load: remove people whom nobody else needs
    DELETE FROM client WHERE id IN (
        SELECT id FROM client WHERE created_by_list_id = $1
            AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.client_id = client.id)
        ORDER BY id LIMIT $2)";
const ROWS_OF: &str = "-- load: remove what it says of rows
    DELETE FROM list_row WHERE list_id = $1 AND line IN (
        SELECT line FROM list_row WHERE list_id = $1 ORDER BY line LIMIT $2)";

/// Removes some rows of a load; tells whether there were any.
async fn remove_some(connection: &mut Connection, statement: &'static str, list: ListId, limit: i64) -> Result<bool> {
    let removed = sqlx::query(statement).bind(list.0).bind(limit).execute(connection).await.map_err(failed)?;
    Ok(removed.rows_affected() > 0)
}

/// Removes a load of which no rows are left. People whom another list needs by now came with that one.
async fn remove_emptied(connection: &mut Connection, list: ListId) -> Result<()> {
    for statement in [
        "-- load: people who stay came with another list
        UPDATE client_phone SET list_id = (SELECT MIN(lead.list_id) FROM lead WHERE lead.client_id = client_phone.client_id)
        WHERE list_id = $1",
        "-- load: people who stay came with another list
        UPDATE client SET created_by_list_id = (SELECT MIN(lead.list_id) FROM lead WHERE lead.client_id = client.id)
        WHERE created_by_list_id = $1",
        "-- load: remove its changes
        DELETE FROM client_change WHERE list_id = $1",
        "-- load: remove its joins
        DELETE FROM client_join WHERE list_id = $1",
        "-- load: remove its lanes
        DELETE FROM lane WHERE list_id = $1",
        "-- load: remove it
        DELETE FROM list WHERE id = $1 AND state = 'staging'",
    ] {
        sqlx::query(statement).bind(list.0).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

pub(super) async fn dead(connection: &mut Connection, since: Timestamp) -> Result<Vec<ListId>> {
    let lists = sqlx::query_scalar::<Engine, i64>(
        "-- load: those whose process died
        SELECT id FROM list WHERE state = 'staging' AND beat_at_ms <= $1 ORDER BY id",
    )
    .bind(since.as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(lists.into_iter().map(ListId).collect())
}

/// A load that is alive after all says so with its next rows. When it was that it died is not changed by more than that, so
/// that it is kept for as long as others to go on.
pub(super) async fn presume_dead(connection: &mut Connection, since: Timestamp) -> Result<()> {
    sqlx::query(
        "-- load: nobody is loading any more
        UPDATE list SET beat_at_ms = $1 WHERE state = 'staging' AND beat_at_ms > $1",
    )
    .bind(since.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(super) async fn progress(connection: &mut Connection, ticket: &str) -> Result<Option<LoadProgress>> {
    let row = sqlx::query_as::<Engine, (i64, String, i64, i64, i64)>(
        "-- load: how far it has come
        SELECT id, name, rows_read, bytes_read, bytes_total FROM list
        WHERE state = 'staging' AND (ticket = $1 OR SUBSTR(ticket, 1, LENGTH($1) + 1) = $1 || ':')",
    )
    .bind(ticket)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(row.map(|(list, name, rows, bytes_read, bytes_total)| LoadProgress {
        list: ListId(list),
        name,
        rows,
        bytes_read,
        bytes_total,
    }))
}
