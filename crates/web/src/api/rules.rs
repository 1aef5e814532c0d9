//! The calling rules, and what they say of a call.

use axum::extract::State;
use relance_domain::rules::RuleKind;
use relance_scheduler::{CallToTest, RuleList, RuleShown, RulesWanted, TestedCall};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{May, SeeCampaigns};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(rules)).routes(routes!(rule)).routes(routes!(test_call))
}

/// Which rules are wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Those that bind in the jurisdiction of this code: its own, those of what it lies in, and the product's defaults where neither
    /// has a rule of the kind. `*` is the defaults alone.
    #[serde(rename = "in")]
    #[param(example = "FR")]
    jurisdiction: Option<String>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<RuleKind>,
    /// Only those that nobody has verified.
    #[serde(default)]
    #[param(required = false)]
    unverified: bool,
}

/// Show the calling rules
#[utoipa::path(
    get, path = "/rules", tag = "rules",
    params(Wanted),
    responses((status = 200, description = "The pack in force, and its rules in the order of the file", body = RuleList)),
)]
async fn rules(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<RuleList>, Problem> {
    let Wanted { jurisdiction, kind, unverified } = wanted;
    Ok(Json(server.engine.rules_shown(&RulesWanted { jurisdiction, kind, unverified })?))
}

/// Show a calling rule
#[utoipa::path(
    get, path = "/rules/{rule}", tag = "rules",
    params(("rule" = String, Path, description = "The rule's id", example = "FR-HOURS")),
    responses((status = 200, description = "The rule, with its figures in words and its source", body = RuleShown)),
)]
async fn rule(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Path(rule): Path<String>,
) -> Result<Json<RuleShown>, Problem> {
    Ok(Json(server.engine.rule_shown(&rule)?))
}

/// Ask what the calling rules say of a call
///
/// The call is imagined: nothing is stored, nobody is looked up, and no campaign's own limits apply. A call that may not be made is
/// an answer too, with status 200.
#[utoipa::path(
    post, path = "/rules/test", tag = "rules",
    responses((status = 200, description = "What applies, what stands in the way, and from when nothing does", body = TestedCall)),
)]
async fn test_call(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Json(call): Json<CallToTest>,
) -> Result<Json<TestedCall>, Problem> {
    Ok(Json(server.engine.test_call(&call)?))
}
