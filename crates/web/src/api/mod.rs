//! The API, one file per subject. Handlers are thin: they say what they need, call a use case of the engine and pass on
//! its answer. The problems that every operation can meet are added by `document.rs`.

mod assignments;
mod away;
mod callbacks;
mod campaigns;
mod clients;
mod late;
mod lists;
mod mix;
mod order_draft;
mod orders;
mod outcomes;
mod pulls;
mod registers;
mod rejects;
mod reservation;
mod rules;
mod suppressions;
mod tariffs;
mod upload;
mod users;
mod verification;
mod webhooks;
mod why;
mod work;

use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;

use crate::Server;
use crate::problem::{Kind, Problem};

/// Every route.
pub(crate) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new()
        .merge(campaigns::routes())
        .merge(lists::routes())
        .merge(mix::routes())
        .merge(upload::routes())
        .merge(rejects::routes())
        .merge(pulls::routes())
        .merge(work::routes())
        .merge(assignments::routes())
        .merge(reservation::routes())
        .merge(callbacks::routes())
        .merge(late::routes())
        .merge(order_draft::routes())
        .merge(orders::routes())
        .merge(webhooks::routes())
        .merge(suppressions::routes())
        .merge(registers::routes())
        .merge(rules::routes())
        .merge(tariffs::routes())
        .merge(why::routes())
        .merge(clients::routes())
        .merge(outcomes::routes())
        .merge(users::routes())
        .merge(away::routes())
        .merge(verification::routes())
}

/// The questions that may be narrowed to one campaign.
#[derive(Debug, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OfCampaign {
    /// Only of this campaign: its short name.
    campaign: Option<String>,
}

/// The size of a page, checked.
fn page_size(limit: Option<i64>, usual: i64, max: i64) -> Result<i64, Problem> {
    let limit = limit.unwrap_or(usual);
    if (1..=max).contains(&limit) {
        Ok(limit)
    } else {
        Err(Problem::of_field(Kind::InvalidRequest, "limit", format!("is {limit}: give a number from 1 to {max}")))
    }
}
