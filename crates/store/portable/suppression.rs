//! People who must not be called.

use jiff::Timestamp;
use relance_domain::UserId;
use relance_store::Result;
use relance_store::outcome::NewSuppression;

use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Waits for whoever works on this person, so that an objection and a hand-out cannot pass each other.
pub(super) async fn lock_client(connection: &mut Connection, client: i64) -> Result<()> {
    sqlx::query(dialect::LOCK_CLIENT).bind(client).execute(connection).await.map_err(failed)?;
    Ok(())
}

/// "Do not call me again": a suppression for the seller, at once, in every campaign.
pub(super) async fn object(
    connection: &mut Connection,
    client: i64,
    seller: &str,
    operator: UserId,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "-- objection: suppress the person's phone for the seller
        INSERT INTO suppression (phone, seller, reason, created_by, created_at_ms)
        SELECT phone, $2, 'asked not to be called again', $3, $4 FROM client WHERE id = $1",
    )
    .bind(client)
    .bind(seller)
    .bind(operator.0)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    close_leads(connection, client, Some(seller)).await.map(|_| ())
}

/// Closes the leads of a person who must not be called and drops the promises made to them. A lead that is with an
/// operator is closed when its assignment ends.
async fn close_leads(connection: &mut Connection, client: i64, seller: Option<&str>) -> Result<u64> {
    let closed = sqlx::query(
        "-- objection: close the person's leads
        UPDATE lead SET state = 'closed', closed_reason = 'suppressed', block = NULL
        WHERE client_id = $1 AND state <> 'assigned' AND NOT (state = 'closed' AND closed_reason = 'suppressed')
            AND campaign_id IN (SELECT id FROM campaign WHERE $2 IS NULL OR seller = $2)",
    )
    .bind(client)
    .bind(seller)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query(
        "-- objection: drop the promises made to the person
        UPDATE callback SET state = 'dropped' WHERE state = 'open' AND lead_id IN (
            SELECT id FROM lead WHERE client_id = $1 AND state = 'closed')",
    )
    .bind(client)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(closed.rows_affected())
}

pub(super) async fn suppress(connection: &mut Connection, suppression: &NewSuppression, now: Timestamp) -> Result<u64> {
    sqlx::query(
        "-- suppression: a phone
        INSERT INTO suppression (phone, seller, reason, created_by, created_at_ms) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(suppression.phone.reveal())
    .bind(&suppression.seller)
    .bind(&suppression.reason)
    .bind(suppression.by.map(|user| user.0))
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let client: Option<i64> = sqlx::query_scalar::<Engine, i64>(
        "-- suppression: whose phone it is
        SELECT id FROM client WHERE phone = $1",
    )
    .bind(suppression.phone.reveal())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(client) = client else { return Ok(0) };
    lock_client(&mut *connection, client).await?;
    close_leads(connection, client, suppression.seller.as_deref()).await
}
