//! Clients as they are looked up, and the rows that say of two that they are one.

use relance_domain::lead::LeadState;
use relance_domain::phone::mask;
use relance_domain::{ClientId, E164, LeadId, ListId};
use relance_store::client::{Client, ClientGlance, JoinFilter, LeadOfClient, MergedClient, OpenJoin, PhoneShown};
use relance_store::{Result, StoreError};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
struct ClientRow {
    phone: String,
    first_name: Option<String>,
    last_name: Option<String>,
    postcode: Option<String>,
    region: Option<String>,
    country: String,
    time_zone: Option<String>,
    zone_source: Option<String>,
    created_by_list_id: i64,
    created_at_ms: i64,
    erased_at_ms: Option<i64>,
    hand_outs: i64,
}

pub(super) async fn one(connection: &mut Connection, asked: ClientId) -> Result<Client> {
    let client = present(&mut *connection, asked).await?;
    let row = sqlx::query_as::<Engine, ClientRow>(
        "-- client: one; nobody sees people of a list that is being loaded
        SELECT phone, first_name, last_name, postcode, region, country, time_zone, zone_source, created_by_list_id, created_at_ms,
            erased_at_ms,
            (SELECT COUNT(*) FROM assignment WHERE assignment.client_id = client.id) AS hand_outs
        FROM client WHERE id = $1 AND (
            created_by_list_id NOT IN (SELECT id FROM list WHERE state = 'staging')
            OR EXISTS (SELECT 1 FROM lead JOIN list ON list.id = lead.list_id
                WHERE lead.client_id = client.id AND list.state <> 'staging'))",
    )
    .bind(client)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("client", asked))?;
    let origin = Origin::new("client", client);
    let zone_source = row.zone_source.as_deref().map(|word| origin.word("zone_source", word)).transpose()?;
    let first = PhoneShown { phone: mask(&row.phone), list: ListId(row.created_by_list_id) };
    let name = name(row.first_name.as_deref(), row.last_name.as_deref());
    Ok(Client {
        client: ClientId(client),
        merged: merged_into(&mut *connection, ClientId(client)).await?,
        phones: std::iter::once(first).chain(other_phones(&mut *connection, client).await?).collect(),
        name,
        postcode: row.postcode,
        region: row.region,
        country: row.country,
        time_zone: origin.parse_some("time_zone", row.time_zone.as_deref())?,
        zone_source,
        list: ListId(row.created_by_list_id),
        created_at: origin.instant("created_at_ms", row.created_at_ms)?,
        erased_at: origin.instant_some("erased_at_ms", row.erased_at_ms)?,
        hand_outs: row.hand_outs,
        leads: leads(connection, client).await?,
    })
}

