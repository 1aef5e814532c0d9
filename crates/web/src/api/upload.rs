//! Loading a list: its file is the body, and streams through.

use std::collections::BTreeMap;
use std::io;

use axum::body::Body;
use axum::extract::State;
use futures_util::TryStreamExt;
use jiff::civil::Date;
use relance_domain::client::UpdatePolicy;
use relance_domain::list::{ListSource, MappedColumn, Provenance, Relationship};
use relance_scheduler::{HeaderPlace, ListToLoad, LoadReport, LoadUnderWay, Repair, Spooled, Wishes};
use serde::Deserialize;
use tokio_util::io::{StreamReader, SyncIoBridge};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Server;
use crate::auth::{May, RunCampaigns, SeeCampaigns};
use crate::extract::{Json, Path, Query};
use crate::problem::{Kind, Problem};

pub(super) fn routes() -> OpenApiRouter<Server> {
    OpenApiRouter::new().routes(routes!(load_list)).routes(routes!(check_file)).routes(routes!(load_under_way))
}

/// What a list is, and how its file is to be read. What is not said of the file is found out.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Load {
    /// The name people read. Required for a load.
    name: Option<String>,
    /// Where it came from. Required for a load.
    #[param(inline)]
    source: Option<ListSource>,
    /// Who sold it. Required for a purchased list.
    vendor: Option<String>,
    /// What it cost, in the campaign's currency.
    #[param(example = "1200.00")]
    cost: Option<String>,
    /// The last day on which it may be used.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "relance_domain::written::date_if_any")]
    licence_until: Option<Date>,
    /// Why its people may be called, in words. Required for a purchased list.
    consent_basis: Option<String>,
    /// The day it was bought.
    #[param(value_type = Option<String>, format = Date)]
    #[serde(default, deserialize_with = "relance_domain::written::date_if_any")]
    purchased_on: Option<Date>,
    /// The contract it was bought under.
    contract: Option<String>,
    /// What its people are to the seller besides consent: `none`, `contract` or `former_contract`.
    #[serde(default)]
    #[param(required = false)]
    relationship: Relationship,
    /// What it may change about people who are known: `fill_gaps` unless told.
    #[serde(default)]
    #[param(inline, required = false)]
    policy: UpdatePolicy,
    /// Only say what a load would do.
    #[serde(default)]
    #[param(required = false)]
    dry_run: bool,
    /// Any word: `GET /loads/{ticket}` then tells how far the load has come.
    ticket: Option<String>,
    /// The encoding of its text.
    #[param(example = "windows-1252")]
    encoding: Option<String>,
    /// Rows that are not text in its encoding are read in this one.
    other_encoding: Option<String>,
    /// What stands between two cells: a comma, a semicolon, a bar or `tab`.
    #[param(example = "tab")]
    delimiter: Option<String>,
    /// The line of the header, or `none` where the first record is a client.
    header: Option<String>,
    /// Which sheet of a workbook.
    sheet: Option<String>,
    /// ISO 3166-1 alpha-2 code that national numbers and addresses are read in; the campaign's unless told.
    #[param(example = "FR")]
    country: Option<String>,
    /// Which column feeds which field, as a JSON object; `-` keeps a column as an attribute.
    #[param(example = r#"{"Numer":"phone"}"#)]
    map: Option<String>,
    /// The phone column is right though few of its cells are numbers.
    #[serde(default)]
    #[param(required = false)]
    trust_phones: bool,
    /// Mends that are not done unless asked for, between commas: `encoded-twice`, `letter-o`.
    repair: Option<String>,
}

impl Load {
    /// A file that is looked at before there is a campaign is of no origin yet.
    fn into_check(self) -> Result<ListToLoad, Problem> {
        let provenance = Provenance::existing(self.name.as_deref().unwrap_or("a file"));
        let (country, policy, ticket) = (self.country.clone(), self.policy, self.ticket.clone());
        Ok(ListToLoad {
            campaign: None,
            provenance,
            wishes: self.into_wishes()?,
            country,
            policy,
            dry_run: true,
            ticket,
        })
    }

    fn into_load(self, campaign: String) -> Result<ListToLoad, Problem> {
        let name = self.name.clone().filter(|name| !name.trim().is_empty());
        let missing = |what| Problem::field(what, "is missing: a list that is loaded says it");
        let provenance = Provenance {
            name: name.ok_or_else(|| missing("name"))?,
            source: self.source.ok_or_else(|| missing("source"))?,
            vendor: self.vendor.clone(),
            cost: self.cost.clone(),
            licence_until: self.licence_until,
            consent_basis: self.consent_basis.clone(),
            purchased_on: self.purchased_on,
            contract: self.contract.clone(),
            relationship: self.relationship,
        };
        let (country, policy, dry_run, ticket) = (self.country.clone(), self.policy, self.dry_run, self.ticket.clone());
        let wishes = self.into_wishes()?;
        Ok(ListToLoad { campaign: Some(campaign), provenance, wishes, country, policy, dry_run, ticket })
    }

