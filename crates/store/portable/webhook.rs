//! Messages that tell other systems of orders.

use jiff::Timestamp;
use relance_domain::order::OrderMessage;
use relance_domain::order::state::OrderEventKind;
use relance_domain::webhook::{FAILURES_UNTIL_AWAY, rest_until};
use relance_domain::{MessageId, OrderId};
use relance_store::Result;
use relance_store::order::StoredOrder;
use relance_store::webhook::{Message, MessageClaim, MessageFilter, MessageState, NotTaken, Replay, SinkState, ToTell};

use super::rows::{Origin, exactly_one};
use crate::connect::failed;
use crate::{Connection, Engine};

/// Writes what others are told of an order, beside the change that is the news.
pub(super) async fn tell(
    connection: &mut Connection,
    order: &StoredOrder,
    event: OrderEventKind,
    to: &[ToTell],
    now: Timestamp,
) -> Result<()> {
    if to.is_empty() {
        return Ok(());
    }
    let message = OrderMessage {
        event,
        at: now,
        number: &order.number,
        sequence: order.version,
        campaign: &order.campaign_name,
        seller: &order.seller,
        tariff: &order.tariff.tariff,
        price: order.tariff.price,
        state: order.state.as_str(),
        form: &order.form,
        withdraw_until: order.held_to.withdraw_until,
        cancel_reason: order.state.stamps().cancel_reason,
    };
    let payload = message.payload();
    for ToTell { sink, message, give_up_after } in to {
        sqlx::query(
            "-- webhook: a message, beside its news
            INSERT INTO webhook_message (message, sink, order_id, sequence, event, payload, state, created_at_ms, due_at_ms,
                give_up_at_ms, give_up_after_s, tries)
            VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, $7, $8, $9, 0)",
        )
        .bind(message)
        .bind(sink)
        .bind(order.id.0)
        .bind(order.version)
        .bind(event.as_str())
        .bind(&payload)
        .bind(now.as_millisecond())
        .bind(give_up_after.after(now).as_millisecond())
        .bind(give_up_after.seconds())
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    Ok(())
}

/// Whether any message of the system is due.
pub(super) async fn is_due(connection: &mut Connection, claim: &MessageClaim, now: Timestamp) -> Result<bool> {
    let due = sqlx::query_scalar::<Engine, i64>(
        "-- webhook: is any message due?
        SELECT id FROM webhook_message WHERE sink = $1 AND state = 'waiting' AND due_at_ms <= $2 LIMIT 1",
    )
    .bind(&claim.sink)
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(due.is_some())
}

pub(super) async fn claim(connection: &mut Connection, claim: &MessageClaim, now: Timestamp) -> Result<Vec<Message>> {
    let standing = sqlx::query_as::<Engine, (i64, Option<i64>)>(
        "-- webhook: is the system away?
        SELECT failures, rests_until_ms FROM webhook_sink WHERE sink = $1",
    )
    .bind(&claim.sink)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let limit = match standing {
        Some((_, Some(rests_until))) if rests_until > now.as_millisecond() => return Ok(Vec::new()),
        Some((failures, _)) if failures >= FAILURES_UNTIL_AWAY => 1,
        _ => claim.limit,
    };
    let due = sqlx::query_scalar::<Engine, i64>(
        "-- webhook: messages that are due
        SELECT id FROM webhook_message WHERE sink = $1 AND state = 'waiting' AND due_at_ms <= $2
            AND (lease_until_ms IS NULL OR lease_until_ms <= $2)
        ORDER BY due_at_ms, id LIMIT $3",
    )
    .bind(&claim.sink)
    .bind(now.as_millisecond())
    .bind(limit)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut claimed = Vec::new();
    for id in due {
        claimed.extend(take(&mut *connection, claim, id, now).await?);
    }
    Ok(claimed)
}

/// Takes one message, unless another node was faster.
async fn take(connection: &mut Connection, claim: &MessageClaim, id: i64, now: Timestamp) -> Result<Option<Message>> {
    let taken = sqlx::query_as::<Engine, (String, String, i64)>(
        "-- webhook: take a message under a lease
        UPDATE webhook_message SET lease = $2, lease_until_ms = $3, tries = tries + 1
        WHERE id = $1 AND state = 'waiting' AND due_at_ms <= $4 AND (lease_until_ms IS NULL OR lease_until_ms <= $4)
        RETURNING message, payload, tries",
    )
    .bind(id)
    .bind(&claim.lease)
    .bind(claim.lease_until.as_millisecond())
    .bind(now.as_millisecond())
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(taken.map(|(message, payload, tries)| Message { id: MessageId(id), message, payload, tries }))
}

