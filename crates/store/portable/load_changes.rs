//! What a list changes about people who were known: written down while it is loaded, done when it becomes visible, taken back
//! by an undo where nothing else has changed it since.

use relance_domain::client::{Change, Changed};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{ClientId, ListId};
use relance_store::Result;
use relance_store::list::{Changes, Join};

use super::bulk::{Rows, Target};
use super::rows::Origin;
use super::{lane, suppression_gained};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// The statements that do the changes of one column, and that take them back.
struct Column {
    field: &'static str,
    apply: &'static str,
    revert: &'static str,
}

macro_rules! column {
    ($field:literal) => {
        Column {
            field: $field,
            apply: concat!(
                "-- load: what the list says of known people: ",
                $field,
                "\nUPDATE client SET ",
                $field,
                " = client_change.after FROM client_change
                WHERE client_change.list_id = $1 AND client_change.field = $2 AND client_change.client_id = client.id"
            ),
            revert: concat!(
                "-- undo: what was known before, unless it has changed since: ",
                $field,
                "\nUPDATE client SET ",
                $field,
                " = client_change.before FROM client_change
                WHERE client_change.list_id = $1 AND client_change.field = $2 AND client_change.client_id = client.id
                    AND client.",
                $field,
                " = client_change.after"
            ),
        }
    };
}

const COLUMNS: [Column; 9] = [
    column!("reference"),
    column!("first_name"),
    column!("last_name"),
    column!("street"),
    column!("city"),
    column!("postcode"),
    column!("region"),
    column!("time_zone"),
    column!("zone_source"),
];

static CLIENT_CHANGE: Target =
    Target { table: "client_change", columns: &["list_id", "client_id", "field", "before", "after", "extension"] };

/// Writes down what a chunk of rows changes.
pub(super) async fn note(connection: &mut Connection, list: ListId, changes: &[(ClientId, Change)]) -> Result<()> {
    let mut rows = Rows::new(&CLIENT_CHANGE);
    for (client, change) in changes {
        rows.push([
            list.0.into(),
            client.0.into(),
            change.what.as_str().into(),
            (&change.before).into(),
            change.after.as_str().into(),
            (&change.extension).into(),
        ]);
    }
    dialect::insert(connection, &rows).await
}

