//! People one of whose numbers was ever among the suppressions. A preview looks at them one by one, however many numbers are
//! suppressed: their hashes cannot be joined with the people's numbers. Whoever is among them in vain costs a look and no more.

use std::collections::BTreeSet;

use relance_store::Result;

use super::rows::to_json;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Whoever has one of these numbers. Somebody whom a list that is loaded at this very moment makes known may be missed: a preview
/// counts them as coming back, and the hand-out that asks about every number holds them.
pub(super) async fn owners_of(connection: &mut Connection, phones: impl IntoIterator<Item = &str>) -> Result<()> {
    let phones: BTreeSet<&str> = phones.into_iter().collect();
    if phones.is_empty() {
        return Ok(());
    }
    sqlx::query::<Engine>(concat!(
        "-- suppression: people whom a preview looks at one by one, by their numbers
        INSERT INTO maybe_suppressed (client_id)
        SELECT id FROM client WHERE ",
        dialect::among!("phone", "$1"),
        " UNION SELECT client_id FROM client_phone WHERE ",
        dialect::among!("phone", "$1"),
        " ORDER BY 1 ON CONFLICT DO NOTHING"
    ))
    .persistent(false)
    .bind(to_json(&phones))
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// A client who stays when another becomes one with them, if either was.
pub(super) async fn merged(connection: &mut Connection, kept: i64, other: i64) -> Result<()> {
    sqlx::query(
        "-- merge: whom a preview looks at one by one
        INSERT INTO maybe_suppressed (client_id)
        SELECT CAST($1 AS BIGINT) FROM maybe_suppressed WHERE client_id = $2 ON CONFLICT DO NOTHING",
    )
    .bind(kept)
    .bind(other)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// These people: a number of theirs waits for its list to become visible.
pub(super) async fn clients(connection: &mut Connection, clients: &BTreeSet<i64>) -> Result<()> {
    if clients.is_empty() {
        return Ok(());
    }
    sqlx::query::<Engine>(concat!(
        "-- suppression: people whom a preview looks at one by one
        INSERT INTO maybe_suppressed (client_id) SELECT CAST(sent.value AS BIGINT) FROM ",
        dialect::sent!("$1"),
        " WHERE TRUE ORDER BY 1 ON CONFLICT DO NOTHING"
    ))
    .bind(to_json(&clients))
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