pub(super) async fn taken(
    connection: &mut Connection,
    message: MessageId,
    lease: &str,
    now: Timestamp,
) -> Result<bool> {
    let sink = sqlx::query_scalar::<Engine, String>(
        "-- webhook: the system has taken it
        UPDATE webhook_message SET state = 'taken', taken_at_ms = $3, lease = NULL, lease_until_ms = NULL, last_error = NULL
        WHERE id = $1 AND lease = $2 AND state = 'waiting' RETURNING sink",
    )
    .bind(message.0)
    .bind(lease)
    .bind(now.as_millisecond())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(sink) = sink else { return Ok(false) };
    let failures = sqlx::query_scalar::<Engine, i64>(
        "-- webhook: how often in a row the system did not answer
        SELECT failures FROM webhook_sink WHERE sink = $1",
    )
    .bind(&sink)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    .unwrap_or(0);
    if failures > 0 {
        sqlx::query(
            "-- webhook: the system answers; somebody else may have said so already
            UPDATE webhook_sink SET failures = 0, rests_until_ms = NULL WHERE sink = $1",
        )
        .bind(&sink)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    if failures >= FAILURES_UNTIL_AWAY {
        sqlx::query(
            "-- webhook: the system is back, and whatever waits for it is due
            UPDATE webhook_message SET due_at_ms = $2 WHERE sink = $1 AND state = 'waiting' AND due_at_ms > $2",
        )
        .bind(&sink)
        .bind(now.as_millisecond())
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    Ok(true)
}

pub(super) async fn not_taken(connection: &mut Connection, failure: &NotTaken, now: Timestamp) -> Result<bool> {
    let sink = sqlx::query_scalar::<Engine, String>(
        "-- webhook: the system has not taken it; it is tried once more as its span ends, and then given up
        UPDATE webhook_message SET state = CASE WHEN $5 >= give_up_at_ms THEN 'dead' ELSE 'waiting' END,
            due_at_ms = CASE WHEN $4 < give_up_at_ms THEN $4 ELSE give_up_at_ms END,
            lease = NULL, lease_until_ms = NULL, last_error = $3
        WHERE id = $1 AND lease = $2 AND state = 'waiting' RETURNING sink",
    )
    .bind(failure.message.0)
    .bind(&failure.lease)
    .bind(&failure.why)
    .bind(failure.next_at.as_millisecond())
    .bind(now.as_millisecond())
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(sink) = sink else { return Ok(false) };
    if !failure.away {
        return Ok(true);
    }
    let failures = sqlx::query_scalar::<Engine, i64>(
        "-- webhook: the system did not answer
        INSERT INTO webhook_sink (sink, failures) VALUES ($1, 1)
        ON CONFLICT (sink) DO UPDATE SET failures = webhook_sink.failures + 1 RETURNING failures",
    )
    .bind(&sink)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let rests = sqlx::query(
        "-- webhook: until when the system is left alone
        UPDATE webhook_sink SET rests_until_ms = $2 WHERE sink = $1",
    )
    .bind(&sink)
    .bind(rest_until(now, failures).map(Timestamp::as_millisecond))
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(rests.rows_affected(), "webhook_sink")?;
    Ok(true)
}

#[derive(sqlx::FromRow)]
struct SinkRow {
    sink: String,
    waiting: i64,
    oldest_at_ms: Option<i64>,
    dead: i64,
    taken: i64,
    failures: i64,
    rests_until_ms: Option<i64>,
}

pub(super) async fn sinks(connection: &mut Connection, now: Timestamp) -> Result<Vec<SinkState>> {
    sqlx::query_as::<Engine, SinkRow>(
        "-- webhook: every system that has messages
        SELECT counted.sink, counted.waiting, counted.oldest_at_ms, counted.dead, counted.taken,
            COALESCE(webhook_sink.failures, 0) AS failures,
            CASE WHEN webhook_sink.rests_until_ms > $1 THEN webhook_sink.rests_until_ms END AS rests_until_ms
        FROM (SELECT sink, COUNT(CASE WHEN state = 'waiting' THEN 1 END) AS waiting,
                MIN(CASE WHEN state = 'waiting' THEN created_at_ms END) AS oldest_at_ms,
                COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead, COUNT(CASE WHEN state = 'taken' THEN 1 END) AS taken
            FROM webhook_message GROUP BY sink) AS counted
        LEFT JOIN webhook_sink ON webhook_sink.sink = counted.sink
        ORDER BY counted.sink",
    )
    .bind(now.as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(|row| {
        let origin = Origin::new("webhook_sink", 0);
        Ok(SinkState {
            sink: row.sink,
            waiting: row.waiting,
            oldest_at: origin.instant_some("created_at_ms", row.oldest_at_ms)?,
            dead: row.dead,
            taken: row.taken,
            failures: row.failures,
            rests_until: origin.instant_some("rests_until_ms", row.rests_until_ms)?,
        })
    })
    .collect()
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    id: i64,
    message: String,
    sink: String,
    order_id: i64,
    number: String,
    event: String,
    sequence: i64,
    state: String,
    created_at_ms: i64,
    due_at_ms: i64,
    tries: i64,
    last_error: Option<String>,
}

pub(super) async fn page(connection: &mut Connection, filter: &MessageFilter) -> Result<Vec<MessageState>> {
    sqlx::query_as::<Engine, MessageRow>(
        "-- webhook: messages that wait or were given up
        SELECT webhook_message.id, webhook_message.message, webhook_message.sink, webhook_message.order_id, orders.number,
            webhook_message.event, webhook_message.sequence, webhook_message.state, webhook_message.created_at_ms,
            webhook_message.due_at_ms, webhook_message.tries, webhook_message.last_error
        FROM webhook_message JOIN orders ON orders.id = webhook_message.order_id
        WHERE webhook_message.state <> 'taken' AND ($1 IS NULL OR webhook_message.sink = $1)
            AND ($2 IS NULL OR webhook_message.id > $2)
        ORDER BY webhook_message.id LIMIT $3",
    )
    .bind(&filter.sink)
    .bind(filter.after.map(|after| after.0))
    .bind(filter.limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(|row| {
        let origin = Origin::new("webhook_message", row.id);
        Ok(MessageState {
            id: MessageId(row.id),
            message: row.message,
            sink: row.sink,
            order: OrderId(row.order_id),
            number: row.number,
            event: row.event,
            sequence: row.sequence,
            state: row.state,
            created_at: origin.instant("created_at_ms", row.created_at_ms)?,
            due_at: origin.instant("due_at_ms", row.due_at_ms)?,
            tries: row.tries,
            last_error: row.last_error,
        })
    })
    .collect()
}

pub(super) async fn replay(connection: &mut Connection, replay: &Replay, now: Timestamp) -> Result<u64> {
    let replayed = sqlx::query(
        "-- webhook: send again what was taken or given up, for as long as at first
        UPDATE webhook_message SET state = 'waiting', due_at_ms = $4, give_up_at_ms = $4 + give_up_after_s * 1000, tries = 0, taken_at_ms = NULL, lease = NULL, lease_until_ms = NULL
        WHERE state <> 'waiting' AND payload <> '' AND ($1 IS NULL OR id = $1) AND ($2 IS NULL OR sink = $2)
            AND ($3 IS NULL OR created_at_ms >= $3)",
    )
    .bind(replay.message.map(|message| message.0))
    .bind(&replay.sink)
    .bind(replay.since.map(Timestamp::as_millisecond))
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(replayed.rows_affected())
}

pub(super) async fn forget(connection: &mut Connection, taken_before: Timestamp, limit: i64) -> Result<u64> {
    let forgotten = sqlx::query(
        "-- webhook: messages that were taken long ago
        DELETE FROM webhook_message WHERE id IN (
            SELECT id FROM webhook_message WHERE state = 'taken' AND taken_at_ms < $1 ORDER BY taken_at_ms LIMIT $2)",
    )
    .bind(taken_before.as_millisecond())
    .bind(limit)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(forgotten.rows_affected())
}
