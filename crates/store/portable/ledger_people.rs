//! People with all their hand-outs, page by page, to be verified.

use std::collections::{BTreeMap, HashMap};

use relance_domain::E164;
use relance_domain::ledger::{ClientRecord, InRegister, PersonRecord, PhoneRecord, SuppressionRecord};
use relance_domain::phone::is_tombstone;
use relance_domain::suppression::SuppressionKeys;
use relance_store::Result;
use relance_store::ledger::{Part, Parts};

use super::ledger::PAGE;
use super::ledger_hand_outs::hand_outs;
use super::rows::to_json;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// The clients of a page, by their keys: those after the first and not after the second.
pub(super) type Range = (i64, i64);

pub(super) async fn read(connection: &mut Connection, keys: &SuppressionKeys, parts: &Parts) -> Result<()> {
    let mut after = 0;
    while let Some(last) = end_of_page(&mut *connection, after).await? {
        parts.hand(Part::People(page(&mut *connection, keys, (after, last)).await?)).await?;
        after = last;
    }
    Ok(())
}

/// The last client of the next page: a person's hand-outs stand in one page, however many they are.
async fn end_of_page(connection: &mut Connection, after: i64) -> Result<Option<i64>> {
    sqlx::query_scalar::<Engine, Option<i64>>(
        "-- verify: where the next page of people ends
        SELECT MAX(client_id) FROM (
            SELECT client_id FROM assignment WHERE client_id > $1 ORDER BY client_id LIMIT $2) AS page",
    )
    .bind(after)
    .bind(PAGE)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

async fn page(connection: &mut Connection, keys: &SuppressionKeys, range: Range) -> Result<Vec<PersonRecord>> {
    let mut people: BTreeMap<i64, PersonRecord> = BTreeMap::new();
    for row in hand_outs(&mut *connection, range).await? {
        let client = row.client_id;
        let person = people.entry(client).or_insert_with(|| PersonRecord { client, ..PersonRecord::default() });
        person.hand_outs.push(row.into_record());
    }
    clients(&mut *connection, range, &mut people).await?;
    further_phones(&mut *connection, range, &mut people).await?;
    suppressions(connection, keys, &mut people).await?;
    Ok(people.into_values().collect())
}

#[derive(sqlx::FromRow)]
struct ClientRow {
    id: i64,
    phone: String,
    country: String,
    region: Option<String>,
    postcode: Option<String>,
    time_zone: Option<String>,
    erased_at_ms: Option<i64>,
    merged_at_ms: Option<i64>,
    changed_at_ms: Option<i64>,
}

async fn clients(connection: &mut Connection, range: Range, people: &mut BTreeMap<i64, PersonRecord>) -> Result<()> {
    let rows = sqlx::query_as::<Engine, ClientRow>(
        "-- verify: people who were handed out, and what happened to what is known of them
        SELECT client.id, client.phone, client.country, client.region, client.postcode, client.time_zone, client.erased_at_ms,
            (SELECT MAX(merged_at_ms) FROM client_merge WHERE kept_client_id = client.id) AS merged_at_ms,
            (SELECT MAX(loaded_at_ms) FROM client_change JOIN list ON list.id = client_change.list_id
                WHERE client_change.client_id = client.id AND field IN ('region', 'time_zone')) AS changed_at_ms
        FROM client WHERE client.id > $1 AND client.id <= $2
            AND EXISTS (SELECT 1 FROM assignment WHERE assignment.client_id = client.id)",
    )
    .persistent(false)
    .bind(range.0)
    .bind(range.1)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for row in rows {
        let Some(person) = people.get_mut(&row.id) else { continue };
        let first =
            (!is_tombstone(&row.phone)).then_some(PhoneRecord { position: 0, number: row.phone, since_ms: None });
        person.record = Some(ClientRecord {
            phones: first.into_iter().collect(),
            country: row.country,
            region: row.region,
            postcode: row.postcode,
            time_zone: row.time_zone,
            erased_at_ms: row.erased_at_ms,
            merged_at_ms: row.merged_at_ms,
            changed_at_ms: row.changed_at_ms,
        });
    }
    Ok(())
}

async fn further_phones(
    connection: &mut Connection,
    range: Range,
    people: &mut BTreeMap<i64, PersonRecord>,
) -> Result<()> {
    let rows = sqlx::query_as::<Engine, FurtherPhone>(
        "-- verify: further numbers of people, and since when; those of a list that is being loaded are nobody's yet
        SELECT client_phone.client_id, client_phone.position, client_phone.phone,
            COALESCE(list.loaded_at_ms, 9223372036854775807)
        FROM client_phone LEFT JOIN list ON list.id = client_phone.list_id
        WHERE client_phone.client_id > $1 AND client_phone.client_id <= $2 ORDER BY client_phone.client_id, position",
    )
    .persistent(false)
    .bind(range.0)
    .bind(range.1)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    add_further_phones(people, rows);
    Ok(())
}

/// A person, and the place, the number and since when it is theirs.
pub(super) type FurtherPhone = (i64, i64, String, i64);

pub(super) fn add_further_phones(people: &mut BTreeMap<i64, PersonRecord>, rows: Vec<FurtherPhone>) {
    for (client, position, number, since_ms) in rows {
        if let Some(record) = people.get_mut(&client).and_then(|person| person.record.as_mut()) {
            record.phones.push(PhoneRecord { position, number, since_ms: Some(since_ms) });
        }
    }
}

#[derive(sqlx::FromRow)]
struct SuppressionRow {
    id: i64,
    phone_hash: String,
    seller: Option<String>,
    campaign_id: Option<i64>,
    created_at_ms: i64,
    after_assignment_id: Option<i64>,
    register_id: Option<i64>,
    register_generation: Option<i64>,
    name: Option<String>,
}

/// What stands against any number of some people.
pub(super) async fn suppressions(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    people: &mut BTreeMap<i64, PersonRecord>,
) -> Result<()> {
    let mut whose: HashMap<String, (i64, i64)> = HashMap::new();
    for person in people.values() {
        for phone in person.record.iter().flat_map(|client| &client.phones) {
            // A text that is no number was never hashed.
            let Ok(number) = E164::parse(&phone.number) else { continue };
            let hashes = keys.hashes(&number).into_iter().map(|hash| hash.to_string());
            whose.extend(hashes.map(|hash| (hash, (person.client, phone.position))));
        }
    }
    let rows = sqlx::query_as::<Engine, SuppressionRow>(concat!(
        "-- verify: what stands against people's numbers
        SELECT suppression.id, suppression.phone_hash, suppression.seller, suppression.campaign_id, suppression.created_at_ms,
            suppression.after_assignment_id, suppression.register_id, suppression.register_generation, register.name
        FROM suppression LEFT JOIN register ON register.id = suppression.register_id
        WHERE ",
        dialect::among!("suppression.phone_hash", "$1"),
        " ORDER BY suppression.id"
    ))
    .persistent(false)
    .bind(to_json(&whose.keys().collect::<Vec<_>>()))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for row in rows {
        let Some((client, position)) = whose.get(&row.phone_hash) else { continue };
        let Some(person) = people.get_mut(client) else { continue };
        let register = row.register_id.map(|register| InRegister {
            register,
            name: row.name.unwrap_or_default(),
            generation: row.register_generation.unwrap_or_default(),
        });
        person.suppressions.push(SuppressionRecord {
            id: row.id,
            position: *position,
            seller: row.seller,
            campaign: row.campaign_id,
            created_at_ms: row.created_at_ms,
            after_assignment: row.after_assignment_id,
            register,
        });
    }
    Ok(())
}