    fn into_wishes(self) -> Result<Wishes, Problem> {
        Ok(Wishes {
            encoding: parse("encoding", self.encoding)?,
            other_encoding: parse("other_encoding", self.other_encoding)?,
            delimiter: parse("delimiter", self.delimiter)?,
            header: self.header.as_deref().map(header_place).transpose()?,
            sheet: self.sheet,
            mapping: self.map.as_deref().map(mapping).transpose()?.unwrap_or_default(),
            trust_phones: self.trust_phones,
            repair: self.repair.as_deref().map(repair).transpose()?.unwrap_or_default(),
            ..Wishes::default()
        })
    }
}

pub(super) fn parse<T: std::str::FromStr<Err: std::error::Error>>(
    name: &str,
    text: Option<String>,
) -> Result<Option<T>, Problem> {
    text.map(|text| text.parse().map_err(|error: T::Err| Problem::field(name, error.to_string()))).transpose()
}

pub(super) fn header_place(text: &str) -> Result<HeaderPlace, Problem> {
    match (text, text.parse()) {
        ("none", _) => Ok(HeaderPlace::None),
        (_, Ok(line)) if line > 0 => Ok(HeaderPlace::Line(line)),
        _ => Err(Problem::field(
            "header",
            format!("{text:?} is no line: write the number of the header's line, as in 4, or none"),
        )),
    }
}

pub(super) fn mapping(text: &str) -> Result<Vec<MappedColumn>, Problem> {
    let map: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| {
        Problem::field("map", r#"is not a JSON object of columns and fields: write it as in {"Numer":"phone"}"#)
    })?;
    Ok(map.into_iter().map(|(column, field)| MappedColumn { column, field }).collect())
}

fn repair(text: &str) -> Result<Repair, Problem> {
    let mut repair = Repair::default();
    for word in text.split(',').map(str::trim) {
        match word {
            "encoded-twice" => repair.encoded_twice = true,
            "letter-o" => repair.letter_o = true,
            _ => {
                return Err(Problem::field(
                    "repair",
                    format!("{word:?} is no repair: write encoded-twice or letter-o"),
                ));
            }
        }
    }
    Ok(repair)
}

/// Load a list
///
/// The body is the file as it is, up to 2 GiB: text in any encoding, a workbook, or a zip archive of one such file. Everything
/// becomes visible in one moment at its end, or nothing does. The same file is loaded only once into a campaign, so that a
/// retry needs no key; after a crash it goes on where it had stopped. One list is loaded into a campaign at a time.
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
    take(&server, load.into_load(campaign)?, body).await
}

/// Look at a list file before there is a campaign for it
///
/// Says what the file is and what its rows are worth by themselves: nobody is looked up.
#[utoipa::path(
    post, path = "/lists/check", tag = "lists", params(Load),
    request_body(content = String, content_type = "text/csv", description = "The file; any content type is taken"),
    responses((status = 200, description = "What would become of every row and column", body = LoadReport)),
)]
async fn check_file(
    _caller: May<RunCampaigns>,
    State(server): State<Server>,
    Query(look): Query<Load>,
    body: Body,
) -> Result<Json<LoadReport>, Problem> {
    take(&server, look.into_check()?, body).await
}

async fn take(server: &Server, load: ListToLoad, body: Body) -> Result<Json<LoadReport>, Problem> {
    let file = spooled(server, body).await?;
    Ok(Json(server.engine.load_list(load, file).await?))
}

/// The body of a request as a file that can be read more than once.
pub(super) async fn spooled(server: &Server, body: Body) -> Result<Spooled, Problem> {
    let stream = body.into_data_stream().map_err(io::Error::other);
    Ok(server.engine.spool_list(SyncIoBridge::new(StreamReader::new(stream))).await?)
}

/// Show how far a load has come
#[utoipa::path(
    get, path = "/loads/{ticket}", tag = "lists",
    params(("ticket" = String, Path, description = "The word that the load was begun with")),
    responses((status = 200, description = "How far it has come", body = LoadUnderWay)),
)]
async fn load_under_way(
    _caller: May<SeeCampaigns>,
    State(server): State<Server>,
    Path(ticket): Path<String>,
) -> Result<Json<LoadUnderWay>, Problem> {
    let found = server.engine.load_under_way(&ticket).await?;
    found.map(Json).ok_or_else(|| Problem::new(Kind::NotFound, "no load of this ticket is under way"))
}
