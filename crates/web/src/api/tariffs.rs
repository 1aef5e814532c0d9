//! Tariffs.

use axum::extract::State;
use relance_domain::campaign::SourceFile;
use relance_domain::tariff::Tariff;
use relance_scheduler::{Engine, TariffPreview, TariffPublication, TariffSummary};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{May, RunCampaigns, SeeCampaigns};
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(check_tariff))
        .routes(routes!(preview_tariff))
        .routes(routes!(publish_tariff))
        .routes(routes!(retire_tariff))
        .routes(routes!(tariffs))
}

/// A tariff file without problems.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct TariffChecked {
    /// The tariff's short name.
    tariff: String,
    /// Always true: a file with problems is answered as `/problems/invalid-files`.
    ok: bool,
}

/// Which tariff is meant: a file, or one that is stored. Exactly one of the two.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TariffChosen {
    /// The file of a tariff.
    #[serde(default)]
    file: Option<SourceFile>,
    /// The short name of one that is stored.
    #[serde(default)]
    tariff: Option<String>,
}

impl TariffChosen {
    async fn find(self, engine: &Engine) -> Result<Tariff, Problem> {
        match (self.file, self.tariff) {
            (Some(file), None) => Ok(engine.check_tariff(&file).await?),
            (None, Some(name)) => Ok(engine.stored_tariff(&name).await?),
            _ => Err(Problem::field(
                "tariff",
                "send exactly one of file, with path and text, and tariff, a stored one's name",
            )),
        }
    }
}

/// Check a tariff file
///
/// The file is read and held against its campaigns. Nothing is stored.
#[utoipa::path(
    post, path = "/tariffs/check", tag = "tariffs",
    responses((status = 200, description = "The file is in order", body = TariffChecked)),
)]
async fn check_tariff(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Json(file): Json<SourceFile>,
) -> Result<Json<TariffChecked>, Problem> {
    let tariff = server.engine.check_tariff(&file).await?;
    Ok(Json(TariffChecked { tariff: tariff.tariff, ok: true }))
}

/// Say what publishing a tariff would do
///
/// How many refusals it answers, whom it brings back and what holds the others. Nothing is stored.
#[utoipa::path(
    post, path = "/tariffs/preview", tag = "tariffs",
    responses((status = 200, description = "Who would come back", body = TariffPreview)),
)]
async fn preview_tariff(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Json(chosen): Json<TariffChosen>,
) -> Result<Json<TariffPreview>, Problem> {
    let tariff = chosen.find(&server.engine).await?;
    Ok(Json(server.engine.preview_tariff(&tariff).await?))
}

/// Publish a tariff
///
/// It is offered from now on, and the people come back whose refusal it answers: each at most once per tariff.
#[utoipa::path(
    post, path = "/tariffs/publish", tag = "tariffs",
    responses((status = 200, description = "How many leads are back in the queue", body = TariffPublication)),
)]
async fn publish_tariff(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Json(chosen): Json<TariffChosen>,
) -> Result<Json<TariffPublication>, Problem> {
    let tariff = chosen.find(&server.engine).await?;
    Ok(Json(server.engine.publish_tariff(&tariff).await?))
}

/// Retire a tariff
///
/// It is offered no longer. Leads that it brought back stay.
#[utoipa::path(
    post, path = "/tariffs/{tariff}/retire", tag = "tariffs",
    params(("tariff" = String, Path, description = "Short name")),
    responses((status = 200, description = "The tariff afterwards", body = TariffSummary)),
)]
async fn retire_tariff(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(tariff): Path<String>,
) -> Result<Json<TariffSummary>, Problem> {
    Ok(Json(server.engine.retire_tariff(&tariff).await?))
}

/// Show every tariff
#[utoipa::path(
    get, path = "/tariffs", tag = "tariffs",
    responses((status = 200, description = "The tariffs, by short name", body = Vec<TariffSummary>)),
)]
async fn tariffs(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
) -> Result<Json<Vec<TariffSummary>>, Problem> {
    Ok(Json(server.engine.tariffs().await?))
}
