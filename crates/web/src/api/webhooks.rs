//! Messages that tell other systems of orders.

use axum::extract::State;
use jiff::Timestamp;
use relance_domain::MessageId;
use relance_scheduler::WebhookOverview;
use relance_store::webhook::{MessageFilter, Replay};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page_size;
use crate::Server;
use crate::auth::{HandleOrders, May, RunCampaigns};
use crate::extract::{Json, Query};
use crate::problem::Problem;

/// Rows shown unless told.
const PAGE_USUAL: i64 = 100;
/// Most rows on a page.
const PAGE_MAX: i64 = 1_000;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(webhooks)).routes(routes!(replay))
}

/// Which messages to show.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only of this system: its name in the settings.
    sink: Option<String>,
    /// After this message: the `next` of the page before.
    #[param(value_type = Option<i64>)]
    after: Option<MessageId>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<i64>,
}

/// Show what waits for other systems
///
/// How each system stands, and the messages that wait or were given up, without what they say.
#[utoipa::path(
    get, path = "/webhooks", tag = "orders", params(Wanted),
    responses((status = 200, description = "The systems, and a page of messages", body = WebhookOverview)),
)]
async fn webhooks(
    _caller: May<HandleOrders>,
    State(server): State<Server>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<WebhookOverview>, Problem> {
    let limit = page_size(wanted.limit, PAGE_USUAL, PAGE_MAX)?;
    let filter = MessageFilter { sink: wanted.sink, after: wanted.after, limit };
    Ok(Json(server.engine.webhooks(&filter).await?))
}

/// Which messages are sent again.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ToReplay {
    /// This one: its key.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    message: Option<MessageId>,
    /// Only of this system.
    #[serde(default)]
    sink: Option<String>,
    /// Those that were written at this instant or later.
    #[serde(default, deserialize_with = "relance_domain::written::instant_if_any")]
    since: Option<Timestamp>,
}

/// How many messages are sent again.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Replayed {
    /// Messages that wait to be sent again.
    replayed: u64,
}

/// Send messages again
///
/// Those that were taken or given up, as they were, under the same `webhook-id`, so that a system that has one already can tell.
#[utoipa::path(
    post, path = "/webhooks/replay", tag = "orders",
    responses((status = 200, description = "How many", body = Replayed)),
)]
async fn replay(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Json(wanted): Json<ToReplay>,
) -> Result<Json<Replayed>, Problem> {
    let ToReplay { message, sink, since } = wanted;
    Ok(Json(Replayed { replayed: server.engine.replay_webhooks(&Replay { message, sink, since }).await? }))
}
