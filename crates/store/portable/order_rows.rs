//! Orders as they are read.

use jiff::Timestamp;
use relance_domain::order::OrderForm;
use relance_domain::order::state::{HeldTo, OrderState, Stamp};
use relance_domain::{AttemptId, CampaignId, ClientId, LeadId, Money, OrderId, TariffId, UserId};
use relance_store::order::{OrderChange, OrderFilter, People, StoredOrder};
use relance_store::outcome::TariffThen;
use relance_store::{Result, StoreError};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
struct OrderRow {
    id: i64,
    number: String,
    account: Option<String>,
    version: i64,
    campaign_id: i64,
    campaign: String,
    seller: String,
    definition_version: i64,
    lead_id: i64,
    client_id: i64,
    attempt_id: i64,
    tariff_id: i64,
    tariff_version: i64,
    tariff: String,
    tariff_name: String,
    price_minor: i64,
    currency: String,
    fields: String,
    appointment: Option<String>,
    told: String,
    state: String,
    placed_at_ms: i64,
    placed_by: i64,
    corrected_at_ms: Option<i64>,
    corrected_by: Option<i64>,
    verified_at_ms: Option<i64>,
    verified_by: Option<i64>,
    fulfilled_at_ms: Option<i64>,
    fulfilled_by: Option<i64>,
    cancelled_at_ms: Option<i64>,
    cancelled_by: Option<i64>,
    cancel_reason: Option<String>,
    cancel_note: Option<String>,
    reopens_at_ms: Option<i64>,
    withdraw_until_ms: Option<i64>,
    begins_at_once: i64,
    placer: String,
    corrector: Option<String>,
    verifier: Option<String>,
    fulfiller: Option<String>,
    canceller: Option<String>,
}

impl OrderRow {
    fn into_order(self) -> Result<StoredOrder> {
        let origin = Origin::new("orders", self.id);
        let price = Money { minor: self.price_minor, currency: origin.parse("currency", &self.currency)? };
        let state = self.state(origin)?;
        let appointment = self.appointment.as_deref().map(|text| origin.json("appointment", text)).transpose()?;
        Ok(StoredOrder {
            id: OrderId(self.id),
            number: self.number,
            version: self.version,
            campaign: CampaignId(self.campaign_id),
            campaign_name: self.campaign,
            seller: self.seller,
            definition_version: self.definition_version,
            lead: LeadId(self.lead_id),
            client: ClientId(self.client_id),
            attempt: AttemptId(self.attempt_id),
            form: OrderForm {
                tariff: self.tariff.clone(),
                fields: origin.json("fields", &self.fields)?,
                appointment,
                told: origin.json("told", &self.told)?,
                account: self.account,
            },
            tariff: TariffThen {
                id: TariffId(self.tariff_id),
                version: self.tariff_version,
                tariff: self.tariff,
                name: self.tariff_name,
                price,
            },
            state,
            held_to: HeldTo {
                withdraw_until: origin.instant_some("withdraw_until_ms", self.withdraw_until_ms)?,
                begins_at_once: self.begins_at_once != 0,
            },
            cancel_note: self.cancel_note,
            reopens_at: origin.instant_some("reopens_at_ms", self.reopens_at_ms)?,
            people: People {
                placed_by: self.placer,
                corrected_by: self.corrector,
                verified_by: self.verifier,
                fulfilled_by: self.fulfiller,
                cancelled_by: self.canceller,
            },
        })
    }

    fn state(&self, origin: Origin) -> Result<OrderState> {
        let stamp = |column, at: Option<i64>, by: Option<i64>| -> Result<Option<Stamp>> {
            Ok(origin.instant_some(column, at)?.map(|at| Stamp { at, by: by.map(UserId) }))
        };
        let placed = Stamp { at: origin.instant("placed_at_ms", self.placed_at_ms)?, by: Some(UserId(self.placed_by)) };
        let corrected = stamp("corrected_at_ms", self.corrected_at_ms, self.corrected_by)?;
        let verified = stamp("verified_at_ms", self.verified_at_ms, self.verified_by)?;
        let fulfilled = stamp("fulfilled_at_ms", self.fulfilled_at_ms, self.fulfilled_by)?;
        let cancelled = stamp("cancelled_at_ms", self.cancelled_at_ms, self.cancelled_by)?;
        Ok(match (self.state.as_str(), verified, fulfilled, cancelled, &self.cancel_reason) {
            ("placed", None, None, None, None) => OrderState::Placed { placed, corrected },
            ("verified", Some(verified), None, None, None) => OrderState::Verified { placed, corrected, verified },
            ("fulfilled", Some(verified), Some(fulfilled), None, None) => {
                OrderState::Fulfilled { placed, corrected, verified, fulfilled }
            }
            ("cancelled", verified, fulfilled, Some(cancelled), Some(reason)) => {
                OrderState::Cancelled { placed, corrected, verified, fulfilled, cancelled, reason: reason.clone() }
            }
            _ => return Err(origin.corrupt("state")),
        })
    }
}

