//! Why somebody is called, or is not.

use axum::extract::State;
use relance_scheduler::{WhyAnswer, WhyQuestion};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{LookUpPerson, May};
use crate::extract::Json;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(why))
}

/// Ask why a lead is called or is not
///
/// A question by phone travels in the body: a number never stands in an address, where logs would keep it.
#[utoipa::path(
    post, path = "/why", tag = "questions",
    responses((status = 200, description = "One answer per lead of the person or assignment", body = WhyAnswer)),
)]
async fn why(
    _caller: May<LookUpPerson>,
    State(server): State<Server>,
    Json(question): Json<WhyQuestion>,
) -> Result<Json<WhyAnswer>, Problem> {
    Ok(Json(server.engine.why(&question).await?))
}
