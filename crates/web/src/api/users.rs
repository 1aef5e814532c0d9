//! Who signs in.

use axum::extract::State;
use axum::http::StatusCode;
use relance_domain::abilities::Abilities;
use relance_domain::user::Role;
use relance_scheduler::NewToken;
use relance_store::user::User;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{AdministerUsers, Caller, LookAfterOperators, May, SeeUsers};
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .routes(routes!(add_user, users))
        .routes(routes!(set_abilities))
        .routes(routes!(disable_user))
        .routes(routes!(me))
}

/// A user to be added.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct UserToAdd {
    /// The name they sign in with: 1 to 64 lower-case letters, digits, dots, hyphens or underscores.
    #[schema(example = "marie.dupont")]
    name: String,
    /// What they may do.
    role: Role,
    /// Skills, as campaigns name them.
    #[serde(default)]
    #[schema(example = json!(["loans"]))]
    skills: Vec<String>,
    /// Languages they speak, by ISO 639-1 code.
    #[serde(default)]
    #[schema(example = json!(["fr", "nl"]))]
    languages: Vec<String>,
}

/// Add a user
///
/// The answer holds their token. It is shown this once and stored nowhere, so that an `Idempotency-Key` is not heeded
/// here: a retry finds the name taken.
#[utoipa::path(
    post, path = "/users", tag = "users",
    responses((status = 201, description = "The user and their token", body = NewToken)),
)]
async fn add_user(
    _caller: May<AdministerUsers>,
    State(server): State<Server>,
    Json(user): Json<UserToAdd>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    let abilities = Abilities { skills: Some(user.skills), languages: Some(user.languages) };
    Ok((StatusCode::CREATED, Json(server.engine.add_user(&user.name, user.role, abilities).await?)))
}

/// Show everybody
#[utoipa::path(
    get, path = "/users", tag = "users",
    responses((status = 200, description = "The users, by name", body = Vec<User>)),
)]
async fn users(_caller: May<SeeUsers>, State(server): State<Server>) -> Result<Json<Vec<User>>, Problem> {
    Ok(Json(server.engine.users().await?))
}

/// Say what an operator can do
///
/// Leads in another language than their campaign's go to those who speak it, and a campaign's leads to those who have the skills
/// that it asks for: from the next lead on. What is absent stays as it was.
#[utoipa::path(
    put, path = "/users/{name}/abilities", tag = "users",
    params(("name" = String, Path, description = "The name they sign in with")),
    responses((status = 200, description = "The user afterwards", body = User)),
)]
async fn set_abilities(
    _caller: May<LookAfterOperators>,
    State(server): State<Server>,
    Path(name): Path<String>,
    Json(abilities): Json<Abilities>,
) -> Result<Json<User>, Problem> {
    Ok(Json(server.engine.set_abilities(&name, abilities).await?))
}

/// Lock a user out
///
/// Their token signs nobody in any more; their personal callbacks become anybody's. Twice changes nothing.
#[utoipa::path(
    post, path = "/users/{name}/disable", tag = "users",
    params(("name" = String, Path, description = "The name they sign in with")),
    responses((status = 200, description = "The user afterwards", body = User)),
)]
async fn disable_user(
    _caller: May<AdministerUsers>,
    State(server): State<Server>,
    Path(name): Path<String>,
) -> Result<Json<User>, Problem> {
    Ok(Json(server.engine.disable_user(&name).await?))
}

/// Show who asks
#[utoipa::path(
    get, path = "/me", tag = "users",
    responses((status = 200, description = "The user whose token came with the request", body = User)),
)]
async fn me(caller: Caller) -> Json<User> {
    Json(caller.0)
}
