//! The order form while it is typed.

use axum::extract::State;
use relance_domain::AssignmentId;
use relance_domain::outcome::OrderReport;
use relance_scheduler::SavedOrderDraft;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{Call, May};
use crate::extract::{Json, Path};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(save_draft))
}

/// What was typed so far, and the assignment's token.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DraftToSave {
    /// The assignment's fencing token, as it came with the lead.
    token: String,
    /// The version that it rests on: of the draft that came with the lead, or of the last save; 0 for the first one.
    version: i64,
    /// The form, as far as it is filled in.
    order: OrderReport,
    /// On behalf of this operator; for supervisors and administrators.
    #[serde(default)]
    operator: Option<String>,
}

/// Save an order form that is being typed
///
/// The whole form each time. It comes back with the lead, after a crash too, and goes when an outcome is recorded. A save that rests on
/// another version than the one that is kept is refused, so that two windows do not overwrite each other; the same save again gets
/// the same answer. The answer says what the form still lacks.
#[utoipa::path(
    put, path = "/assignments/{assignment}/order-draft", tag = "work",
    params(("assignment" = i64, Path, description = "Key, as it came with the lead")),
    responses((status = 200, description = "The draft is kept", body = SavedOrderDraft)),
)]
async fn save_draft(
    caller: May<Call>,
    State(server): State<Server>,
    Path(assignment): Path<AssignmentId>,
    Json(draft): Json<DraftToSave>,
) -> Result<Json<SavedOrderDraft>, Problem> {
    let operator = caller.operator(&server, draft.operator.as_deref()).await?;
    let saved = server.engine.save_order_draft(operator, assignment, &draft.token, draft.version, &draft.order).await?;
    Ok(Json(saved))
}
