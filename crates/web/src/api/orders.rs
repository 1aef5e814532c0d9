//! Orders after the call.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use relance_analytics::OrderCsv;
use relance_domain::OrderId;
use relance_domain::order::Correction;
use relance_domain::user::Permission;
use relance_scheduler::{Engine, OrderDetails, OrderSummary};
use relance_store::order::OrderFilter;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page_size;
use crate::Server;
use crate::auth::{Analyse, HandleOrders, LookUpPerson, May};
use crate::download::{csv_file, wants_csv};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

/// Rows shown unless told.
const PAGE_USUAL: i64 = 100;
/// Most rows on a page.
const PAGE_MAX: i64 = 1_000;
/// The states that an order can be asked for by.
const STATES: [&str; 4] = ["placed", "verified", "fulfilled", "cancelled"];

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(orders))
        .routes(routes!(order))
        .routes(routes!(verify))
        .routes(routes!(fulfil))
        .routes(routes!(cancel))
        .routes(routes!(correct))
}

/// Which orders to show.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only of this campaign: its short name.
    campaign: Option<String>,
    /// Only those that are `placed`, `verified`, `fulfilled` or `cancelled`.
    state: Option<String>,
    /// Only of this tariff.
    tariff: Option<String>,
    /// Only those that this operator placed.
    operator: Option<String>,
    /// Only those with this number.
    number: Option<String>,
    /// Placed at this instant or later.
    #[serde(default, deserialize_with = "relance_domain::written::instant_if_any")]
    since: Option<Timestamp>,
    /// Placed before this instant.
    #[serde(default, deserialize_with = "relance_domain::written::instant_if_any")]
    until: Option<Timestamp>,
    /// In a CSV file: with the form too, which needs the leave to look people up, and one campaign.
    #[serde(default)]
    form: bool,
    /// After this order: the `next` of the page before.
    #[param(value_type = Option<i64>)]
    after: Option<OrderId>,
    /// At most so many; a CSV file has all.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<i64>,
}

/// Orders, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OrderPage {
    /// The orders, without their forms.
    rows: Vec<OrderSummary>,
    /// Where the next page begins; none on the last.
    next: Option<OrderId>,
}

/// Show orders
///
/// Oldest first, without names and forms. With `Accept: text/csv`, all of them as one file, and with `form=true` their forms in it.
#[utoipa::path(
    get, path = "/orders", tag = "orders", params(Wanted),
    responses((
        status = 200, description = "A page of orders, or the file of all",
        content((OrderPage = "application/json"), (String = "text/csv")),
    )),
)]
async fn orders(
    caller: May<Analyse>,
    State(server): State<Server>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = page_size(wanted.limit, PAGE_USUAL, PAGE_MAX)?;
    let with_form = wanted.form;
    if with_form {
        caller.require(Permission::LookUpPerson)?;
    }
    let filter = filter(&server.engine, wanted).await?;
    if wants_csv(&headers) {
        let csv = OrderCsv::new(form_columns(&server.engine, &filter, with_form).await?);
        let filter = OrderFilter { limit: PAGE_MAX, ..filter };
        let export = Export { engine: server.engine, filter, csv, done: false };
        return csv_file("orders.csv", export, next_piece).await;
    }
    if with_form {
        return Err(Problem::field("form", "belongs to a CSV file: ask with Accept: text/csv, or for one order"));
    }
    let mut rows = server.engine.orders(&OrderFilter { limit: limit + 1, ..filter }).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    if more {
        rows.pop();
    }
    let next = rows.last().filter(|_| more).map(|order| order.id);
    Ok(Json(OrderPage { rows, next }).into_response())
}

/// The filter as the store takes it. A name that nobody has is told, rather than answered with nothing.
async fn filter(engine: &Engine, wanted: Wanted) -> Result<OrderFilter, Problem> {
    let store = engine.store();
    let campaign = match &wanted.campaign {
        Some(name) => Some(store.campaign(name).await?.id),
        None => None,
    };
    if let Some(operator) = &wanted.operator {
        store.user(operator).await?;
    }
    if let Some(tariff) = &wanted.tariff {
        store.tariff(tariff).await?;
    }
    if let Some(state) = wanted.state.as_ref().filter(|state| !STATES.contains(&state.as_str())) {
        return Err(Problem::field("state", format!("{state:?} is no state of an order: use {}", STATES.join(", "))));
    }
    Ok(OrderFilter {
        campaign,
        state: wanted.state,
        tariff: wanted.tariff,
        operator: wanted.operator,
        number: wanted.number,
        since: wanted.since,
        until: wanted.until,
        after: wanted.after,
        limit: PAGE_USUAL,
    })
}

/// The fields of the campaign's form, where forms are wanted.
async fn form_columns(engine: &Engine, filter: &OrderFilter, with_form: bool) -> Result<Option<Vec<String>>, Problem> {
    if !with_form {
        return Ok(None);
    }
    let Some(campaign) = filter.campaign else {
        return Err(Problem::field("campaign", "is missing: forms have the columns of one campaign, so name it"));
    };
    Ok(Some(engine.order_fields(campaign).await?))
}

