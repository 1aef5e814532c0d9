//! Orders: placed with an outcome, then verified, corrected, fulfilled or cancelled. Each change is one transaction that also writes
//! down what happened.

use jiff::Timestamp;
use relance_domain::lead::{ClosedReason, LeadEvent, LeadState};
use relance_domain::order::state::{OrderEvent, OrderEventKind, OrderState, Stamp};
use relance_domain::order::{FieldChange, OrderForm};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{AttemptId, OrderId, UserId};
use relance_store::order::{Change, Changed, Corrected, StoredOrder};
use relance_store::outcome::Record;
use relance_store::{Result, StoreError};

use super::lead::change_lead;
use super::lease::close_if_objected;
use super::order_rows::one;
use super::rows::{exactly_one, to_json};
use super::suppression::lock_client;
use super::{client, order_number, webhook};
use crate::connect::failed;
use crate::{Connection, Engine};

/// Whose call an order comes of.
pub(super) struct Call {
    pub(super) lead: i64,
    pub(super) client: i64,
    pub(super) campaign: i64,
    pub(super) attempt: AttemptId,
}

/// Places the order of an outcome, at the price of this moment.
pub(super) async fn place(
    connection: &mut Connection,
    record: &Record,
    call: &Call,
    form: &OrderForm,
    now: Timestamp,
) -> Result<()> {
    let tariff = record.tariff.as_ref().ok_or_else(|| StoreError::not_found("tariff", &form.tariff))?;
    let placing =
        record.placing.as_ref().ok_or_else(|| StoreError::not_found("terms of the order of", &form.tariff))?;
    let stamp = Stamp { at: now, by: Some(record.operator) };
    let state = OrderState::Draft.apply(OrderEvent::Place, stamp, placing.held_to);
    let state = state.map_err(|error| StoreError::Database(error.into()))?;
    let number = order_number::take_order(&mut *connection, call.campaign, placing).await?;
    let account = order_number::account(&mut *connection, call.campaign, placing, form).await?;
    let id = sqlx::query_scalar::<Engine, i64>(
        "-- order: placed, at the price of this moment
        INSERT INTO orders (attempt_id, lead_id, client_id, campaign_id, tariff_id, price_minor, currency, fields, placed_at_ms,
            number, account, state, version, definition_version, appointment, told, placed_by, withdraw_until_ms, begins_at_once,
            tariff_version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $14, $15, $16, $17, $18, $19)
        RETURNING id",
    )
    .bind(call.attempt.0)
    .bind(call.lead)
    .bind(call.client)
    .bind(call.campaign)
    .bind(tariff.id.0)
    .bind(tariff.price.minor)
    .bind(tariff.price.currency.code())
    .bind(to_json(&form.fields))
    .bind(now.as_millisecond())
    .bind(number)
    .bind(account)
    .bind(state.as_str())
    .bind(placing.definition_version)
    .bind(form.appointment.as_ref().map(to_json))
    .bind(to_json(&form.told))
    .bind(record.operator.0)
    .bind(placing.held_to.withdraw_until.map(Timestamp::as_millisecond))
    .bind(i64::from(placing.held_to.begins_at_once))
    .bind(tariff.version)
    .fetch_one(&mut *connection)
    .await
    .map(OrderId)
    .map_err(failed)?;
    write_down(&mut *connection, id, 1, OrderEventKind::Placed, stamp, &[], None).await?;
    if placing.tell.is_empty() {
        return Ok(());
    }
    let order = one(&mut *connection, id).await?;
    webhook::tell(connection, &order, OrderEventKind::Placed, &placing.tell, now).await
}

