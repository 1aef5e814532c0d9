//! The operator's work. Everybody sees the assignment that they hold, and no other.

use std::time::Duration;

use axum::Extension;
use axum::extract::State;
use relance_domain::AssignmentId;
use relance_domain::outcome::OutcomeReport;
use relance_scheduler::{LeadAnswer, NextAnswer, NextRequest, RecordedOutcome, WAIT_S_MAX};
use serde::Deserialize;
use tokio::time::timeout;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{Call, May};
use crate::extract::{Json, Path, Query};
use crate::problem::{Kind, Problem, ProblemDetails};
use crate::run_to_end::{ANSWER_MAX, CallerGone, too_slow};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(next_lead)).routes(routes!(held_lead)).routes(routes!(record_outcome))
}

/// Whose assignment is meant.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfOperator {
    /// This operator's; for supervisors and administrators. The caller's own unless told.
    operator: Option<String>,
}

/// An outcome and the assignment's token.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct OutcomeToRecord {
    /// The assignment's fencing token, as it came with the lead.
    token: String,
    /// What happened.
    report: OutcomeReport,
    /// On behalf of this operator; for supervisors and administrators.
    #[serde(default)]
    operator: Option<String>,
}

/// Ask for the next lead
///
/// Asking again gives the same lead until its outcome is recorded, so that a retry needs no key. Nobody callable is an
/// answer too: it says why, and when that changes. With `wait_s` that answer comes only when the time is over: a lead that can be
/// called before is handed out at once. Whoever closes the connection while they wait gets none.
#[utoipa::path(
    post, path = "/next", tag = "work",
    responses((status = 200, description = "A lead to call, or why there is none", body = NextAnswer)),
)]
async fn next_lead(
    caller: May<Call>,
    State(server): State<Server>,
    Extension(CallerGone(gone)): Extension<CallerGone>,
    Json(request): Json<NextRequest>,
) -> Result<Json<NextAnswer>, Problem> {
    if request.wait_s > WAIT_S_MAX {
        let message = format!("is more than {WAIT_S_MAX} seconds: wait that long at most, then ask again");
        return Err(Problem::field("wait_s", message));
    }
    let operator = caller.operator(&server, request.operator.as_deref()).await?;
    let wait = Duration::from_secs(request.wait_s.into());
    let answer = server.engine.wait_for_lead(operator, request.campaign.as_deref(), wait);
    match timeout(wait + ANSWER_MAX, gone.run_until_cancelled(answer)).await {
        Err(_) => Err(too_slow()),
        Ok(Some(answer)) => Ok(Json(answer?)),
        Ok(None) => Err(Problem::new(Kind::ShuttingDown, "nobody waits for this answer any more")),
    }
}

/// Show the lead that is held
#[utoipa::path(
    get, path = "/assignment", tag = "work", params(OfOperator),
    responses(
        (status = 200, description = "The lead", body = LeadAnswer),
        (
            status = 404, description = "`/problems/not-found`: no lead is held",
            body = ProblemDetails, content_type = "application/problem+json",
        ),
    ),
)]
async fn held_lead(
    caller: May<Call>,
    State(server): State<Server>,
    Query(of): Query<OfOperator>,
) -> Result<Json<LeadAnswer>, Problem> {
    let operator = caller.operator(&server, of.operator.as_deref()).await?;
    let held = server.engine.held_lead(operator).await?;
    held.map(Json).ok_or_else(|| Problem::new(Kind::NotFound, "no lead is held: ask for the next one"))
}

/// Record what happened
///
/// An assignment ends exactly once: the same report again gets the same answer, another one is refused, and one that
/// comes after the lease ran out is kept for review.
#[utoipa::path(
    post, path = "/assignments/{assignment}/outcome", tag = "work",
    params(("assignment" = i64, Path, description = "Key, as it came with the lead")),
    responses((status = 200, description = "What was recorded", body = RecordedOutcome)),
)]
async fn record_outcome(
    caller: May<Call>,
    State(server): State<Server>,
    Path(assignment): Path<AssignmentId>,
    Json(outcome): Json<OutcomeToRecord>,
) -> Result<Json<RecordedOutcome>, Problem> {
    let operator = caller.operator(&server, outcome.operator.as_deref()).await?;
    Ok(Json(server.engine.record_outcome(operator, assignment, &outcome.token, &outcome.report).await?))
}
