//! Numbers that a list gives to people whom it knew as callable, and who may have said no while it was loaded: what stands against the
//! person for a seller, or for everybody, stands against the new number too.

use std::collections::{HashMap, HashSet};

use relance_domain::suppression::SuppressionKeys;
use relance_domain::{E164, ListId};
use relance_store::Result;
use serde::Serialize;

use super::rows::{Origin, all_of, to_json};
use super::suppression_hash::{Asked, new_hash, newest};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// People looked at together.
const PEOPLE: i64 = 5_000;

/// A suppression of a number is to hold for another one.
#[derive(Serialize)]
struct Copied {
    suppression: i64,
    hash: String,
}

/// A person, a number of theirs, and whether the list has just given it to them.
type NumberRow = (i64, String, bool);

/// Copies what stands against people to the numbers that the list gives them. The people are held, and the numbers are theirs.
pub(super) async fn copy(connection: &mut Connection, keys: &SuppressionKeys, list: ListId) -> Result<()> {
    let mut after = 0;
    loop {
        let people = sqlx::query_scalar::<Engine, i64>(
            "-- load: those who get a further number and of whom any is or was suppressed
            SELECT DISTINCT client_change.client_id FROM client_change
            JOIN maybe_suppressed ON maybe_suppressed.client_id = client_change.client_id
            WHERE client_change.list_id = $1 AND client_change.field = 'phone' AND client_change.client_id > $2
            ORDER BY client_change.client_id LIMIT $3",
        )
        .bind(list.0)
        .bind(after)
        .bind(PEOPLE)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        let Some(last) = people.last() else { return Ok(()) };
        after = *last;
        copy_for(&mut *connection, keys, list, &people).await?;
    }
}

async fn copy_for(connection: &mut Connection, keys: &SuppressionKeys, list: ListId, people: &[i64]) -> Result<()> {
    let numbers = numbers(&mut *connection, list, people).await?;
    let whose: HashMap<&str, i64> = numbers.iter().map(|(client, phone, _)| (phone.as_str(), *client)).collect();
    let asked = Asked::about(keys, Origin::new("list", list.0), whose.keys().copied())?;
    let standing = standing(&mut *connection, &asked).await?;
    let version = newest(&mut *connection, keys).await?;
    let mut gained: HashMap<i64, Vec<&str>> = HashMap::new();
    for (client, phone, _) in numbers.iter().filter(|(.., is_new)| *is_new) {
        gained.entry(*client).or_default().push(phone);
    }
    let mut known: HashSet<(&str, Option<&str>)> =
        standing.iter().map(|(_, phone, seller)| (*phone, seller.as_deref())).collect();
    let mut copied = Vec::new();
    for (suppression, phone, seller) in &standing {
        for new in whose.get(phone).and_then(|client| gained.get(client)).into_iter().flatten() {
            if known.insert((new, seller.as_deref())) {
                let number = E164::parse(new).map_err(|_| Origin::new("list", list.0).corrupt("phone"))?;
                copied.push(Copied { suppression: *suppression, hash: new_hash(keys, &number, version)? });
            }
        }
    }
    insert(connection, &copied, version).await
}

/// Every number of some people.
async fn numbers(connection: &mut Connection, list: ListId, people: &[i64]) -> Result<Vec<NumberRow>> {
    sqlx::query_as::<Engine, NumberRow>(concat!(
        "-- load: the numbers of people, and which of them the list gives them
        SELECT client.id, client.phone, FALSE FROM ",
        dialect::sent!("$1"),
        " JOIN client ON client.id = CAST(sent.value AS BIGINT)
        UNION ALL
        SELECT client_phone.client_id, client_phone.phone, client_phone.list_id = $2 FROM ",
        dialect::sent!("$1"),
        " JOIN client_phone ON client_phone.client_id = CAST(sent.value AS BIGINT)"
    ))
    .persistent(false)
    .bind(to_json(&people))
    .bind(list.0)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// What stands against numbers for a seller or for everybody: key, number and seller. Registers tell of numbers and not of people, and
/// what stands for one campaign is looked at when it hands out.
async fn standing<'a>(connection: &mut Connection, asked: &Asked<'a>) -> Result<Vec<(i64, &'a str, Option<String>)>> {
    let rows = sqlx::query_as::<Engine, (i64, String, Option<String>)>(concat!(
        "-- load: what stands against people who get a further number
        SELECT id, phone_hash, seller FROM suppression WHERE register_id IS NULL AND campaign_id IS NULL AND ",
        dialect::among!("phone_hash", "$1"),
        " ORDER BY id"
    ))
    .persistent(false)
    .bind(asked.hashes())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let of_number = |(id, hash, seller): (i64, String, _)| Some((id, asked.phone(&hash)?, seller));
    Ok(rows.into_iter().filter_map(of_number).collect())
}

/// As they were said: when, why, by whom, and after which hand-out.
async fn insert(connection: &mut Connection, copied: &[Copied], version: i64) -> Result<()> {
    if copied.is_empty() {
        return Ok(());
    }
    let inserted = sqlx::query(concat!(
        "-- load: what stands against people stands against their new numbers
        INSERT INTO suppression (phone_hash, key_version, seller, reason, created_by, created_at_ms, after_assignment_id)
        SELECT sent.value ->> 'hash', $2, suppression.seller, suppression.reason, suppression.created_by,
            suppression.created_at_ms, suppression.after_assignment_id
        FROM ",
        dialect::sent!("$1"),
        " JOIN suppression ON suppression.id = CAST(sent.value ->> 'suppression' AS BIGINT)
        ORDER BY suppression.id"
    ))
    .bind(to_json(&copied))
    .bind(version)
    .execute(connection)
    .await
    .map_err(failed)?;
    all_of(inserted.rows_affected(), copied.len(), "suppression")
}