/// Does something to an order that rests on the version that was seen.
pub(super) async fn change(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    change: &Change,
    now: Timestamp,
) -> Result<Changed> {
    let found = one(&mut *connection, change.order).await?;
    // Whoever works on this person is waited for: the lead may move, and nobody is erased meanwhile.
    lock_client(&mut *connection, found.client.0).await?;
    let order = one(&mut *connection, change.order).await?;
    if order.version != change.seen {
        return Ok(Changed::Outdated(order.version));
    }
    let stamp = Stamp { at: now, by: change.by };
    let next = match order.state.clone().apply(change.event.clone(), stamp, order.held_to) {
        Ok(next) => next,
        Err(refusal) => return Ok(Changed::Refused(refusal)),
    };
    bring_nothing_back(&mut *connection, &order, change).await?;
    write_state(&mut *connection, &order, &next, change).await?;
    if let Some(corrected) = &change.correction {
        write_form(&mut *connection, &order, corrected).await?;
    }
    let kind = change.event.kind();
    let why = change.correction.as_ref().map(|corrected| &corrected.why).or(change.note.as_ref());
    let changes = change.correction.as_ref().map(|corrected| corrected.changes.as_slice()).unwrap_or_default();
    write_down(&mut *connection, order.id, order.version + 1, kind, stamp, changes, why).await?;
    if let Some(at) = change.reopens_at
        && !reopen_lead(&mut *connection, keys, &order, at).await?
    {
        sqlx::query(
            "-- order: its person is not called again after all
            UPDATE orders SET reopens_at_ms = NULL WHERE id = $1",
        )
        .bind(order.id.0)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    let order = one(&mut *connection, order.id).await?;
    webhook::tell(connection, &order, kind, &change.tell, now).await?;
    Ok(Changed::Done(Box::new(order)))
}

/// Refuses what may tell of somebody who was erased: a form that was made of what was read before, and a note.
async fn bring_nothing_back(connection: &mut Connection, order: &StoredOrder, change: &Change) -> Result<()> {
    if change.correction.is_some() {
        client::refuse_erased(&mut *connection, order.client).await?;
    }
    if change.note.is_some() && client::is_erased(&mut *connection, order.client.0).await? {
        let (number, client) = (&order.number, order.client);
        return Err(StoreError::Conflict(format!(
            "client {client} was erased, and a note may tell of them: change order {number} without one"
        )));
    }
    Ok(())
}

/// Writes where an order stands, if it is still where it was read.
async fn write_state(connection: &mut Connection, from: &StoredOrder, to: &OrderState, change: &Change) -> Result<()> {
    let stamps = to.stamps();
    let changed = sqlx::query(
        "-- order: where it stands
        UPDATE orders SET version = version + 1, state = $3, corrected_at_ms = $4, corrected_by = $5, verified_at_ms = $6, verified_by = $7,
            fulfilled_at_ms = $8, fulfilled_by = $9, cancelled_at_ms = $10, cancelled_by = $11, cancel_reason = $12,
            cancel_note = $13, reopens_at_ms = $14
        WHERE id = $1 AND version = $2",
    )
    .bind(from.id.0)
    .bind(from.version)
    .bind(to.as_str())
    .bind(at(stamps.corrected))
    .bind(by(stamps.corrected))
    .bind(at(stamps.verified))
    .bind(by(stamps.verified))
    .bind(at(stamps.fulfilled))
    .bind(by(stamps.fulfilled))
    .bind(at(stamps.cancelled))
    .bind(by(stamps.cancelled))
    .bind(stamps.cancel_reason)
    .bind(&change.note)
    .bind(change.reopens_at.map(Timestamp::as_millisecond))
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "order")
}

fn at(stamp: Option<Stamp>) -> Option<i64> {
    stamp.map(|stamp| stamp.at.as_millisecond())
}

fn by(stamp: Option<Stamp>) -> Option<i64> {
    stamp.and_then(|stamp| stamp.by).map(|UserId(by)| by)
}

/// Writes the form after a correction, and what it holds the order to.
async fn write_form(connection: &mut Connection, order: &StoredOrder, corrected: &Corrected) -> Result<()> {
    let form = &corrected.form;
    order_number::refuse_taken(&mut *connection, order.campaign.0, Some(order.id.0), form.account.as_deref()).await?;
    let changed = sqlx::query(
        "-- order: the form after a correction
        UPDATE orders SET fields = $2, appointment = $3, account = $4, begins_at_once = $5 WHERE id = $1",
    )
    .bind(order.id.0)
    .bind(to_json(&form.fields))
    .bind(form.appointment.as_ref().map(to_json))
    .bind(&form.account)
    .bind(i64::from(corrected.begins_at_once))
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "order")
}

/// Writes down what happened; a correction with each thing that it changed.
async fn write_down(
    connection: &mut Connection,
    order: OrderId,
    version: i64,
    event: OrderEventKind,
    stamp: Stamp,
    changes: &[FieldChange],
    why: Option<&String>,
) -> Result<()> {
    let nothing = [None];
    let each: Vec<Option<&FieldChange>> =
        if changes.is_empty() { nothing.to_vec() } else { changes.iter().map(Some).collect() };
    for change in each {
        sqlx::query(
            "-- order: what happened
            INSERT INTO order_change (order_id, version, at_ms, by_id, event, what, value_before, value_after, why)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(order.0)
        .bind(version)
        .bind(stamp.at.as_millisecond())
        .bind(by(Some(stamp)))
        .bind(event.as_str())
        .bind(change.map(|change| change.what.as_str()))
        .bind(change.and_then(|change| change.before.as_deref()))
        .bind(change.and_then(|change| change.after.as_deref()))
        .bind(why)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    Ok(())
}

/// The person of a cancelled order may be called again: unless they must not be, are erased, or have another order that stands. Tells
/// whether they may.
async fn reopen_lead(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    order: &StoredOrder,
    at: Timestamp,
) -> Result<bool> {
    let stands = sqlx::query_scalar::<Engine, i64>(
        "-- order: the lead of a cancelled one, where it was closed by nothing else
        SELECT COUNT(*) FROM lead WHERE id = $1 AND state = 'closed' AND closed_reason = 'ordered'
            AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.lead_id = lead.id AND orders.state <> 'cancelled')",
    )
    .bind(order.lead.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    if stands == 0 || client::is_erased(&mut *connection, order.client.0).await? {
        return Ok(false);
    }
    let from = LeadState::Closed(ClosedReason::Ordered);
    let next =
        from.apply(LeadEvent::OrderCancelled { until: at }).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(&mut *connection, order.lead, from, next).await?;
    Ok(close_if_objected(connection, keys, order.lead, next).await? == next)
}