pub(super) async fn one(connection: &mut Connection, order: OrderId) -> Result<StoredOrder> {
    let filter = OrderFilter { limit: 1, ..OrderFilter::default() };
    let found = rows(connection, &filter, Some(order)).await?;
    found.into_iter().next().ok_or_else(|| StoreError::not_found("order", order))
}

pub(super) async fn page(connection: &mut Connection, filter: &OrderFilter) -> Result<Vec<StoredOrder>> {
    rows(connection, filter, None).await
}

async fn rows(connection: &mut Connection, filter: &OrderFilter, only: Option<OrderId>) -> Result<Vec<StoredOrder>> {
    sqlx::query_as::<Engine, OrderRow>(
        "-- order: those that fit a filter, oldest first
        SELECT orders.id, orders.number, orders.account, orders.version, orders.campaign_id, campaign.campaign, campaign.seller,
            orders.definition_version, orders.lead_id, orders.client_id, orders.attempt_id, orders.tariff_id, orders.tariff_version, tariff.tariff,
            tariff.name AS tariff_name, orders.price_minor, orders.currency, orders.fields, orders.appointment, orders.told,
            orders.state, orders.placed_at_ms, orders.placed_by, orders.corrected_at_ms, orders.corrected_by,
            orders.verified_at_ms, orders.verified_by, orders.fulfilled_at_ms, orders.fulfilled_by, orders.cancelled_at_ms,
            orders.cancelled_by, orders.cancel_reason, orders.cancel_note, orders.reopens_at_ms, orders.withdraw_until_ms,
            orders.begins_at_once, placer.name AS placer, corrector.name AS corrector, verifier.name AS verifier,
            fulfiller.name AS fulfiller, canceller.name AS canceller
        FROM orders
        JOIN campaign ON campaign.id = orders.campaign_id
        JOIN tariff ON tariff.id = orders.tariff_id
        JOIN app_user AS placer ON placer.id = orders.placed_by
        LEFT JOIN app_user AS corrector ON corrector.id = orders.corrected_by
        LEFT JOIN app_user AS verifier ON verifier.id = orders.verified_by
        LEFT JOIN app_user AS fulfiller ON fulfiller.id = orders.fulfilled_by
        LEFT JOIN app_user AS canceller ON canceller.id = orders.cancelled_by
        WHERE ($1 IS NULL OR orders.campaign_id = $1)
            AND ($2 IS NULL OR orders.state = $2)
            AND ($3 IS NULL OR tariff.tariff = $3)
            AND ($4 IS NULL OR placer.name = $4)
            AND ($5 IS NULL OR orders.number = $5)
            AND ($6 IS NULL OR orders.placed_at_ms >= $6)
            AND ($7 IS NULL OR orders.placed_at_ms < $7)
            AND ($8 IS NULL OR orders.id > $8)
            AND ($9 IS NULL OR orders.id = $9)
        ORDER BY orders.id LIMIT $10",
    )
    .bind(filter.campaign.map(|campaign| campaign.0))
    .bind(&filter.state)
    .bind(&filter.tariff)
    .bind(&filter.operator)
    .bind(&filter.number)
    .bind(filter.since.map(Timestamp::as_millisecond))
    .bind(filter.until.map(Timestamp::as_millisecond))
    .bind(filter.after.map(|after| after.0))
    .bind(only.map(|only| only.0))
    .bind(filter.limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(OrderRow::into_order)
    .collect()
}

/// The order of a lead that was cancelled last, if the lead has no other that stands.
pub(super) async fn cancelled_of(connection: &mut Connection, lead: LeadId) -> Result<Option<StoredOrder>> {
    let last = sqlx::query_as::<Engine, (i64, String)>(
        "-- order: the last of a lead
        SELECT id, state FROM orders WHERE lead_id = $1 ORDER BY id DESC LIMIT 1",
    )
    .bind(lead.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    match last {
        Some((id, state)) if state == "cancelled" => one(connection, OrderId(id)).await.map(Some),
        _ => Ok(None),
    }
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    id: i64,
    version: i64,
    at_ms: i64,
    name: Option<String>,
    event: String,
    what: Option<String>,
    value_before: Option<String>,
    value_after: Option<String>,
    why: Option<String>,
}

/// Everything that happened to an order, the oldest first.
pub(super) async fn history(connection: &mut Connection, order: OrderId) -> Result<Vec<OrderChange>> {
    sqlx::query_as::<Engine, ChangeRow>(
        "-- order: what happened
        SELECT order_change.id, order_change.version, order_change.at_ms, app_user.name, order_change.event, order_change.what,
            order_change.value_before, order_change.value_after, order_change.why
        FROM order_change LEFT JOIN app_user ON app_user.id = order_change.by_id
        WHERE order_change.order_id = $1 ORDER BY order_change.id",
    )
    .bind(order.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(|row| {
        let origin = Origin::new("order_change", row.id);
        let change = row.what.map(|what| relance_domain::order::FieldChange {
            what,
            before: row.value_before,
            after: row.value_after,
        });
        Ok(OrderChange {
            version: row.version,
            at: origin.instant("at_ms", row.at_ms)?,
            by: row.name,
            event: origin.word("event", &row.event)?,
            change,
            why: row.why,
        })
    })
    .collect()
}
