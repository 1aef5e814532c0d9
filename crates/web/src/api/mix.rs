//! The shares of a campaign's lists in its queue.

use std::collections::BTreeMap;

use axum::extract::State;
use relance_domain::ListId;
use relance_scheduler::QueueMix;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{May, RunCampaigns};
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(mix_lists))
}

/// How lists are to share the queue.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Shares {
    /// The share of each list, by its key: whole numbers from 0 to 10000 that stand to each other as the leads handed out do. A list
    /// with 0 is handed out no more; one that is not named keeps its share.
    #[schema(value_type = BTreeMap<String, u32>, example = json!({ "1": 70, "2": 30 }))]
    shares: BTreeMap<ListId, u32>,
}

/// Say how a campaign's lists share its queue
///
/// From the next lead on, lists take turns by their shares within each class of the queue; a list that has nobody to call makes up for
/// nothing later. A mix that adds up to nothing is a conflict.
#[utoipa::path(
    put, path = "/campaigns/{campaign}/mix", tag = "lists",
    params(("campaign" = String, Path, description = "Short name")),
    responses((status = 200, description = "The campaign's loaded lists and their shares", body = QueueMix)),
)]
async fn mix_lists(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(campaign): Path<String>,
    Json(mix): Json<Shares>,
) -> Result<Json<QueueMix>, Problem> {
    Ok(Json(server.engine.mix_lists(&campaign, &mix.shares).await?))
}
