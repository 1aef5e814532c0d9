//! Promises to call back.

use axum::extract::State;
use relance_domain::UserId;
use relance_domain::user::Permission;
use relance_scheduler::OpenPromise;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{Caller, named_user};
use crate::extract::{Json, Query};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(callbacks))
}

/// Which promises to show.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// This operator's and those of any operator.
    operator: Option<String>,
    /// Only of this campaign: its short name.
    campaign: Option<String>,
    /// Only those that may be kept by now, the longest overdue first.
    #[serde(default)]
    overdue: bool,
}

/// Show the promises to call back
///
/// Operators see their own and those of any operator; supervisors, managers and administrators see all.
#[utoipa::path(
    get, path = "/callbacks", tag = "work", params(Wanted),
    responses((status = 200, description = "At most 1,000 open promises, the longest due first", body = Vec<OpenPromise>)),
)]
async fn callbacks(
    caller: Caller,
    State(server): State<Server>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Vec<OpenPromise>>, Problem> {
    let operator = whose(&caller, &server, wanted.operator.as_deref()).await?;
    Ok(Json(server.engine.callbacks(operator, wanted.campaign.as_deref(), wanted.overdue).await?))
}

async fn whose(caller: &Caller, server: &Server, named: Option<&str>) -> Result<Option<UserId>, Problem> {
    let sees_all = caller.0.role.may(Permission::SeeCallbacks);
    if !sees_all {
        caller.require(Permission::Call)?;
    }
    match named {
        None if sees_all => Ok(None),
        None => Ok(Some(caller.0.id)),
        Some(name) if name == caller.0.name && caller.stored().is_some() => Ok(Some(caller.0.id)),
        Some(name) => {
            caller.require(Permission::SeeCallbacks)?;
            Ok(Some(named_user(server, "operator", name).await?.id))
        }
    }
}
