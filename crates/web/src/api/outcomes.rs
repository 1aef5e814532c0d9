//! Questions over outcomes.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use relance_analytics::OutcomeCsv;
use relance_domain::{AttemptId, ListId};
use relance_scheduler::Engine;
use relance_store::question::{OutcomeFilter, OutcomeRow};
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page_size;
use crate::Server;
use crate::auth::{Analyse, May};
use crate::download::{csv_file, wants_csv};
use crate::extract::{Json, Query};
use crate::problem::Problem;

/// Rows shown unless told.
const PAGE_USUAL: i64 = 100;
/// Most rows on a page, and rows read at a time for a file.
const PAGE_MAX: i64 = 1_000;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(outcomes))
}

/// Which outcomes to show.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// Of this campaign: its short name.
    campaign: Option<String>,
    /// Of this list.
    #[param(value_type = Option<i64>)]
    list: Option<ListId>,
    /// By this operator.
    operator: Option<String>,
    /// With this disposition.
    disposition: Option<String>,
    /// With this refusal reason.
    reason: Option<String>,
    /// Where this tariff was offered, ordered or had brought the person back.
    tariff: Option<String>,
    /// Recorded at or after this instant.
    #[serde(default, deserialize_with = "relance_domain::written::instant_if_any")]
    since: Option<Timestamp>,
    /// Recorded before this instant.
    #[serde(default, deserialize_with = "relance_domain::written::instant_if_any")]
    until: Option<Timestamp>,
    /// After this outcome: the `next` of the page before.
    #[param(value_type = Option<i64>)]
    after: Option<AttemptId>,
    /// At most so many; a CSV file has all.
    #[param(minimum = 1, maximum = 1_000, default = 100)]
    limit: Option<i64>,
}

/// Outcomes, oldest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct OutcomePage {
    /// The outcomes.
    rows: Vec<OutcomeRow>,
    /// Where the next page begins; none on the last.
    next: Option<AttemptId>,
}

/// Show outcomes
///
/// Oldest first, without names and numbers. With `Accept: text/csv`, all of them as one file.
#[utoipa::path(
    get, path = "/outcomes", tag = "questions", params(Wanted),
    responses((
        status = 200, description = "A page of outcomes, or the file of all",
        content((OutcomePage = "application/json"), (String = "text/csv")),
    )),
)]
async fn outcomes(
    _caller: May<Analyse>,
    State(server): State<Server>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = page_size(wanted.limit, PAGE_USUAL, PAGE_MAX)?;
    let filter = filter(&server.engine, wanted).await?;
    if wants_csv(&headers) {
        let filter = OutcomeFilter { limit: PAGE_MAX, ..filter };
        let export = Export { engine: server.engine, filter, csv: OutcomeCsv::default(), done: false };
        return csv_file("outcomes.csv", export, next_piece).await;
    }
    let mut rows = server.engine.store().outcomes(&OutcomeFilter { limit: limit + 1, ..filter }).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    if more {
        rows.pop();
    }
    let next = rows.last().filter(|_| more).map(|row| row.attempt);
    Ok(Json(OutcomePage { rows, next }).into_response())
}

/// The filter as the store takes it. A name that nobody has is told, rather than answered with nothing.
async fn filter(engine: &Engine, wanted: Wanted) -> Result<OutcomeFilter, Problem> {
    let store = engine.store();
    let campaign = match &wanted.campaign {
        Some(name) => Some(store.campaign(name).await?.id),
        None => None,
    };
    if let Some(list) = wanted.list {
        store.list(list).await?;
    }
    if let Some(operator) = &wanted.operator {
        store.user(operator).await?;
    }
    if let Some(tariff) = &wanted.tariff {
        store.tariff(tariff).await?;
    }
    Ok(OutcomeFilter {
        campaign,
        list: wanted.list,
        operator: wanted.operator,
        disposition: wanted.disposition,
        reason: wanted.reason,
        tariff: wanted.tariff,
        since: wanted.since,
        until: wanted.until,
        after: wanted.after,
        limit: PAGE_USUAL,
    })
}

/// The file of all outcomes, in the making.
struct Export {
    engine: Engine,
    filter: OutcomeFilter,
    csv: OutcomeCsv,
    done: bool,
}

async fn next_piece(mut export: Export) -> Result<Option<(String, Export)>, Problem> {
    if export.done {
        return Ok(None);
    }
    let rows = export.engine.store().outcomes(&export.filter).await?;
    export.done = i64::try_from(rows.len()).is_ok_and(|found| found < PAGE_MAX);
    export.filter.after = rows.last().map(|row| row.attempt).or(export.filter.after);
    let text = export.csv.page(&rows);
    Ok(Some((text, export)))
}
