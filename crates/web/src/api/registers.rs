//! Do-not-call registers.

use axum::body::Body;
use axum::extract::State;
use jiff::civil::Date;
use relance_scheduler::{RegisterReport, RegisterShown, RegisterToLoad, Wishes};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::upload::{header_place, mapping, parse, spooled};
use crate::Server;
use crate::auth::{May, RunCampaigns, SeeCampaigns};
use crate::extract::{Json, Path, Query};
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(load_register)).routes(routes!(registers))
}

/// What a register's file tells of, and how it is to be read. What is not said of the file is found out.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Load {
    /// The day that the file tells of. One older than the present file is refused.
    #[param(value_type = String, format = Date, example = "2026-11-01")]
    #[serde(deserialize_with = "relance_domain::written::date")]
    as_of: Date,
    /// ISO 3166-1 alpha-2 code that national numbers are read in; the campaign's unless told.
    #[param(example = "FR")]
    country: Option<String>,
    /// Only for this seller; for every seller unless told.
    seller: Option<String>,
    /// Only for this campaign: its short name.
    campaign: Option<String>,
    /// Any word: `GET /loads/{ticket}` then tells how far the load has come.
    ticket: Option<String>,
    /// The encoding of its text.
    #[param(example = "windows-1252")]
    encoding: Option<String>,
    /// What stands between two cells: a comma, a semicolon, a bar or `tab`.
    #[param(example = "tab")]
    delimiter: Option<String>,
    /// The line of the header, or `none` where the first record is a number.
    header: Option<String>,
    /// Which sheet of a workbook.
    sheet: Option<String>,
    /// Which column feeds which field, as a JSON object.
    #[param(example = r#"{"Numer":"phone"}"#)]
    map: Option<String>,
    /// The phone column is right though few of its cells are numbers.
    #[serde(default)]
    #[param(required = false)]
    trust_phones: bool,
}

impl Load {
    fn into_load(self, register: String) -> Result<RegisterToLoad, Problem> {
        Ok(RegisterToLoad {
            register,
            as_of: self.as_of,
            country: self.country,
            seller: self.seller,
            campaign: self.campaign,
            wishes: Wishes {
                encoding: parse("encoding", self.encoding)?,
                delimiter: parse("delimiter", self.delimiter)?,
                header: self.header.as_deref().map(header_place).transpose()?,
                sheet: self.sheet,
                mapping: self.map.as_deref().map(mapping).transpose()?.unwrap_or_default(),
                trust_phones: self.trust_phones,
                ..Wishes::default()
            },
            ticket: self.ticket,
        })
    }
}

/// Load a file of a do-not-call register
///
/// The body is the file as it is, up to 2 GiB. Its numbers suppress from the first one on. When it is whole, it counts instead of
/// the register's older file; until then that one's numbers stay. Loading the same file again does no harm.
#[utoipa::path(
    post, path = "/suppressions/registers/{register}", tag = "work",
    params(("register" = String, Path, description = "The register's name", example = "bloctel"), Load),
    request_body(content = String, content_type = "text/csv", description = "The file; any content type is taken"),
    responses((status = 200, description = "The register as it counts now, and what became of the rows", body = RegisterReport)),
)]
async fn load_register(
    caller: May<RunCampaigns>,
    State(server): State<Server>,
    Path(register): Path<String>,
    Query(load): Query<Load>,
    body: Body,
) -> Result<Json<RegisterReport>, Problem> {
    let load = load.into_load(register)?;
    let file = spooled(&server, body).await?;
    Ok(Json(server.engine.load_register(load, file, caller.stored()).await?))
}

/// Show the do-not-call registers
#[utoipa::path(
    get, path = "/suppressions/registers", tag = "work",
    responses((status = 200, description = "The registers that count, by name", body = Vec<RegisterShown>)),
)]
async fn registers(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
) -> Result<Json<Vec<RegisterShown>>, Problem> {
    Ok(Json(server.engine.registers().await?))
}
