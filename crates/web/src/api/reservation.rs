//! Keeping a lead for one operator.

use axum::extract::State;
use relance_domain::LeadId;
use relance_scheduler::KeptLead;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{May, ReserveLeads, who_calls};
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(reserve_lead))
}

/// For whom a lead is to be kept: one of the two.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Reservation {
    /// This operator: the name they sign in with.
    #[serde(default)]
    #[schema(example = "olga")]
    operator: Option<String>,
    /// Nobody in particular.
    #[serde(default)]
    anybody: bool,
}

/// Keep a lead for one operator
///
/// From its next hand-out on nobody else receives it, until it is said to be anybody's again. When the operator is locked out, it is
/// anybody's by itself. A lead that is closed is a conflict.
#[utoipa::path(
    put, path = "/leads/{lead}/reservation", tag = "work",
    params(("lead" = i64, Path, description = "Key")),
    responses((status = 200, description = "For whom the lead is kept now", body = KeptLead)),
)]
async fn reserve_lead(
    _caller: May<ReserveLeads>,
    State(server): State<Server>,
    Path(lead): Path<LeadId>,
    Json(wanted): Json<Reservation>,
) -> Result<Json<KeptLead>, Problem> {
    let operator = match (&wanted.operator, wanted.anybody) {
        (Some(name), false) => Some((who_calls(&server, "operator", name).await?, name.as_str())),
        (None, true) => None,
        (None, false) | (Some(_), true) => {
            let message = "say either who receives the lead, in `operator`, or `\"anybody\": true`";
            return Err(Problem::field("operator", message));
        }
    };
    Ok(Json(server.engine.reserve_lead(lead, operator).await?))
}
