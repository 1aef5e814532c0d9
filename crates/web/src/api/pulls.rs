//! Lists that campaigns pull by themselves.

use axum::extract::State;
use relance_scheduler::{LoadReport, PullSummary};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::OfCampaign;
use crate::Server;
use crate::auth::{May, RunCampaigns, SeeCampaigns};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(pulls)).routes(routes!(pull_list))
}

/// How a list is to be pulled.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PullRequest {
    /// Only say what it would do.
    #[serde(default)]
    dry_run: bool,
}

/// Show the lists that campaigns pull by themselves
#[utoipa::path(
    get, path = "/pulls", tag = "lists", params(OfCampaign),
    responses((status = 200, description = "The pulls that are declared, with their latest turns", body = Vec<PullSummary>)),
)]
async fn pulls(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Query(of): Query<OfCampaign>,
) -> Result<Json<Vec<PullSummary>>, Problem> {
    Ok(Json(server.engine.pulls(of.campaign.as_deref()).await?))
}

/// Pull a list now
///
/// Only people who are no leads of the campaign yet are added; nothing changes about people who are known. Where nobody is
/// new, no list is made: `list` is absent then.
#[utoipa::path(
    post, path = "/campaigns/{campaign}/pulls/{pull}", tag = "lists",
    params(("campaign" = String, Path, description = "Short name"), ("pull" = String, Path, description = "Short name")),
    responses((status = 200, description = "What became of every row, or would", body = LoadReport)),
)]
async fn pull_list(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path((campaign, pull)): Path<(String, String)>,
    Json(request): Json<PullRequest>,
) -> Result<Json<LoadReport>, Problem> {
    Ok(Json(server.engine.pull_list(&campaign, &pull, request.dry_run).await?))
}
