//! The keys that suppressions are hashed with: held against those of the node, taken, and replaced.

use relance_domain::E164;
use relance_domain::suppression::{PhoneHash, SuppressionKeys};
use relance_store::suppression::{KnownKey, NestStep};
use relance_store::{Result, StoreError};
use serde::Serialize;

use super::rows::{Origin, to_json};
use super::suppression_hash::{lacks, new_hash, newest};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Numbers hashed in one transaction that older programs left in clear.
const HASHED_PER_STEP: i64 = 1_000;

/// The keys that the database knows, oldest first; none where it has no tables yet.
pub(super) async fn told(connection: &mut Connection, keys: &SuppressionKeys) -> Result<Vec<KnownKey>> {
    let is_there: bool =
        sqlx::query_scalar::<Engine, bool>(dialect::KNOWS_KEYS).fetch_one(&mut *connection).await.map_err(failed)?;
    if is_there { known(connection, keys).await } else { Ok(Vec::new()) }
}

async fn known(connection: &mut Connection, keys: &SuppressionKeys) -> Result<Vec<KnownKey>> {
    let known = sqlx::query_as::<Engine, (i64, String)>(
        "-- suppression key: those in use
        SELECT version, check_value FROM suppression_key ORDER BY version",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let key = |(version, check): (i64, String)| {
        let matches = keys.check_value(version).is_some_and(|ours| ours == check);
        KnownKey { version, matches }
    };
    Ok(known.into_iter().map(key).collect())
}

/// Holds that the node has every key in use, if there are tables at all.
pub(super) async fn hold_known(connection: &mut Connection, keys: &SuppressionKeys) -> Result<()> {
    let known = told(connection, keys).await?;
    hold(keys, &known)
}

/// Holds that the node has every key in use; tells whether nothing is left to be done: a key is taken, and no number is in clear.
pub(super) async fn is_settled(connection: &mut Connection, keys: &SuppressionKeys) -> Result<bool> {
    let known = known(&mut *connection, keys).await?;
    hold(keys, &known)?;
    let clear = sqlx::query_scalar::<Engine, bool>(
        "-- suppression key: is a number in clear?
        SELECT EXISTS (SELECT 1 FROM suppression WHERE clear_phone IS NOT NULL)",
    )
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(!known.is_empty() && !clear)
}

fn hold(keys: &SuppressionKeys, known: &[KnownKey]) -> Result<()> {
    let Some(wrong) = known.iter().find(|key| !key.matches) else { return Ok(()) };
    let version = wrong.version;
    let what = if version > keys.newest() { "lacks" } else { "has another" };
    Err(StoreError::WrongKey(format!(
        "this node {what} version {version} of the suppression key that the database's suppressions are hashed with, and would call \
         people who said no: copy the key file of a node that works, and name it in the setting suppression_key_file, or give its \
         keys in suppression_key, oldest first"
    )))
}

/// Takes the node's first key where the database has none, and hashes some of the numbers that stand in clear; tells whether none is
/// left.
pub(super) async fn settle(connection: &mut Connection, keys: &SuppressionKeys) -> Result<bool> {
    take_turn(&mut *connection).await?;
    let known = known(&mut *connection, keys).await?;
    hold(keys, &known)?;
    if known.is_empty() {
        take(&mut *connection, keys, 1).await?;
    }
    let version = newest(&mut *connection, keys).await?;
    let rows = sqlx::query_as::<Engine, (i64, String)>(
        "-- suppression key: numbers in clear
        SELECT id, clear_phone FROM suppression WHERE clear_phone IS NOT NULL ORDER BY id LIMIT $1",
    )
    .bind(HASHED_PER_STEP)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut hashed = Vec::with_capacity(rows.len());
    for (id, phone) in rows {
        let phone = E164::parse(&phone).map_err(|_| Origin::new("suppression", id).corrupt("clear_phone"))?;
        hashed.push(Hashed { id, hash: new_hash(keys, &phone, version)? });
    }
    write(connection, &hashed, version).await?;
    Ok(count(hashed.len()) < HASHED_PER_STEP)
}

/// One node at a time changes which keys are in use.
async fn take_turn(connection: &mut Connection) -> Result<()> {
    for statement in dialect::KEY_TURN {
        sqlx::query(*statement).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Lets a key of the node count.
async fn take(connection: &mut Connection, keys: &SuppressionKeys, version: i64) -> Result<()> {
    sqlx::query(
        "-- suppression key: one more
        INSERT INTO suppression_key (version, check_value) VALUES ($1, $2)",
    )
    .bind(version)
    .bind(keys.check_value(version).ok_or_else(|| lacks(version))?)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(super) async fn begin_rotation(connection: &mut Connection, keys: &SuppressionKeys) -> Result<i64> {
    take_turn(&mut *connection).await?;
    let present = newest(&mut *connection, keys).await?;
    for version in present + 1..=keys.newest() {
        take(&mut *connection, keys, version).await?;
    }
    let older = sqlx::query_scalar::<Engine, bool>(
        "-- suppression key: is a row hashed with an older one?
        SELECT EXISTS (SELECT 1 FROM suppression WHERE key_version < $1)",
    )
    .bind(keys.newest())
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    if present == keys.newest() && !older {
        return Err(StoreError::Conflict(format!(
            "version {present} of the suppression key is the newest that this node has, and every suppression is hashed with it: \
             append a new key to the key file of every node, start them again, and then rotate"
        )));
    }
    Ok(keys.newest())
}

pub(super) async fn nest(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    after: i64,
    limit: i64,
) -> Result<NestStep> {
    let to = newest(&mut *connection, keys).await?;
    let rows = sqlx::query_as::<Engine, (i64, String, i64)>(
        "-- suppression key: rows of an older one
        SELECT id, phone_hash, key_version FROM suppression WHERE id > $1 AND key_version < $2 ORDER BY id LIMIT $3",
    )
    .bind(after)
    .bind(to)
    .bind(limit)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut nested = Vec::with_capacity(rows.len());
    for (id, hash, from) in rows {
        let hash: PhoneHash = Origin::new("suppression", id).parse("phone_hash", &hash)?;
        nested.push(Hashed { id, hash: keys.nest(hash, from, to).ok_or_else(|| lacks(to))?.to_string() });
    }
    let next = nested.last().map(|row| row.id);
    let rows = write(connection, &nested, to).await?;
    Ok(NestStep { nested: rows, next })
}

/// A row and its hash.
#[derive(Serialize)]
struct Hashed {
    id: i64,
    hash: String,
}

/// Writes hashes of one version; tells of how many rows. A row that is gone by now, because its register has a newer file, is none.
async fn write(connection: &mut Connection, rows: &[Hashed], version: i64) -> Result<i64> {
    if rows.is_empty() {
        return Ok(0);
    }
    let written = sqlx::query(dialect::WRITE_HASHES)
        .bind(to_json(&rows))
        .bind(version)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(i64::try_from(written.rows_affected()).unwrap_or(i64::MAX))
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
