//! Clients: looked up, and two made one.

use axum::extract::State;
use relance_domain::{ClientId, ListId};
use relance_scheduler::ClientCard;
use relance_store::client::{Erased, Merged, OpenJoin};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page_size;
use crate::Server;
use crate::auth::{ErasePeople, LookUpPerson, May, RunCampaigns};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

/// Joins shown unless told.
const JOINS_USUAL: i64 = 100;
/// Most joins shown.
const JOINS_MAX: i64 = 1_000;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(client, erase_client))
        .routes(routes!(find_client))
        .routes(routes!(joins))
        .routes(routes!(merge_clients))
}

/// Show a client
///
/// Numbers and names are masked. A client that was merged into another is shown as that one.
#[utoipa::path(
    get, path = "/clients/{client}", tag = "questions",
    params(("client" = i64, Path, description = "Key")),
    responses((status = 200, description = "The client", body = ClientCard)),
)]
async fn client(
    _caller: May<LookUpPerson>,
    State(server): State<Server>,
    Path(client): Path<ClientId>,
) -> Result<Json<ClientCard>, Problem> {
    Ok(Json(server.engine.client(client).await?))
}

/// A phone whose client is looked for.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct PhoneOf {
    /// The number, in international form or as it is dialled in `country`.
    #[schema(example = "+33199001234")]
    phone: String,
    /// ISO 3166-1 alpha-2 code that a national number is read in.
    #[serde(default)]
    country: Option<String>,
}

/// Find a client by phone
///
/// The number travels in the body: it never stands in an address, where logs would keep it.
#[utoipa::path(
    post, path = "/clients/find", tag = "questions",
    responses((status = 200, description = "The client", body = ClientCard)),
)]
async fn find_client(
    _caller: May<LookUpPerson>,
    State(server): State<Server>,
    Json(of): Json<PhoneOf>,
) -> Result<Json<ClientCard>, Problem> {
    Ok(Json(server.engine.client_of_phone(&of.phone, of.country.as_deref()).await?))
}

/// Which joins to show.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Joins {
    /// Only those of this list.
    #[param(value_type = Option<i64>)]
    list: Option<ListId>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<i64>,
}

/// Show the rows that say of two clients that they are one
///
/// The clients stay two until somebody merges them.
#[utoipa::path(
    get, path = "/clients/joins", tag = "questions", params(Joins),
    responses((status = 200, description = "The rows, by list and line", body = Vec<OpenJoin>)),
)]
async fn joins(
    _caller: May<LookUpPerson>,
    State(server): State<Server>,
    Query(of): Query<Joins>,
) -> Result<Json<Vec<OpenJoin>>, Problem> {
    let limit = page_size(of.limit, JOINS_USUAL, JOINS_MAX)?;
    Ok(Json(server.engine.joins(of.list, limit).await?))
}

/// A client to be merged into another.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct MergeRequest {
    /// The client that becomes part of the other.
    #[schema(value_type = i64)]
    other: ClientId,
    /// Only say what would become of them.
    #[serde(default)]
    dry_run: bool,
}

/// Merge two clients who are one person
///
/// Numbers, leads and history of `other` become those of the client who stays; two leads of one campaign become one. This cannot
/// be taken back. A client who is in a call is left alone.
#[utoipa::path(
    post, path = "/clients/{keep}/merge", tag = "questions",
    params(("keep" = i64, Path, description = "The client who stays")),
    responses((status = 200, description = "What became of them, or would", body = Merged)),
)]
async fn merge_clients(
    caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(keep): Path<ClientId>,
    Json(request): Json<MergeRequest>,
) -> Result<Json<Merged>, Problem> {
    Ok(Json(server.engine.merge_clients(keep, request.other, caller.stored(), request.dry_run).await?))
}

/// Why a client is erased.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct EraseRequest {
    /// Why, in words that name nobody: it is kept.
    #[schema(example = "asked by letter, case 2026-118")]
    reason: String,
}

/// Erase a client
///
/// Everything personal goes: numbers, name, address, notes, forms. Attempts, refusals and orders stay as counts, and suppressions as
/// hashes, so that the same person on a later list is still not called. This cannot be taken back. A client who is in a call is left alone.
#[utoipa::path(
    delete, path = "/clients/{client}", tag = "questions",
    params(("client" = i64, Path, description = "Key")),
    responses((status = 200, description = "What was taken away", body = Erased)),
)]
async fn erase_client(
    caller: May<ErasePeople>,
    State(server): State<Server>,
    Path(client): Path<ClientId>,
    Json(request): Json<EraseRequest>,
) -> Result<Json<Erased>, Problem> {
    Ok(Json(server.engine.erase_client(client, &request.reason, caller.stored()).await?))
}
