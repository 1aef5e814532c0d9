//! Outcomes that came after their assignment had ended.

use axum::extract::State;
use relance_domain::LateOutcomeId;
use relance_store::late::LateOutcome;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page_size;
use crate::Server;
use crate::auth::{LookAfterOperators, May};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

/// Rows shown unless told.
const PAGE_USUAL: i64 = 100;
/// Most rows on a page.
const PAGE_MAX: i64 = 1_000;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(late_outcomes)).routes(routes!(review))
}

/// Which late outcomes to show.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Only those that nobody has reviewed (true), or only those that somebody has (false).
    open: Option<bool>,
    /// Only of this campaign: its short name.
    campaign: Option<String>,
    /// Before this one: the `next` of the page before.
    #[param(value_type = Option<i64>)]
    before: Option<LateOutcomeId>,
    /// At most so many.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<i64>,
}

/// Late outcomes, the newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LatePage {
    /// The late outcomes.
    rows: Vec<LateOutcome>,
    /// Where the next page begins; none on the last.
    next: Option<LateOutcomeId>,
}

/// Show outcomes that came late
///
/// The newest first, with the number masked. They changed nothing when they came, but for an objection.
#[utoipa::path(
    get, path = "/late-outcomes", tag = "work", params(Wanted),
    responses((status = 200, description = "A page of late outcomes", body = LatePage)),
)]
async fn late_outcomes(
    _caller: May<LookAfterOperators>,
    State(server): State<Server>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<LatePage>, Problem> {
    let limit = page_size(wanted.limit, PAGE_USUAL, PAGE_MAX)?;
    let Wanted { open, campaign, before, .. } = wanted;
    let mut rows = server.engine.late_outcomes(open, campaign.as_deref(), before, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    if more {
        rows.pop();
    }
    let next = rows.last().filter(|_| more).map(|late| late.id);
    Ok(Json(LatePage { rows, next }))
}

/// What a supervisor says of a late outcome.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ReviewToKeep {
    /// `noted`: looked at, and what had to be done is done.
    verdict: Verdict,
    /// What was done about it: 1 to 4,000 characters.
    #[schema(example = "Called again and took the order")]
    note: String,
}

/// What a supervisor found.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// Looked at.
    Noted,
}

/// Review an outcome that came late
///
/// Once, with a note; who and when are kept. The same note again gets the same answer, another one is refused.
#[utoipa::path(
    post, path = "/late-outcomes/{late_outcome}/review", tag = "work",
    params(("late_outcome" = i64, Path, description = "Key")),
    responses((status = 200, description = "The late outcome with its review", body = LateOutcome)),
)]
async fn review(
    caller: May<LookAfterOperators>,
    State(server): State<Server>,
    Path(late_outcome): Path<LateOutcomeId>,
    Json(review): Json<ReviewToKeep>,
) -> Result<Json<LateOutcome>, Problem> {
    let Verdict::Noted = review.verdict;
    Ok(Json(server.engine.review_late_outcome(late_outcome, &review.note, caller.stored()).await?))
}