/// The file of all orders, in the making.
struct Export {
    engine: Engine,
    filter: OrderFilter,
    csv: OrderCsv,
    done: bool,
}

async fn next_piece(mut export: Export) -> Result<Option<(String, Export)>, Problem> {
    if export.done {
        return Ok(None);
    }
    let rows = export.engine.store().orders(&export.filter).await?;
    export.done = i64::try_from(rows.len()).is_ok_and(|found| found < PAGE_MAX);
    export.filter.after = rows.last().map(|order| order.id).or(export.filter.after);
    let text = export.csv.page(&rows);
    Ok(Some((text, export)))
}

/// Show an order
///
/// With its form and everything that happened to it: what a correction changed, with what was there before, when, by whom and why.
#[utoipa::path(
    get, path = "/orders/{order}", tag = "orders",
    params(("order" = i64, Path, description = "Key")),
    responses((status = 200, description = "The order", body = OrderDetails)),
)]
async fn order(
    _caller: May<LookUpPerson>,
    State(server): State<Server>,
    Path(order): Path<OrderId>,
) -> Result<Json<OrderDetails>, Problem> {
    Ok(Json(server.engine.order(order).await?))
}

/// The version of an order that somebody has seen.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SeenOrder {
    /// The order's version that you looked at: an order that changed since is not touched.
    version: i64,
}

/// Verify an order
///
/// By a second person: never by the operator who placed it, nor by whoever corrected it last.
#[utoipa::path(
    post, path = "/orders/{order}/verify", tag = "orders",
    params(("order" = i64, Path, description = "Key")),
    responses((status = 200, description = "The order, verified", body = OrderDetails)),
)]
async fn verify(
    caller: May<HandleOrders>,
    State(server): State<Server>,
    Path(order): Path<OrderId>,
    Json(seen): Json<SeenOrder>,
) -> Result<Json<OrderDetails>, Problem> {
    Ok(Json(server.engine.verify_order(order, seen.version, caller.stored()).await?))
}

/// Fulfil an order
///
/// Once it is verified. While the client may withdraw only where they asked that the service begin before.
#[utoipa::path(
    post, path = "/orders/{order}/fulfil", tag = "orders",
    params(("order" = i64, Path, description = "Key")),
    responses((status = 200, description = "The order, fulfilled", body = OrderDetails)),
)]
async fn fulfil(
    caller: May<HandleOrders>,
    State(server): State<Server>,
    Path(order): Path<OrderId>,
    Json(seen): Json<SeenOrder>,
) -> Result<Json<OrderDetails>, Problem> {
    Ok(Json(server.engine.fulfil_order(order, seen.version, caller.stored()).await?))
}

/// Why an order is cancelled.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Cancellation {
    /// The order's version that you looked at.
    version: i64,
    /// A cancel reason of the campaign.
    #[schema(example = "changed_mind")]
    reason: String,
    /// Anything worth knowing for whoever calls the person next, at most 500 characters.
    #[serde(default)]
    note: Option<String>,
}

/// Cancel an order
///
/// Where the reason says so, the lead comes back to the queue after a while, and whoever gets it reads why; nobody who must not be
/// called ever does. A fulfilled order is cancelled only by a client who withdraws in time.
#[utoipa::path(
    post, path = "/orders/{order}/cancel", tag = "orders",
    params(("order" = i64, Path, description = "Key")),
    responses((status = 200, description = "The order, cancelled", body = OrderDetails)),
)]
async fn cancel(
    caller: May<HandleOrders>,
    State(server): State<Server>,
    Path(order): Path<OrderId>,
    Json(cancellation): Json<Cancellation>,
) -> Result<Json<OrderDetails>, Problem> {
    let why = (cancellation.reason.as_str(), cancellation.note.as_deref());
    Ok(Json(server.engine.cancel_order(order, cancellation.version, why, caller.stored()).await?))
}

/// What was wrong in an order.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct CorrectionToMake {
    /// The order's version that you looked at.
    version: i64,
    /// Why: 1 to 500 characters.
    #[schema(example = "The client spelled the street again")]
    why: String,
    /// What changes.
    order: Correction,
}

/// Correct an order
///
/// What was there before is kept, with who changed it, when and why. The whole form is checked again. A verified order waits for
/// verification again, by somebody else. Tariff and price are those of the call: for others, cancel the order.
#[utoipa::path(
    post, path = "/orders/{order}/correct", tag = "orders",
    params(("order" = i64, Path, description = "Key")),
    responses((status = 200, description = "The order, corrected", body = OrderDetails)),
)]
async fn correct(
    caller: May<HandleOrders>,
    State(server): State<Server>,
    Path(order): Path<OrderId>,
    Json(correction): Json<CorrectionToMake>,
) -> Result<Json<OrderDetails>, Problem> {
    let what = (&correction.order, correction.why.as_str());
    Ok(Json(server.engine.correct_order(order, correction.version, what, caller.stored()).await?))
}
