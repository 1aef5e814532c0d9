//! Tariffs.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use relance_analytics::TariffReport;
use relance_domain::campaign::SourceFile;
use relance_domain::tariff::Tariff;
use relance_scheduler::{
    Engine, PriceCurve, TariffDetails, TariffPreview, TariffPublication, TariffSummary, TariffWithdrawal,
};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{Analyse, May, RunCampaigns, SeeCampaigns};
use crate::download::{csv_file, wants_csv};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(check_tariff))
        .routes(routes!(preview_tariff))
        .routes(routes!(price_curve))
        .routes(routes!(publish_tariff))
        .routes(routes!(withdraw_tariff))
        .routes(routes!(tariffs))
        .routes(routes!(tariff))
        .routes(routes!(tariff_report))
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
/// Whom it brings back, by reason, list, place and age of the refusal; whom it does not, what holds them and until when; what calling
/// takes at the campaign's present rates; and how many orders earlier reopenings let expect. Nothing is stored.
#[utoipa::path(
    post, path = "/tariffs/preview", tag = "tariffs",
    responses((status = 200, description = "Who would come back", body = TariffPreview)),
)]
async fn preview_tariff(
    _caller: May<Analyse>,
    State(server): State<Server>,
    Json(chosen): Json<TariffChosen>,
) -> Result<Json<TariffPreview>, Problem> {
    let tariff = chosen.find(&server.engine).await?;
    Ok(Json(server.engine.preview_tariff(&tariff).await?))
}

/// Whose currency, rates and places are meant.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CurveOf {
    /// The short name of a stored tariff of the campaign; without one the campaign's currency, everywhere.
    tariff: Option<String>,
}

/// Show which price would bring back how many
///
/// People who named the most they would pay, counted by the price that is within it.
#[utoipa::path(
    get, path = "/campaigns/{campaign}/price-curve", tag = "tariffs",
    params(("campaign" = String, Path, description = "Short name"), CurveOf),
    responses((status = 200, description = "The curve", body = PriceCurve)),
)]
async fn price_curve(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Path(campaign): Path<String>,
    Query(of): Query<CurveOf>,
) -> Result<Json<PriceCurve>, Problem> {
    Ok(Json(server.engine.price_curve(&campaign, of.tariff.as_deref()).await?))
}

/// Publish a tariff
///
/// It is offered from now on, and the people come back whose refusal it answers: each at most once per tariff. One whose first day is
/// to come is published by itself on that day. The tariff that it replaces ends.
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

/// Withdraw a tariff
///
/// It is offered no longer. Leads that it brought back and that nobody has called since are closed by their refusal again.
#[utoipa::path(
    post, path = "/tariffs/{tariff}/withdraw", tag = "tariffs",
    params(("tariff" = String, Path, description = "Short name")),
    responses((status = 200, description = "How many leads were taken back", body = TariffWithdrawal)),
)]
async fn withdraw_tariff(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(tariff): Path<String>,
) -> Result<Json<TariffWithdrawal>, Problem> {
    Ok(Json(server.engine.withdraw_tariff(&tariff).await?))
}

/// Show a tariff
///
/// With every version of it, and what it cost when.
#[utoipa::path(
    get, path = "/tariffs/{tariff}", tag = "tariffs",
    params(("tariff" = String, Path, description = "Short name")),
    responses((status = 200, description = "The tariff", body = TariffDetails)),
)]
async fn tariff(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Path(tariff): Path<String>,
) -> Result<Json<TariffDetails>, Problem> {
    Ok(Json(server.engine.tariff(&tariff).await?))
}

/// Say what a tariff brought
///
/// By reason and by the operator who had the refusal, with the difference from those who were held out. With `Accept: text/csv`, the
/// lines as a file.
#[utoipa::path(
    get, path = "/tariffs/{tariff}/report", tag = "tariffs",
    params(("tariff" = String, Path, description = "Short name")),
    responses((
        status = 200, description = "What it brought so far",
        content((TariffReport = "application/json"), (String = "text/csv")),
    )),
)]
async fn tariff_report(
    _caller: May<Analyse>,
    State(server): State<Server>,
    Path(tariff): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let report = relance_analytics::tariff_report(server.engine.store().as_ref(), &tariff).await?;
    if wants_csv(&headers) {
        return csv_file("tariff-report.csv", Some(report.csv()), |csv: Option<String>| async {
            Ok(csv.map(|csv| (csv, None)))
        })
        .await;
    }
    Ok(Json(report).into_response())
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
