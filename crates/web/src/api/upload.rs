//! Loading a list: its file is the body, and streams through.

use std::io;

use axum::body::Body;
use axum::extract::State;
use futures_util::TryStreamExt;
use http_body_util::Limited;
use jiff::civil::Date;
use relance_domain::list::{ListSource, Provenance};
use relance_scheduler::{ListToLoad, LoadReport};
use serde::Deserialize;
use tokio_util::io::{StreamReader, SyncIoBridge};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{May, RunCampaigns};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

/// The largest file of a list: 2 GiB.
const FILE_BYTES_MAX: usize = 2 * 1024 * 1024 * 1024;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(load_list))
}

/// What a list is, and how its file is to be read.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Load {
    /// The name people read.
    name: String,
    /// Where it came from.
    source: ListSource,
    /// Who sold it. Required for a purchased list.
    vendor: Option<String>,
    /// What it cost, in the campaign's currency.
    #[param(example = "1200.00")]
    cost: Option<String>,
    /// The last day on which it may be used.
    #[param(value_type = Option<String>, format = Date)]
    licence_until: Option<Date>,
    /// Why its people may be called, in words. Required for a purchased list.
    consent_basis: Option<String>,
    /// The encoding of its text; UTF-8 unless told.
    #[param(example = "windows-1252")]
    encoding: Option<String>,
    /// What stands between two cells: a comma unless told, or a semicolon, a bar or `tab`.
    #[param(example = "tab")]
    delimiter: Option<String>,
    /// ISO 3166-1 alpha-2 code that national numbers and addresses are read in; the campaign's unless told.
    #[param(example = "FR")]
    country: Option<String>,
    /// Only say what a load would do.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
}

impl Load {
    fn into_campaign(self, campaign: String) -> Result<ListToLoad, Problem> {
        let provenance = Provenance {
            name: self.name,
            source: self.source,
            vendor: self.vendor,
            cost: self.cost,
            licence_until: self.licence_until,
            consent_basis: self.consent_basis,
        };
        let mut load = ListToLoad { campaign, provenance, options: Default::default(), dry_run: self.dry_run };
        if let Some(encoding) = self.encoding {
            load.options.encoding = encoding.parse().map_err(|error| wrong("encoding", &error))?;
        }
        if let Some(delimiter) = self.delimiter {
            load.options.delimiter = delimiter.parse().map_err(|error| wrong("delimiter", &error))?;
        }
        load.options.country = self.country;
        Ok(load)
    }
}

fn wrong(field: &str, error: &dyn std::error::Error) -> Problem {
    Problem::field(field, error.to_string())
}

/// Load a list
///
/// The body is the file as it is, up to 2 GiB; it is read while it arrives. Everything becomes visible in one moment at
/// its end, or nothing does. The same file is loaded only once into a campaign, so that a retry needs no key.
#[utoipa::path(
    post, path = "/campaigns/{campaign}/lists", tag = "lists",
    params(("campaign" = String, Path, description = "Short name"), Load),
    request_body(content = String, content_type = "text/csv", description = "The file; any content type is taken"),
    responses((status = 200, description = "What became of every row and column", body = LoadReport)),
)]
async fn load_list(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(campaign): Path<String>,
    Query(load): Query<Load>,
    body: Body,
) -> Result<Json<LoadReport>, Problem> {
    let load = load.into_campaign(campaign)?;
    let stream = Body::new(Limited::new(body, FILE_BYTES_MAX)).into_data_stream().map_err(io::Error::other);
    let file = SyncIoBridge::new(StreamReader::new(stream));
    Ok(Json(server.engine.load_list(load, file).await?))
}
