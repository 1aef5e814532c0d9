//! Lists that were loaded.

use axum::extract::State;
use relance_domain::ListId;
use relance_store::list::{List, Undo};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::OfCampaign;
use crate::Server;
use crate::auth::{May, RunCampaigns, SeeCampaigns};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(lists)).routes(routes!(list)).routes(routes!(undo_list))
}

/// How a list is to be taken back.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UndoRequest {
    /// Only say what would be removed.
    #[serde(default)]
    dry_run: bool,
}

/// Show the lists
#[utoipa::path(
    get, path = "/lists", tag = "lists", params(OfCampaign),
    responses((status = 200, description = "The lists, newest first", body = Vec<List>)),
)]
async fn lists(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Query(of): Query<OfCampaign>,
) -> Result<Json<Vec<List>>, Problem> {
    Ok(Json(server.engine.lists(of.campaign.as_deref()).await?))
}

/// Show a list
#[utoipa::path(
    get, path = "/lists/{list}", tag = "lists",
    params(("list" = i64, Path, description = "Key")),
    responses((status = 200, description = "The list", body = List)),
)]
async fn list(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Path(list): Path<ListId>,
) -> Result<Json<List>, Problem> {
    Ok(Json(server.engine.list(list).await?))
}

/// Take a list back
///
/// Its leads that nobody was handed are removed, and its people who are on no other list. What was worked stays.
#[utoipa::path(
    post, path = "/lists/{list}/undo", tag = "lists",
    params(("list" = i64, Path, description = "Key")),
    responses((status = 200, description = "What was removed, or would be, and what stays", body = Undo)),
)]
async fn undo_list(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(list): Path<ListId>,
    Json(request): Json<UndoRequest>,
) -> Result<Json<Undo>, Problem> {
    Ok(Json(server.engine.undo_list(list, request.dry_run).await?))
}