pub(super) async fn apply(connection: &mut Connection, keys: &SuppressionKeys, list: ListId) -> Result<()> {
    for statement in dialect::LOCK_CLIENTS_GAINING {
        sqlx::query(*statement).bind(list.0).execute(&mut *connection).await.map_err(failed)?;
    }
    sqlx::query(
        "-- load: further numbers of known people
        INSERT INTO client_phone (phone, client_id, position, extension, list_id)
        SELECT client_change.after, client_change.client_id,
            (SELECT COALESCE(MAX(position), 0) FROM client_phone WHERE client_phone.client_id = client_change.client_id)
                + ROW_NUMBER() OVER (PARTITION BY client_change.client_id ORDER BY client_change.after),
            client_change.extension, client_change.list_id
        FROM client_change JOIN client ON client.id = client_change.client_id
        WHERE client_change.list_id = $1 AND client_change.field = 'phone'
            AND NOT EXISTS (SELECT 1 FROM client AS owner WHERE owner.phone = client_change.after)
            AND NOT EXISTS (SELECT 1 FROM client_phone AS owner WHERE owner.phone = client_change.after)",
    )
    .bind(list.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    suppression_gained::copy(&mut *connection, keys, list).await?;
    for column in &COLUMNS {
        sqlx::query(column.apply).bind(list.0).bind(column.field).execute(&mut *connection).await.map_err(failed)?;
    }
    sqlx::query(
        "-- load: facts of people who are leads of the campaign already
        UPDATE lead SET facts = client_change.after FROM client_change, list
        WHERE client_change.list_id = $1 AND client_change.field = 'facts' AND client_change.client_id = lead.client_id
            AND list.id = $1 AND lead.campaign_id = list.campaign_id",
    )
    .bind(list.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    forget_places(&mut *connection, list).await?;
    lane::settle_changed(connection, list).await
}

/// How many changes of known people an undo looks at.
pub(super) async fn noted(connection: &mut Connection, list: ListId) -> Result<i64> {
    sqlx::query_scalar::<Engine, i64>(
        "-- undo: changes of known people
        SELECT COUNT(*) FROM client_change WHERE list_id = $1 AND field <> 'zone_source'",
    )
    .bind(list.0)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

/// Undoes what [`apply`] did, where nothing has changed it since; tells how many changes it looked at.
pub(super) async fn revert(connection: &mut Connection, list: ListId) -> Result<i64> {
    let noted = noted(&mut *connection, list).await?;
    if noted == 0 {
        return Ok(0);
    }
    sqlx::query(
        "-- undo: further numbers of known people
        DELETE FROM client_phone WHERE list_id = $1 AND EXISTS (
            SELECT 1 FROM client_change WHERE client_change.list_id = $1 AND client_change.field = 'phone'
                AND client_change.client_id = client_phone.client_id AND client_change.after = client_phone.phone)",
    )
    .bind(list.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query(
        "-- undo: people of whom nothing but wrong numbers is left; a promise is looked at when it is due
        UPDATE lead SET state = 'closed', closed_reason = 'wrong_number', block = NULL
        WHERE (state = 'ready' OR (state = 'scheduled' AND block <> 'callback')) AND client_id IN (
            SELECT client.id FROM client_change JOIN client ON client.id = client_change.client_id
            WHERE client_change.list_id = $1 AND client_change.field = 'phone' AND client.phone_wrong_at_ms IS NOT NULL
                AND NOT EXISTS (SELECT 1 FROM client_phone WHERE client_phone.client_id = client.id
                    AND client_phone.wrong_at_ms IS NULL))",
    )
    .bind(list.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    for column in &COLUMNS {
        sqlx::query(column.revert).bind(list.0).bind(column.field).execute(&mut *connection).await.map_err(failed)?;
    }
    sqlx::query(
        "-- undo: facts of people who were leads of the campaign already
        UPDATE lead SET facts = client_change.before FROM client_change, list
        WHERE client_change.list_id = $1 AND client_change.field = 'facts' AND client_change.client_id = lead.client_id
            AND list.id = $1 AND lead.campaign_id = list.campaign_id AND lead.facts = client_change.after",
    )
    .bind(list.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    forget_places(&mut *connection, list).await?;
    lane::settle_changed(&mut *connection, list).await?;
    sqlx::query(
        "-- undo: the changes are taken back
        DELETE FROM client_change WHERE list_id = $1",
    )
    .bind(list.0)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(noted)
}

/// Where people lie in is looked at anew when what decides it may have changed.
async fn forget_places(connection: &mut Connection, list: ListId) -> Result<()> {
    sqlx::query(
        "-- changes: people whose address changes
        UPDATE client SET place = NULL WHERE id IN (
            SELECT client_id FROM client_change WHERE list_id = $1 AND field = 'region')",
    )
    .bind(list.0)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// What a list changed about known people, and the joins it reported.
pub(super) async fn told(connection: &mut Connection, list: ListId, limit: i64) -> Result<(Changes, Vec<Join>)> {
    let mut changes = Changes::default();
    let counts = sqlx::query_as::<Engine, (String, i64, i64)>(
        "-- load: how much it changes
        SELECT field, COUNT(*) FILTER (WHERE before IS NULL), COUNT(*) FILTER (WHERE before IS NOT NULL)
        FROM client_change WHERE list_id = $1 GROUP BY field ORDER BY field",
    )
    .bind(list.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("client_change", list.0);
    for (field, filled, replaced) in counts {
        let what = origin.need("field", Changed::parse(&field))?;
        let examples = sqlx::query_as::<Engine, (i64, Option<String>, String)>(
            "-- load: the first changes of a kind
            SELECT client_id, before, after FROM client_change WHERE list_id = $1 AND field = $2 ORDER BY client_id, after LIMIT 3",
        )
        .bind(list.0)
        .bind(&field)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        for (client, before, after) in examples {
            changes.count(ClientId(client), what, before.as_deref(), &after);
        }
        if let Some(counted) = changes.0.get_mut(&field) {
            (counted.filled, counted.replaced) = (filled, replaced);
        }
    }
    let joins = sqlx::query_as::<Engine, (i64, i64, i64)>(
        "-- load: rows that said of two clients that they are one
        SELECT line, client_id, other_client_id FROM client_join WHERE list_id = $1 AND merged_at_ms IS NULL
        ORDER BY line LIMIT $2",
    )
    .bind(list.0)
    .bind(limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let join = |(line, client, other)| Join { line, client: ClientId(client), other: ClientId(other) };
    Ok((changes, joins.into_iter().map(join).collect()))
}