/// Whether nothing personal is left of a client.
pub(super) async fn is_erased(connection: &mut Connection, client: i64) -> Result<bool> {
    sqlx::query_scalar::<Engine, bool>(
        "-- client: were they erased?
        SELECT EXISTS (SELECT 1 FROM client WHERE id = $1 AND erased_at_ms IS NOT NULL)",
    )
    .bind(client)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

/// Refuses a client who was erased: nothing is left of them that could change.
pub(super) async fn refuse_erased(connection: &mut Connection, client: ClientId) -> Result<()> {
    let erased = sqlx::query_scalar::<Engine, i64>(
        "-- client: when they were erased
        SELECT erased_at_ms FROM client WHERE id = $1 AND erased_at_ms IS NOT NULL",
    )
    .bind(client.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    match erased {
        None => Ok(()),
        Some(at) => {
            let at = Origin::new("client", client.0).instant("erased_at_ms", at)?;
            Err(StoreError::Conflict(format!("client {client} was erased at {at}: nobody knows who that was")))
        }
    }
}

/// A client's key today: that of the client which the one asked for became part of.
pub(super) async fn present(connection: &mut Connection, asked: ClientId) -> Result<i64> {
    let mut client = asked.0;
    // Every merge was made between clients who were there, so that the way cannot lead in a circle.
    while let Some(into) = sqlx::query_scalar::<Engine, i64>(
        "-- client: what it became part of
        SELECT kept_client_id FROM client_merge WHERE merged_client_id = $1",
    )
    .bind(client)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    {
        client = into;
    }
    Ok(client)
}

pub(super) async fn merged_into(connection: &mut Connection, client: ClientId) -> Result<Vec<MergedClient>> {
    let rows = sqlx::query_as::<Engine, (i64, i64, i64, Option<String>)>(
        "-- client: those that became one with it, and those that had become one with them before
        WITH RECURSIVE part (id) AS (
            SELECT CAST($1 AS BIGINT)
            UNION ALL
            SELECT client_merge.merged_client_id FROM client_merge JOIN part ON part.id = client_merge.kept_client_id)
        SELECT client_merge.merged_client_id, client_merge.kept_client_id, client_merge.merged_at_ms, app_user.name
        FROM client_merge
        JOIN part ON part.id = client_merge.kept_client_id
        LEFT JOIN app_user ON app_user.id = client_merge.merged_by
        ORDER BY client_merge.id",
    )
    .bind(client.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.into_iter()
        .map(|(merged, into, at, by)| {
            let merged_at = Origin::new("client_merge", merged).instant("merged_at_ms", at)?;
            Ok(MergedClient { client: ClientId(merged), into: ClientId(into), merged_at, by })
        })
        .collect()
}

async fn other_phones(connection: &mut Connection, client: i64) -> Result<Vec<PhoneShown>> {
    let phones = sqlx::query_as::<Engine, (String, i64)>(
        "-- client: further numbers
        SELECT phone, list_id FROM client_phone WHERE client_id = $1 ORDER BY position, phone",
    )
    .bind(client)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(phones.into_iter().map(|(phone, list)| PhoneShown { phone: mask(&phone), list: ListId(list) }).collect())
}

type LeadRow = (i64, String, i64, String, i64, Option<String>, Option<String>);

async fn leads(connection: &mut Connection, client: i64) -> Result<Vec<LeadOfClient>> {
    let rows = sqlx::query_as::<Engine, LeadRow>(
        "-- client: leads
        SELECT lead.id, campaign.campaign, lead.list_id, lead.state, lead.due_at_ms, lead.block, lead.closed_reason
        FROM lead
        JOIN campaign ON campaign.id = lead.campaign_id
        JOIN list ON list.id = lead.list_id AND list.state <> 'staging'
        WHERE lead.client_id = $1 ORDER BY lead.id",
    )
    .bind(client)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut leads = Vec::with_capacity(rows.len());
    for (id, campaign, list, state, due_at_ms, block, closed) in rows {
        let state = Origin::new("lead", id).lead_state(&state, due_at_ms, block.as_deref(), closed.as_deref())?;
        let merged = sqlx::query_scalar::<Engine, i64>(
            "-- client: leads that became one with another
            SELECT merged_lead_id FROM lead_merge WHERE kept_lead_id = $1 ORDER BY merged_lead_id",
        )
        .bind(id)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        let (state, reason) = in_words(state);
        let merged = merged.into_iter().map(LeadId).collect();
        leads.push(LeadOfClient { lead: LeadId(id), campaign, list: ListId(list), state, reason, merged });
    }
    Ok(leads)
}

/// A state and why a lead waits or is closed.
pub(super) fn in_words(state: LeadState) -> (String, Option<String>) {
    let (word, _, block, closed) = state.columns();
    (word.to_owned(), block.or(closed).map(str::to_owned))
}

/// A whole name, masked.
fn name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    let parts: Vec<String> = [first, last].into_iter().flatten().map(mask).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

pub(super) async fn of_phone(connection: &mut Connection, phone: &E164) -> Result<Option<ClientId>> {
    let client = sqlx::query_scalar::<Engine, i64>(
        "-- client: whose phone it is
        SELECT id FROM client WHERE phone = $1 UNION ALL SELECT client_id FROM client_phone WHERE phone = $1",
    )
    .bind(phone.reveal())
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(client.map(ClientId))
}

#[derive(sqlx::FromRow)]
struct JoinRow {
    list_id: i64,
    list_name: String,
    line: i64,
    client_id: i64,
    phone: String,
    first_name: Option<String>,
    last_name: Option<String>,
    other_id: i64,
    other_phone: String,
    other_first_name: Option<String>,
    other_last_name: Option<String>,
}

pub(super) async fn joins(connection: &mut Connection, filter: &JoinFilter) -> Result<Vec<OpenJoin>> {
    let rows = sqlx::query_as::<Engine, JoinRow>(
        "-- client: rows that said of two that they are one
        SELECT client_join.list_id, list.name AS list_name, client_join.line, client.id AS client_id, client.phone,
            client.first_name, client.last_name, other.id AS other_id, other.phone AS other_phone,
            other.first_name AS other_first_name, other.last_name AS other_last_name
        FROM client_join
        JOIN list ON list.id = client_join.list_id AND list.state = 'loaded'
        JOIN client ON client.id = client_join.client_id
        JOIN client AS other ON other.id = client_join.other_client_id
        WHERE client_join.merged_at_ms IS NULL AND client.erased_at_ms IS NULL AND other.erased_at_ms IS NULL AND ($1 IS NULL OR client_join.list_id = $1)
        ORDER BY client_join.list_id, client_join.line LIMIT $2",
    )
    .bind(filter.list.map(|list| list.0))
    .bind(filter.limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let join = |row: JoinRow| OpenJoin {
        list: ListId(row.list_id),
        list_name: row.list_name,
        line: row.line,
        client: ClientGlance {
            client: ClientId(row.client_id),
            phone: mask(&row.phone),
            name: name(row.first_name.as_deref(), row.last_name.as_deref()),
        },
        other: ClientGlance {
            client: ClientId(row.other_id),
            phone: mask(&row.other_phone),
            name: name(row.other_first_name.as_deref(), row.other_last_name.as_deref()),
        },
    };
    Ok(rows.into_iter().map(join).collect())
}
