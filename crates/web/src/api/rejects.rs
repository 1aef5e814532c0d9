//! Rows of a list that made no lead: as pages, or the rejected ones as a file to be mended and loaded again.

use std::borrow::Cow;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use relance_domain::ListId;
use relance_domain::spreadsheet::harmless;
use relance_scheduler::Engine;
use relance_store::list::LeftOutRow;
use serde::{Deserialize, Serialize};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::page_size;
use crate::Server;
use crate::auth::{May, RunCampaigns};
use crate::download::{csv_file, wants_csv};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

/// Rows shown unless told.
const PAGE_USUAL: i64 = 1_000;
/// Most rows on a page, and rows read at a time for a file.
const PAGE_MAX: i64 = 10_000;
/// What the file tells about a row, before its cells.
const ADDED: [&str; 4] = ["_line", "_code", "_column", "_message"];

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(left_out_rows))
}

/// Which rows to show.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Page {
    /// Rows after this line of the file: the `next` of the page before.
    after_line: Option<i64>,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 10_000, default = 1_000)]
    limit: Option<i64>,
}

/// Rows of a list that made no lead.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct LeftOutPage {
    /// The rows, by line.
    rows: Vec<LeftOutRow>,
    /// Where the next page begins; none on the last.
    next: Option<i64>,
}

/// Show the rows of a list that made no lead
///
/// With `Accept: text/csv`, all rejected rows as one file: the line, the code, the column at fault and what would be
/// right, then the cells as they stood under the own header. Mend them and load the file.
#[utoipa::path(
    get, path = "/lists/{list}/rejects", tag = "lists",
    params(("list" = i64, Path, description = "Key"), Page),
    responses((
        status = 200, description = "A page of rows, or the file of the rejected ones",
        content((LeftOutPage = "application/json"), (String = "text/csv")),
    )),
)]
async fn left_out_rows(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(list): Path<ListId>,
    Query(page): Query<Page>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let limit = page_size(page.limit, PAGE_USUAL, PAGE_MAX)?;
    let after = page.after_line.unwrap_or(0);
    if wants_csv(&headers) {
        let header = server.engine.list(list).await?.header;
        let export = Export { engine: server.engine, list, after: Some(after), header, begun: false };
        return csv_file(&format!("list-{list}-rejects.csv"), export, next_piece).await;
    }
    let mut rows = server.engine.left_out_rows(list, after, limit + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > limit);
    if more {
        rows.pop();
    }
    let next = rows.last().filter(|_| more).map(|row| row.line);
    Ok(Json(LeftOutPage { rows, next }).into_response())
}

/// The file of the rejected rows, in the making.
struct Export {
    engine: Engine,
    list: ListId,
    after: Option<i64>,
    header: Vec<String>,
    begun: bool,
}

async fn next_piece(export: Export) -> Result<Option<(String, Export)>, Problem> {
    let Some(after) = export.after else { return Ok(None) };
    let rows = export.engine.left_out_rows(export.list, after, PAGE_MAX).await?;
    let text = csv_text(&rows, &export.header, !export.begun)?;
    Ok(Some((text, Export { after: next_after(&rows), begun: true, ..export })))
}

fn next_after(rows: &[LeftOutRow]) -> Option<i64> {
    let full = i64::try_from(rows.len()).is_ok_and(|found| found == PAGE_MAX);
    rows.last().filter(|_| full).map(|row| row.line)
}

fn csv_text(rows: &[LeftOutRow], header: &[String], with_header: bool) -> Result<String, Problem> {
    let mut csv = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let written = (|| {
        if with_header {
            let header = header.iter().map(|name| harmless(name).into_owned());
            csv.write_record(ADDED.into_iter().map(str::to_owned).chain(header))?;
        }
        for row in rows {
            let Some(raw) = &row.raw else { continue };
            // Not padded: a row that was cut stays one that is cut until somebody mends it.
            let cells = raw.iter().map(|cell| harmless(cell));
            let added = [
                Cow::Owned(row.line.to_string()),
                harmless(row.code.as_deref().unwrap_or_default()),
                harmless(row.column.as_deref().unwrap_or_default()),
                harmless(row.message.as_deref().unwrap_or_default()),
            ];
            csv.write_record(added.into_iter().chain(cells).map(Cow::into_owned))?;
        }
        csv.flush()?;
        Ok::<_, csv::Error>(())
    })();
    written.map_err(|error| Problem::internal(&error))?;
    let bytes = csv.into_inner().map_err(|error| Problem::internal(error.error()))?;
    String::from_utf8(bytes).map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_harmless_and_what_is_cut_stays_cut() {
        let row = |line, cells: &[&str], column: &str| LeftOutRow {
            line,
            verdict: "rejected".into(),
            code: Some("phone_invalid".into()),
            column: Some(column.into()),
            message: Some("no".into()),
            raw: Some(cells.iter().map(ToString::to_string).collect()),
        };
        let left_out = LeftOutRow { raw: None, ..row(3, &[], "") };
        let rows = [row(2, &["=1", "b"], "=HYPERLINK()"), left_out, row(4, &["c", "d, e", "f"], "Phone")];
        let text = csv_text(&rows, &["A", "B"].map(str::to_owned), true).expect("text");
        let expected = "_line,_code,_column,_message,A,B\n\
            2,phone_invalid,'=HYPERLINK(),no,'=1,b\n\
            4,phone_invalid,Phone,no,c,\"d, e\",f\n";
        assert_eq!(text, expected);
    }
}
