//! Campaigns.

use axum::extract::State;
use relance_domain::campaign::state::CampaignEvent;
use relance_domain::campaign::{CheckReport, Folder};
use relance_scheduler::{AppliedCampaign, CampaignDetails, CampaignPlan, Funnel};
use relance_store::campaign::Campaign;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{Analyse, May, RunCampaigns, SeeCampaigns};
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(check_campaign))
        .routes(routes!(plan_campaign))
        .routes(routes!(apply_campaign))
        .routes(routes!(campaigns))
        .routes(routes!(campaign))
        .routes(routes!(change_campaign_state))
        .routes(routes!(queue))
        .routes(routes!(report))
}

/// What is to happen to a campaign.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StateChange {
    /// The event.
    event: CampaignEvent,
}

/// Check a campaign folder
///
/// Runs every check. Nothing is stored.
#[utoipa::path(
    post, path = "/campaigns/check", tag = "campaigns",
    responses((status = 200, description = "What every check found", body = CheckReport)),
)]
async fn check_campaign(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Json(folder): Json<Folder>,
) -> Json<CheckReport> {
    Json(server.engine.check_campaign(&folder))
}

/// Say what applying a campaign folder would change
///
/// Nothing is stored.
#[utoipa::path(
    post, path = "/campaigns/plan", tag = "campaigns",
    responses((status = 200, description = "Each change of meaning", body = CampaignPlan)),
)]
async fn plan_campaign(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Json(folder): Json<Folder>,
) -> Result<Json<CampaignPlan>, Problem> {
    Ok(Json(server.engine.plan_campaign(&folder).await?))
}

/// Apply a campaign folder
///
/// Its definition becomes the campaign's present version; its tariffs become drafts, unless they are published.
#[utoipa::path(
    post, path = "/campaigns/apply", tag = "campaigns",
    responses((status = 200, description = "The campaign, and what changed", body = AppliedCampaign)),
)]
async fn apply_campaign(
    caller: May<RunCampaigns>,
    State(server): State<Server>,
    Json(folder): Json<Folder>,
) -> Result<Json<AppliedCampaign>, Problem> {
    Ok(Json(server.engine.apply_campaign(&folder, caller.stored()).await?))
}

/// Show every campaign
#[utoipa::path(
    get, path = "/campaigns", tag = "campaigns",
    responses((status = 200, description = "The campaigns, by short name", body = Vec<Campaign>)),
)]
async fn campaigns(_caller: May<SeeCampaigns>, State(server): State<Server>) -> Result<Json<Vec<Campaign>>, Problem> {
    Ok(Json(server.engine.campaigns().await?))
}

/// Show a campaign with its definition
#[utoipa::path(
    get, path = "/campaigns/{campaign}", tag = "campaigns",
    params(("campaign" = String, Path, description = "Short name")),
    responses((status = 200, description = "The campaign", body = CampaignDetails)),
)]
async fn campaign(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Path(campaign): Path<String>,
) -> Result<Json<CampaignDetails>, Problem> {
    Ok(Json(server.engine.campaign(&campaign).await?))
}

/// Start, pause, resume or finish a campaign
#[utoipa::path(
    post, path = "/campaigns/{campaign}/state", tag = "campaigns",
    params(("campaign" = String, Path, description = "Short name")),
    responses((status = 200, description = "The campaign afterwards", body = Campaign)),
)]
async fn change_campaign_state(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(campaign): Path<String>,
    Json(change): Json<StateChange>,
) -> Result<Json<Campaign>, Problem> {
    Ok(Json(server.engine.change_campaign_state(&campaign, change.event).await?))
}

/// Show where the leads of a campaign stand
///
/// How many are callable now, and every other lead once, under its first blocking reason.
#[utoipa::path(
    get, path = "/campaigns/{campaign}/queue", tag = "campaigns",
    params(("campaign" = String, Path, description = "Short name")),
    responses((status = 200, description = "The funnel", body = Funnel)),
)]
async fn queue(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Path(campaign): Path<String>,
) -> Result<Json<Funnel>, Problem> {
    Ok(Json(server.engine.funnel(&campaign).await?))
}

/// Report on a campaign
///
/// Each number comes with the definition of what it counts.
#[utoipa::path(
    get, path = "/campaigns/{campaign}/report", tag = "campaigns",
    params(("campaign" = String, Path, description = "Short name")),
    responses((status = 200, description = "The report", body = relance_analytics::Report)),
)]
async fn report(
    _caller: May<Analyse>,
    State(server): State<Server>,
    Path(campaign): Path<String>,
) -> Result<Json<relance_analytics::Report>, Problem> {
    Ok(Json(relance_analytics::report(server.engine.store().as_ref(), &campaign).await?))
}
