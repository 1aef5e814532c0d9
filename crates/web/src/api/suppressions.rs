//! Phones that must not be called.

use axum::extract::State;
use relance_scheduler::{SuppressFor, SuppressedPhone};
use relance_store::suppression::KeyRotation;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{May, RotateKeys, RunCampaigns};
use crate::extract::Json;
use crate::problem::Problem;

/// Any country will do for a number in international form: it is read alike in every one.
const ANY_COUNTRY: &str = "FR";

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(suppress)).routes(routes!(rotate_key))
}

/// A phone to be suppressed.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Suppression {
    /// The number, in international form or as it is dialled in `country`.
    #[schema(example = "+19495550122")]
    phone: String,
    /// ISO 3166-1 alpha-2 code that a national number is read in.
    #[serde(default)]
    country: Option<String>,
    /// Only for this seller; for every seller unless told.
    #[serde(default)]
    seller: Option<String>,
    /// Only for this campaign: its short name.
    #[serde(default)]
    campaign: Option<String>,
    /// Why, in words.
    reason: String,
}

/// Suppress a phone
///
/// Its leads are closed at once, and no list brings it back.
#[utoipa::path(
    post, path = "/suppressions", tag = "work",
    responses((status = 200, description = "The number, masked, and how many leads were closed", body = SuppressedPhone)),
)]
async fn suppress(
    caller: May<RunCampaigns>,
    State(server): State<Server>,
    Json(suppression): Json<Suppression>,
) -> Result<Json<SuppressedPhone>, Problem> {
    let Suppression { phone, country, seller, campaign, reason } = suppression;
    if reason.trim().is_empty() {
        return Err(Problem::field("reason", "is empty: say why, as in \"asked by letter\""));
    }
    if country.is_none() && !phone.trim_start().starts_with('+') {
        let message = "is a national number: write it with + and the country's code, or name the country";
        return Err(Problem::field("phone", message));
    }
    let country = country.as_deref().unwrap_or(ANY_COUNTRY);
    let scope = SuppressFor { seller, campaign };
    Ok(Json(server.engine.suppress(&phone, country, scope, &reason, caller.stored()).await?))
}

/// Replace the key that suppressed numbers are hashed with
///
/// The new key was appended to the key file of every node before, and the nodes were started again. Suppressions hold at every moment. A
/// rotation that was cut off goes on when it is asked for again.
#[utoipa::path(
    post, path = "/suppressions/rotate-key", tag = "work",
    responses((status = 200, description = "The key in use now, and how many suppressions had an older one", body = KeyRotation)),
)]
async fn rotate_key(_caller: May<RotateKeys>, State(server): State<Server>) -> Result<Json<KeyRotation>, Problem> {
    Ok(Json(server.engine.rotate_suppression_key().await?))
}
