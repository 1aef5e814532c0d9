//! Making two clients one, when a person has decided it. One transaction; both clients are held, so that nobody is handed out
//! meanwhile, and no rows of a list are taken.

use jiff::Timestamp;
use relance_domain::ClientId;
use relance_domain::client::{Change, Changed, KnownClient};
use relance_domain::merging;
use relance_domain::suppression::SuppressionKeys;
use relance_store::client::{Merge, Merged};
use relance_store::{Result, StoreError};

use super::client;
use super::lead_merge::{self, Pair};
use super::maybe_suppressed;
use super::rows::{Origin, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

pub(super) async fn merge(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    merge: &Merge,
    now: Timestamp,
) -> Result<Merged> {
    for statement in dialect::LOAD_TURN {
        sqlx::query(*statement).execute(&mut *connection).await.map_err(failed)?;
    }
    hold(&mut *connection, merge).await?;
    refuse_open_work(&mut *connection, [merge.keep, merge.other], "merge").await?;
    let pair = Pair { kept: merge.keep.0, other: merge.other.0 };
    let mut merged = Merged {
        kept: merge.keep,
        merged: merge.other,
        dry_run: merge.dry_run,
        phones: 0,
        filled: Vec::new(),
        hand_outs: 0,
        attempts: 0,
        orders: 0,
        leads: Vec::new(),
        promises_dropped: 0,
        suppressed: 0,
        joins: 0,
    };
    let never_handed_out = !was_handed_out(&mut *connection, pair.other).await?;
    merged.filled = fill_gaps(&mut *connection, pair, never_handed_out).await?;
    let last = last_position(&mut *connection, pair).await?;
    merged.phones = move_phones(&mut *connection, pair, last, never_handed_out).await?;
    maybe_suppressed::merged(&mut *connection, pair.kept, pair.other).await?;
    (merged.orders, merged.attempts, merged.hand_outs) = move_history(&mut *connection, pair, last).await?;
    let leads = lead_merge::merge(&mut *connection, pair).await?;
    let removed = sqlx::query(
        "-- merge: the client is no more
        DELETE FROM client WHERE id = $1",
    )
    .bind(pair.other)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(removed.rows_affected(), "client")?;
    merged.joins = settle_joins(&mut *connection, pair, now).await?;
    (merged.suppressed, merged.promises_dropped) =
        lead_merge::settle(&mut *connection, keys, pair.kept, &leads).await?;
    merged.leads = lead_merge::told(&mut *connection, pair.kept, &leads).await?;
    let id = write_down(&mut *connection, merge, &merged, now).await?;
    lead_merge::write_down(connection, id, &leads).await?;
    Ok(merged)
}

/// Holds both clients for the rest of the transaction.
async fn hold(connection: &mut Connection, merge: &Merge) -> Result<()> {
    if merge.keep == merge.other {
        return Err(StoreError::Conflict(format!("client {} is one already: name two", merge.keep)));
    }
    let found = sqlx::query_scalar::<Engine, i64>(dialect::LOCK_CLIENTS)
        .bind(merge.keep.0)
        .bind(merge.other.0)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    for wanted in [merge.keep, merge.other] {
        client::refuse_erased(&mut *connection, wanted).await?;
        if !found.contains(&wanted.0) {
            let present = client::present(&mut *connection, wanted).await?;
            return Err(match present == wanted.0 {
                true => StoreError::not_found("client", wanted),
                false => StoreError::Conflict(format!("client {wanted} was merged into client {present} already")),
            });
        }
    }
    Ok(())
}

/// Somebody who is in a call, or in a list that is being loaded, is left alone.
pub(super) async fn refuse_open_work(connection: &mut Connection, clients: [ClientId; 2], what: &str) -> Result<()> {
    let in_a_call = sqlx::query_scalar::<Engine, i64>(
        "-- client: is one of them with an operator?
        SELECT client_id FROM assignment WHERE client_id IN ($1, $2) AND ended_at_ms IS NULL ORDER BY client_id",
    )
    .bind(clients[0].0)
    .bind(clients[1].0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    if let Some(client) = in_a_call {
        return Err(StoreError::Conflict(format!("client {client} is in a call right now: {what} when it has ended")));
    }
    let loading = sqlx::query_scalar::<Engine, String>(
        "-- client: is one of them in a list that is being loaded?
        SELECT name FROM list WHERE state = 'staging' AND (
            EXISTS (SELECT 1 FROM lead WHERE lead.client_id IN ($1, $2) AND lead.list_id = list.id)
            OR EXISTS (SELECT 1 FROM client_change WHERE client_change.client_id IN ($1, $2)
                AND client_change.list_id = list.id)
            OR EXISTS (SELECT 1 FROM client WHERE client.id IN ($1, $2) AND client.created_by_list_id = list.id))
        ORDER BY id",
    )
    .bind(clients[0].0)
    .bind(clients[1].0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    match loading {
        None => Ok(()),
        Some(list) => Err(StoreError::Conflict(format!(
            "a list with the client is being loaded ({list:?}): {what} when that has ended"
        ))),
    }
}

async fn was_handed_out(connection: &mut Connection, client: i64) -> Result<bool> {
    sqlx::query_scalar::<Engine, bool>(
        "-- merge: was the client ever handed out?
        SELECT EXISTS (SELECT 1 FROM assignment WHERE client_id = $1)",
    )
    .bind(client)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    id: i64,
    reference: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    street: Option<String>,
    city: Option<String>,
    postcode: Option<String>,
    region: Option<String>,
    time_zone: Option<String>,
    zone_source: Option<String>,
    created_by_list_id: i64,
}

impl KnownRow {
    /// The client, and the list they came with.
    fn into_known(self) -> Result<(KnownClient, i64)> {
        let origin = Origin::new("client", self.id);
        let source = self.zone_source.as_deref().map(|word| origin.word("zone_source", word)).transpose()?;
        // A zone that this node's time-zone database does not know stays what it is.
        let zone = self.time_zone.as_deref().and_then(|zone| zone.parse().ok()).zip(source);
        let known = KnownClient {
            id: ClientId(self.id),
            reference: self.reference,
            first_name: self.first_name,
            last_name: self.last_name,
            street: self.street,
            city: self.city,
            postcode: self.postcode,
            region: self.region,
            zone,
            facts: None,
        };
        Ok((known, self.created_by_list_id))
    }
}

async fn known(connection: &mut Connection, client: i64) -> Result<(KnownClient, i64)> {
    sqlx::query_as::<Engine, KnownRow>(
        "-- merge: what is known of a client
        SELECT id, reference, first_name, last_name, street, city, postcode, region, time_zone, zone_source, created_by_list_id
        FROM client WHERE id = $1",
    )
    .bind(client)
    .fetch_one(connection)
    .await
    .map_err(failed)?
    .into_known()
}

/// Fills what the client who stays lacks; tells the fields. What a list brought is still that list's: an undo takes it back.
async fn fill_gaps(connection: &mut Connection, pair: Pair, never_handed_out: bool) -> Result<Vec<String>> {
    let (kept, _) = known(&mut *connection, pair.kept).await?;
    let (other, list) = known(&mut *connection, pair.other).await?;
    let gaps = merging::gaps(&kept, &other);
    let value = |what: Changed| gaps.iter().find(|gap| gap.what == what).map(|gap| gap.after.as_str());
    let filled = sqlx::query(
        "-- merge: fill the gaps of the client who stays
        UPDATE client SET reference = COALESCE(reference, $2), first_name = COALESCE(first_name, $3),
            last_name = COALESCE(last_name, $4), street = COALESCE(street, $5), city = COALESCE(city, $6),
            postcode = COALESCE(postcode, $7), region = COALESCE(region, $8),
            place = CASE WHEN region IS NULL AND $8 IS NOT NULL THEN NULL ELSE place END,
            zone_source = CASE WHEN time_zone IS NULL THEN $10 ELSE zone_source END, time_zone = COALESCE(time_zone, $9)
        WHERE id = $1",
    )
    .bind(pair.kept)
    .bind(value(Changed::Reference))
    .bind(value(Changed::FirstName))
    .bind(value(Changed::LastName))
    .bind(value(Changed::Street))
    .bind(value(Changed::City))
    .bind(value(Changed::Postcode))
    .bind(value(Changed::Region))
    .bind(value(Changed::TimeZone))
    .bind(value(Changed::ZoneSource))
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(filled.rows_affected(), "client")?;
    for gap in &gaps {
        note_gap(&mut *connection, pair, gap, never_handed_out.then_some(list)).await?;
    }
    let shown = gaps.iter().filter(|gap| gap.what != Changed::ZoneSource);
    Ok(shown.map(|gap| gap.what.as_str().to_owned()).collect())
}

/// A value that a list had changed is that list's change of the client who stays. One that came with the client, whom nobody was
/// ever handed, goes when the client's list is taken back, as the client would have.
async fn note_gap(connection: &mut Connection, pair: Pair, gap: &Change, list: Option<i64>) -> Result<()> {
    let noted = sqlx::query(
        "-- merge: a list's change goes along with its value
        UPDATE client_change SET client_id = $1 WHERE client_id = $2 AND field = $3 AND after = $4",
    )
    .bind(pair.kept)
    .bind(pair.other)
    .bind(gap.what.as_str())
    .bind(&gap.after)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(list) = list.filter(|_| noted.rows_affected() == 0) else { return Ok(()) };
    sqlx::query(
        "-- merge: a value that came with a client whom nobody was handed
        INSERT INTO client_change (list_id, client_id, field, after) VALUES ($1, $2, $3, $4)",
    )
    .bind(list)
    .bind(pair.kept)
    .bind(gap.what.as_str())
    .bind(&gap.after)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// The position of the last number of the client who stays.
async fn last_position(connection: &mut Connection, pair: Pair) -> Result<i64> {
    sqlx::query_scalar::<Engine, i64>(
        "-- merge: where the numbers of the client who stays end
        SELECT COALESCE(MAX(position), 0) FROM client_phone WHERE client_id = $1",
    )
    .bind(pair.kept)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

/// The numbers of one client become further numbers of the other, in their order; tells how many. Those of a client whom nobody
/// was handed go when the list that brought them is taken back.
async fn move_phones(connection: &mut Connection, pair: Pair, last: i64, never_handed_out: bool) -> Result<i64> {
    let further = sqlx::query(
        "-- merge: further numbers, behind the one that was dialled first
        UPDATE client_phone SET client_id = $1, position = position + $3 + 1 WHERE client_id = $2",
    )
    .bind(pair.kept)
    .bind(pair.other)
    .bind(last)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let first = sqlx::query(
        "-- merge: the number that was dialled first
        INSERT INTO client_phone (phone, client_id, position, extension, list_id, wrong_at_ms)
        SELECT phone, CAST($1 AS BIGINT), $3 + 1, extension, created_by_list_id, phone_wrong_at_ms FROM client WHERE id = $2",
    )
    .bind(pair.kept)
    .bind(pair.other)
    .bind(last)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(first.rows_affected(), "client_phone")?;
    moved(
        &mut *connection,
        "-- merge: a list's changes go along with their numbers
        UPDATE client_change SET client_id = $1 WHERE client_id = $2 AND field = 'phone'",
        pair,
    )
    .await?;
    if never_handed_out {
        sqlx::query(
            "-- merge: numbers that came with a client whom nobody was handed
            INSERT INTO client_change (list_id, client_id, field, after, extension)
            SELECT list_id, client_id, 'phone', phone, extension FROM client_phone
            WHERE client_id = $1 AND position > $2 AND NOT EXISTS (
                SELECT 1 FROM client_change WHERE client_change.list_id = client_phone.list_id
                    AND client_change.field = 'phone' AND client_change.client_id = $1
                    AND client_change.after = client_phone.phone)",
        )
        .bind(pair.kept)
        .bind(last)
        .execute(connection)
        .await
        .map_err(failed)?;
    }
    Ok(count(further.rows_affected() + first.rows_affected()))
}

/// Hand-outs, attempts and orders belong to the client who stays, and count for caps and cool-downs there; tells how many orders,
/// attempts and hand-outs came over.
async fn move_history(connection: &mut Connection, pair: Pair, last: i64) -> Result<(i64, i64, i64)> {
    let orders = moved(
        &mut *connection,
        "-- merge: orders
        UPDATE orders SET client_id = $1 WHERE client_id = $2",
        pair,
    );
    let orders = orders.await?;
    let attempts = moved(
        &mut *connection,
        "-- merge: attempts
        UPDATE attempt SET client_id = $1 WHERE client_id = $2",
        pair,
    );
    let attempts = attempts.await?;
    let hand_outs = sqlx::query(
        "-- merge: hand-outs, and at which place the number that was dialled stands now
        UPDATE assignment SET client_id = $1, phone_position = phone_position + $3 + 1 WHERE client_id = $2",
    )
    .bind(pair.kept)
    .bind(pair.other)
    .bind(last)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok((orders, attempts, count(hand_outs.rows_affected())))
}

/// Runs a statement that takes both clients; tells how many rows it touched.
async fn moved(connection: &mut Connection, statement: &'static str, pair: Pair) -> Result<i64> {
    let done = sqlx::query(statement).bind(pair.kept).bind(pair.other).execute(connection).await.map_err(failed)?;
    Ok(count(done.rows_affected()))
}

/// Joins of this pair are settled; those of the client that is no more with a third are the other's now.
async fn settle_joins(connection: &mut Connection, pair: Pair, now: Timestamp) -> Result<i64> {
    let settled = sqlx::query(
        "-- merge: the rows that said so
        UPDATE client_join SET merged_at_ms = $3 WHERE merged_at_ms IS NULL
            AND ((client_id = $1 AND other_client_id = $2) OR (client_id = $2 AND other_client_id = $1))",
    )
    .bind(pair.kept)
    .bind(pair.other)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    for statement in [
        "-- merge: other rows that named the client
        UPDATE client_join SET client_id = $1 WHERE merged_at_ms IS NULL AND client_id = $2",
        "-- merge: other rows that named the client second
        UPDATE client_join SET other_client_id = $1 WHERE merged_at_ms IS NULL AND other_client_id = $2",
    ] {
        moved(&mut *connection, statement, pair).await?;
    }
    Ok(count(settled.rows_affected()))
}

async fn write_down(connection: &mut Connection, merge: &Merge, merged: &Merged, now: Timestamp) -> Result<i64> {
    sqlx::query_scalar::<Engine, i64>(
        "-- merge: write it down
        INSERT INTO client_merge (kept_client_id, merged_client_id, merged_by, merged_at_ms, details)
        VALUES ($1, $2, $3, $4, $5) RETURNING id",
    )
    .bind(merge.keep.0)
    .bind(merge.other.0)
    .bind(merge.by.map(|user| user.0))
    .bind(now.as_millisecond())
    .bind(to_json(merged))
    .fetch_one(connection)
    .await
    .map_err(failed)
}

fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
