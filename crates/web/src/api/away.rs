//! Operators who are away.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use jiff::Timestamp;
use relance_domain::user::Permission;
use relance_store::user::User;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(set_away, end_away))
}

/// From when until when somebody is away.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Absence {
    /// From when; now unless told.
    #[serde(default, deserialize_with = "relance_domain::written::instant_if_any")]
    from: Option<Timestamp>,
    /// Until when: later than `from`, and than now.
    #[serde(deserialize_with = "relance_domain::written::instant")]
    until: Timestamp,
}

/// Say that somebody is away
///
/// Personal promises that may be kept meanwhile are anybody's at once; those that may be kept only afterwards stay theirs. It
/// replaces what was said before. Supervisors and administrators say it of everybody, others of themselves.
#[utoipa::path(
    put, path = "/users/{name}/away", tag = "users",
    params(("name" = String, Path, description = "The name they sign in with")),
    responses((status = 200, description = "The user afterwards", body = User)),
)]
async fn set_away(
    Whose(name): Whose,
    State(server): State<Server>,
    Json(absence): Json<Absence>,
) -> Result<Json<User>, Problem> {
    Ok(Json(server.engine.set_away(&name, absence.from, absence.until).await?))
}

/// Say that somebody is back
///
/// Promises that went to anybody meanwhile stay anybody's. Of somebody who is not away it changes nothing.
#[utoipa::path(
    delete, path = "/users/{name}/away", tag = "users",
    params(("name" = String, Path, description = "The name they sign in with")),
    responses((status = 200, description = "The user afterwards", body = User)),
)]
async fn end_away(Whose(name): Whose, State(server): State<Server>) -> Result<Json<User>, Problem> {
    Ok(Json(server.engine.end_away(&name).await?))
}

/// The name in the path, after the caller was found to be that user or to look after operators.
struct Whose(String);

impl<S: Send + Sync> FromRequestParts<S> for Whose {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Path(name) = Path::<String>::from_request_parts(parts, state).await?;
        if caller.stored().is_none() || caller.0.name != name {
            caller.require(Permission::LookAfterOperators)?;
        }
        Ok(Self(name))
    }
}
