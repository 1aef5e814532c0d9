//! Leads that are closed because their people are suppressed, and leads of people who may be: held against what stands against their
//! numbers. Suppressions hold no number that could be joined, so that the numbers are read page by page and hashed.

use std::collections::BTreeMap;

use relance_domain::ledger::{ClientRecord, PersonRecord, PhoneRecord, SuppressedLead, SuppressedRecord};
use relance_domain::phone::is_tombstone;
use relance_domain::suppression::SuppressionKeys;
use relance_store::Result;
use relance_store::ledger::{Part, Parts};

use super::ledger::PAGE;
use super::ledger_people::{FurtherPhone, add_further_phones, suppressions};
use super::rows::to_json;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

pub(super) async fn read(connection: &mut Connection, keys: &SuppressionKeys, parts: &Parts) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = closed(&mut *connection, after).await?;
        let Some(last) = rows.last() else { break };
        after = last.id;
        parts.hand(Part::Suppressed(with_numbers(&mut *connection, keys, rows).await?)).await?;
    }
    after = 0;
    while let Some(last) = end_of_page(&mut *connection, after).await? {
        let rows = open(&mut *connection, after, last).await?;
        parts.hand(Part::Suppressed(with_numbers(&mut *connection, keys, rows).await?)).await?;
        after = last;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct LeadRow {
    id: i64,
    client_id: i64,
    campaign_id: i64,
    seller: String,
    is_closed: bool,
    loaded_at_ms: Option<i64>,
    register_swept: bool,
    phone: String,
    erased_at_ms: Option<i64>,
    merged_at_ms: Option<i64>,
}

/// The leads of a page with their clients, from whatever tells which.
macro_rules! leads {
    ($comment:literal, $from:literal) => {
        concat!(
            "-- verify: ",
            $comment,
            "
            SELECT lead.id, lead.client_id, lead.campaign_id, campaign.seller,
                COALESCE(lead.state = 'closed' AND lead.closed_reason = 'suppressed', FALSE) AS is_closed, list.loaded_at_ms,
                EXISTS (SELECT 1 FROM register WHERE register.begun_generation > 1
                    AND (register.seller IS NULL OR register.seller = campaign.seller)
                    AND (register.campaign_id IS NULL OR register.campaign_id = campaign.id)) AS register_swept,
                client.phone, client.erased_at_ms,
                (SELECT MAX(merged_at_ms) FROM client_merge WHERE kept_client_id = client.id) AS merged_at_ms
            FROM ",
            $from,
            " JOIN client ON client.id = lead.client_id
            JOIN campaign ON campaign.id = lead.campaign_id
            JOIN list ON list.id = lead.list_id "
        )
    };
}

/// Leads that are closed as suppressed, by key.
async fn closed(connection: &mut Connection, after: i64) -> Result<Vec<LeadRow>> {
    sqlx::query_as::<Engine, LeadRow>(concat!(
        leads!("leads that are closed as suppressed", "lead"),
        "WHERE lead.id > $1 AND lead.state = 'closed' AND lead.closed_reason = 'suppressed' ORDER BY lead.id LIMIT $2"
    ))
    .persistent(false)
    .bind(after)
    .bind(PAGE)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// The last of the next people one of whose numbers was ever among the suppressions.
async fn end_of_page(connection: &mut Connection, after: i64) -> Result<Option<i64>> {
    sqlx::query_scalar::<Engine, Option<i64>>(
        "-- verify: where the next page of people ends who may be suppressed
        SELECT MAX(client_id) FROM (
            SELECT client_id FROM maybe_suppressed WHERE client_id > $1 ORDER BY client_id LIMIT $2) AS page",
    )
    .bind(after)
    .bind(PAGE)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

/// Leads of such people that are not closed as suppressed.
async fn open(connection: &mut Connection, after: i64, last: i64) -> Result<Vec<LeadRow>> {
    sqlx::query_as::<Engine, LeadRow>(concat!(
        leads!(
            "leads of people who may be suppressed",
            "maybe_suppressed JOIN lead ON lead.client_id = maybe_suppressed.client_id"
        ),
        "WHERE maybe_suppressed.client_id > $1 AND maybe_suppressed.client_id <= $2
            AND NOT (lead.state = 'closed' AND COALESCE(lead.closed_reason, '') = 'suppressed')
        ORDER BY lead.client_id, lead.id"
    ))
    .persistent(false)
    .bind(after)
    .bind(last)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// The people of some leads, with their numbers and what stands against them.
async fn with_numbers(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    rows: Vec<LeadRow>,
) -> Result<Vec<SuppressedRecord>> {
    let mut people: BTreeMap<i64, PersonRecord> = BTreeMap::new();
    let mut leads: BTreeMap<i64, Vec<SuppressedLead>> = BTreeMap::new();
    for row in rows {
        let client = row.client_id;
        leads.entry(client).or_default().push(SuppressedLead {
            id: row.id,
            campaign: row.campaign_id,
            seller: row.seller,
            is_closed: row.is_closed,
            loaded_at_ms: row.loaded_at_ms,
            register_swept: row.register_swept,
        });
        let first =
            (!is_tombstone(&row.phone)).then_some(PhoneRecord { position: 0, number: row.phone, since_ms: None });
        let record = ClientRecord {
            phones: first.into_iter().collect(),
            erased_at_ms: row.erased_at_ms,
            merged_at_ms: row.merged_at_ms,
            ..ClientRecord::default()
        };
        people.entry(client).or_insert_with(|| PersonRecord {
            client,
            record: Some(record),
            ..PersonRecord::default()
        });
    }
    further_phones(&mut *connection, &mut people).await?;
    suppressions(connection, keys, &mut people).await?;
    let of_person = |(client, person)| SuppressedRecord { person, leads: leads.remove(&client).unwrap_or_default() };
    Ok(people.into_iter().map(of_person).collect())
}

async fn further_phones(connection: &mut Connection, people: &mut BTreeMap<i64, PersonRecord>) -> Result<()> {
    let rows = sqlx::query_as::<Engine, FurtherPhone>(concat!(
        "-- verify: further numbers of people who are or may be suppressed, and since when
        SELECT client_phone.client_id, client_phone.position, client_phone.phone,
            COALESCE(list.loaded_at_ms, 9223372036854775807)
        FROM ",
        dialect::sent!("$1"),
        " JOIN client_phone ON client_phone.client_id = CAST(sent.value AS BIGINT)
        LEFT JOIN list ON list.id = client_phone.list_id"
    ))
    .persistent(false)
    .bind(to_json(&people.keys().collect::<Vec<_>>()))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    add_further_phones(people, rows);
    Ok(())
}
