//! Requests that carry an `Idempotency-Key`.

use jiff::Timestamp;
use relance_domain::UserId;
use relance_store::idempotency::{KeptAnswer, Request, Reservation};
use relance_store::{Result, StoreError};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

pub(super) async fn reserve(connection: &mut Connection, request: &Request, now: Timestamp) -> Result<Reservation> {
    let reserved = sqlx::query(
        "-- idempotency: reserve the key, or take over what a dead node left
        INSERT INTO idempotency (user_id, idempotency_key, request_sha256, started_at_ms) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id, idempotency_key) DO UPDATE SET started_at_ms = excluded.started_at_ms
        WHERE idempotency.status IS NULL AND idempotency.started_at_ms < $5
            AND idempotency.request_sha256 = excluded.request_sha256",
    )
    .bind(request.user.0)
    .bind(&request.key)
    .bind(&request.request_sha256)
    .bind(now.as_millisecond())
    .bind(request.stale_before.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if reserved.rows_affected() == 1 {
        return Ok(Reservation::Yours);
    }
    let answered = sqlx::query_as::<Engine, (String, Option<i64>, Option<String>)>(
        "-- idempotency: what was answered
        SELECT request_sha256, status, body FROM idempotency WHERE user_id = $1 AND idempotency_key = $2",
    )
    .bind(request.user.0)
    .bind(&request.key)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    let freed = || StoreError::Busy("the key was freed meanwhile".into());
    let (sha256, status, body) = answered.ok_or_else(freed)?;
    let origin = Origin::new("idempotency", request.user.0);
    match (sha256 == request.request_sha256, status) {
        (false, _) => Ok(Reservation::OtherRequest),
        (true, None) => Ok(Reservation::InProgress),
        (true, Some(status)) => Ok(Reservation::Answered(KeptAnswer {
            status: u16::try_from(status).map_err(|_| origin.corrupt("status"))?,
            body: body.unwrap_or_default(),
        })),
    }
}

pub(super) async fn keep(connection: &mut Connection, user: UserId, key: &str, answer: &KeptAnswer) -> Result<()> {
    sqlx::query(
        "-- idempotency: keep the answer
        UPDATE idempotency SET status = $3, body = $4 WHERE user_id = $1 AND idempotency_key = $2 AND status IS NULL",
    )
    .bind(user.0)
    .bind(key)
    .bind(i64::from(answer.status))
    .bind(&answer.body)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(super) async fn free(connection: &mut Connection, user: UserId, key: &str) -> Result<()> {
    sqlx::query(
        "-- idempotency: the request failed for a passing reason
        DELETE FROM idempotency WHERE user_id = $1 AND idempotency_key = $2 AND status IS NULL",
    )
    .bind(user.0)
    .bind(key)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
