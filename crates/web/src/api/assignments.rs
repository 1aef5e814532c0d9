//! What is done with a lead that is held, other than recording its outcome: by its operator, or by a supervisor.

use axum::extract::State;
use relance_domain::AssignmentId;
use relance_scheduler::{HandedBackLead, HeldLead, TakenLead};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{Call, LookAfterOperators, May, who_calls};
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(heartbeat)).routes(routes!(hand_back)).routes(routes!(take))
}

/// The assignment's token.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Heartbeat {
    /// The assignment's fencing token, as it came with the lead.
    token: String,
    /// On behalf of this operator; for supervisors and administrators.
    #[serde(default)]
    operator: Option<String>,
}

/// Why a lead is handed back, and the assignment's token.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct HandBack {
    /// The assignment's fencing token, as it came with the lead.
    token: String,
    /// Why the person was not called: 1 to 500 characters.
    #[schema(example = "I know this person")]
    reason: String,
    /// On behalf of this operator; for supervisors and administrators.
    #[serde(default)]
    operator: Option<String>,
}

/// Why a lead is taken, and to whom it goes.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct TakeLead {
    /// Why: 1 to 500 characters. Whoever gets the lead reads it.
    #[schema(example = "Olga has gone home")]
    reason: String,
    /// The operator to whom it is handed at once; without one it goes where it was.
    #[serde(default)]
    to: Option<String>,
}

/// Say that the call goes on
///
/// Extends the lease to one more lease of the campaign from now, and to four from the hand-out at most; it never shortens it.
#[utoipa::path(
    post, path = "/assignments/{assignment}/heartbeat", tag = "work",
    params(("assignment" = i64, Path, description = "Key, as it came with the lead")),
    responses((status = 200, description = "Until when the lead is held now", body = HeldLead)),
)]
async fn heartbeat(
    caller: May<Call>,
    State(server): State<Server>,
    Path(assignment): Path<AssignmentId>,
    Json(beat): Json<Heartbeat>,
) -> Result<Json<HeldLead>, Problem> {
    let operator = caller.operator(&server, beat.operator.as_deref()).await?;
    Ok(Json(server.engine.hold_lead(operator, assignment, &beat.token).await?))
}

/// Hand a lead back as not called
///
/// The lead goes where it was, and the hand-out counts as no try. The same operator does not get it again for an hour. Handing
/// back again gets the same answer; the first reason stands.
#[utoipa::path(
    post, path = "/assignments/{assignment}/return", tag = "work",
    params(("assignment" = i64, Path, description = "Key, as it came with the lead")),
    responses((status = 200, description = "The lead is back", body = HandedBackLead)),
)]
async fn hand_back(
    caller: May<Call>,
    State(server): State<Server>,
    Path(assignment): Path<AssignmentId>,
    Json(back): Json<HandBack>,
) -> Result<Json<HandedBackLead>, Problem> {
    let operator = caller.operator(&server, back.operator.as_deref()).await?;
    Ok(Json(server.engine.hand_back(operator, assignment, &back.token, &back.reason).await?))
}

/// Take a lead from its operator
///
/// The assignment ends and counts as a try, as nobody knows that the person was not called. The lead goes where it was, or to
/// the operator named, by the rules of every hand-out: where those say no, or that operator has a lead, nothing is taken. What
/// the first operator reports afterwards is kept for review.
#[utoipa::path(
    post, path = "/assignments/{assignment}/take", tag = "work",
    params(("assignment" = i64, Path, description = "Key")),
    responses((status = 200, description = "The lead is taken", body = TakenLead)),
)]
async fn take(
    caller: May<LookAfterOperators>,
    State(server): State<Server>,
    Path(assignment): Path<AssignmentId>,
    Json(take): Json<TakeLead>,
) -> Result<Json<TakenLead>, Problem> {
    let to = match &take.to {
        Some(name) => Some(who_calls(&server, "to", name).await?),
        None => None,
    };
    Ok(Json(server.engine.take_lead(caller.stored(), assignment, &take.reason, to).await?))
}
