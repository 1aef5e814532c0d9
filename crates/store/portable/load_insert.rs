//! What a chunk of rows writes.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use relance_domain::list::{ListedClient, Reject};
use relance_domain::queue;
use relance_domain::{CampaignId, ListId};
use relance_store::Result;
use relance_store::list::Join;

use super::bulk::{Rows, Target, Value};
use super::rows::to_json;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// A row that makes no lead, and why. Nothing personal is kept of it but the raw row of one that was rejected.
#[derive(Default)]
pub(super) struct LeftOut<'a> {
    line: i64,
    verdict: &'static str,
    code: Option<&'static str>,
    column: Option<&'a str>,
    message: String,
    raw: Option<String>,
}

impl<'a> LeftOut<'a> {
    pub(super) fn suppressed(line: i64) -> Self {
        Self { line, verdict: "suppressed", message: "the person asked not to be called".into(), ..Self::default() }
    }

    pub(super) fn duplicate_in_campaign(line: i64) -> Self {
        let message = "the person is a lead of this campaign already".into();
        Self { line, verdict: "duplicate_in_campaign", message, ..Self::default() }
    }

    pub(super) fn duplicate_in_file(line: i64, first_line: u64, joins: Option<u64>, further: usize) -> Self {
        let mut message = match joins {
            None => format!("the same number stands on line {first_line}"),
            Some(other) => format!("its numbers stand on the lines {first_line} and {other}: are these one person?"),
        };
        if further > 0 {
            message.push_str(", and it has a further number that is not taken: put it beside the first");
        }
        Self { line, verdict: "duplicate_in_file", message, ..Self::default() }
    }

    pub(super) fn rejected(line: i64, reject: &'a Reject, raw: &[String]) -> Self {
        Self {
            line,
            verdict: "rejected",
            code: Some(reject.code.as_str()),
            column: reject.column.as_deref(),
            message: reject.message.clone(),
            raw: Some(to_json(&raw)),
        }
    }
}

static LIST_ROW: Target =
    Target { table: "list_row", columns: &["list_id", "line", "verdict", "code", "column_name", "message", "raw"] };

pub(super) async fn left_out(connection: &mut Connection, list: ListId, left_out: &[LeftOut<'_>]) -> Result<()> {
    let mut rows = Rows::new(&LIST_ROW);
    for row in left_out {
        rows.push([
            list.0.into(),
            row.line.into(),
            row.verdict.into(),
            row.code.into(),
            row.column.into(),
            row.message.as_str().into(),
            (&row.raw).into(),
        ]);
    }
    dialect::insert(connection, &rows).await
}

/// A lead to be made.
pub(super) struct NewLead<'a> {
    pub(super) line: i64,
    pub(super) row: &'a ListedClient,
    /// The person, where they are known.
    pub(super) client: Option<i64>,
    /// The zone of a person who is new.
    pub(super) zone: Option<&'a str>,
}

/// Leads to be made, and the zones of those whose people are known.
#[derive(Default)]
pub(super) struct NewLeads<'a> {
    leads: Vec<NewLead<'a>>,
    known_zones: BTreeMap<usize, String>,
}

impl<'a> NewLeads<'a> {
    pub(super) fn push(&mut self, lead: NewLead<'a>) {
        self.leads.push(lead);
    }

    pub(super) fn push_known(&mut self, lead: NewLead<'a>, zone: Option<String>) {
        if let Some(zone) = zone {
            self.known_zones.insert(self.leads.len(), zone);
        }
        self.leads.push(lead);
    }

    fn zone(&self, at: usize) -> Option<&str> {
        self.leads[at].zone.or_else(|| self.known_zones.get(&at).map(String::as_str))
    }
}

/// Makes the clients who are new, and every lead.
pub(super) async fn leads(
    connection: &mut Connection,
    list: ListId,
    campaign: CampaignId,
    new: &NewLeads<'_>,
    now: Timestamp,
) -> Result<()> {
    let strangers = new.leads.iter().filter(|lead| lead.client.is_none()).count();
    let ids = dialect::take_client_ids(&mut *connection, strangers).await?;
    clients(&mut *connection, list, new, &ids, now).await?;
    let zones: BTreeSet<&str> = (0..new.leads.len()).filter_map(|at| new.zone(at)).collect();
    let lanes = lanes(&mut *connection, list, campaign, &zones).await?;
    insert_leads(connection, list, campaign, new, &ids, &lanes, now).await
}

static CLIENT: Target = Target {
    table: "client",
    columns: &[
        "id",
        "phone",
        "extension",
        "reference",
        "first_name",
        "last_name",
        "street",
        "city",
        "postcode",
        "region",
        "country",
        "time_zone",
        "zone_source",
        "created_by_list_id",
        "created_at_ms",
    ],
};
static CLIENT_PHONE: Target =
    Target { table: "client_phone", columns: &["phone", "client_id", "position", "extension", "list_id"] };

async fn clients(
    connection: &mut Connection,
    list: ListId,
    new: &NewLeads<'_>,
    ids: &[i64],
    now: Timestamp,
) -> Result<()> {
    let (mut clients, mut phones) = (Rows::new(&CLIENT), Rows::new(&CLIENT_PHONE));
    let strangers = new.leads.iter().filter(|lead| lead.client.is_none()).map(|lead| lead.row);
    for (row, id) in strangers.zip(ids) {
        let first = row.phones.first();
        clients.push([
            (*id).into(),
            first.number.reveal().into(),
            (&first.extension).into(),
            (&row.reference).into(),
            (&row.first_name).into(),
            (&row.last_name).into(),
            (&row.street).into(),
            (&row.city).into(),
            (&row.postcode).into(),
            (&row.region).into(),
            row.country.as_str().into(),
            row.zone.as_ref().map(|(zone, _)| zone.as_str()).into(),
            row.zone.as_ref().map(|(_, source)| source.as_str()).into(),
            list.0.into(),
            now.as_millisecond().into(),
        ]);
        for (position, phone) in (0_i64..).zip(row.phones.iter()).skip(1) {
            phones.push([
                phone.number.reveal().into(),
                (*id).into(),
                position.into(),
                (&phone.extension).into(),
                list.0.into(),
            ]);
        }
    }
    dialect::insert(&mut *connection, &clients).await?;
    dialect::insert(connection, &phones).await
}

/// The list's lanes of these zones, made where they are missing.
async fn lanes(
    connection: &mut Connection,
    list: ListId,
    campaign: CampaignId,
    zones: &BTreeSet<&str>,
) -> Result<BTreeMap<String, i64>> {
    let lanes = sqlx::query_as::<Engine, (String, i64)>(
        "-- load: the lanes of the list
        SELECT time_zone, id FROM lane WHERE list_id = $1 AND campaign_id = $2",
    )
    .bind(list.0)
    .bind(campaign.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut lanes: BTreeMap<String, i64> = lanes.into_iter().collect();
    for zone in zones {
        if !lanes.contains_key(*zone) {
            let lane = sqlx::query_scalar::<Engine, i64>(
                "-- load: a lane of a zone in which people of the list live
                INSERT INTO lane (campaign_id, time_zone, list_id) VALUES ($1, $2, $3) RETURNING id",
            )
            .bind(campaign.0)
            .bind(*zone)
            .bind(list.0)
            .fetch_one(&mut *connection)
            .await
            .map_err(failed)?;
            lanes.insert((*zone).to_owned(), lane);
        }
    }
    Ok(lanes)
}

static LEAD: Target = Target {
    table: "lead",
    columns: &[
        "campaign_id",
        "client_id",
        "list_id",
        "list_line",
        "lane_id",
        "state",
        "priority",
        "due_at_ms",
        "facts",
        "consent",
        "consent_on",
        "consent_wording",
        "attributes",
        "created_at_ms",
    ],
};

async fn insert_leads(
    connection: &mut Connection,
    list: ListId,
    campaign: CampaignId,
    new: &NewLeads<'_>,
    ids: &[i64],
    lanes: &BTreeMap<String, i64>,
    now: Timestamp,
) -> Result<()> {
    struct Texts {
        facts: String,
        consent_on: Option<String>,
        attributes: String,
    }
    let texts: Vec<Texts> = new
        .leads
        .iter()
        .map(|lead| Texts {
            facts: to_json(&lead.row.facts),
            consent_on: lead.row.consent.on.map(|day| day.to_string()),
            attributes: to_json(&lead.row.attributes),
        })
        .collect();
    let mut ids = ids.iter().copied();
    let mut rows = Rows::new(&LEAD);
    for (at, (lead, texts)) in new.leads.iter().zip(&texts).enumerate() {
        let lane = new.zone(at).and_then(|zone| lanes.get(zone).copied());
        rows.push([
            campaign.0.into(),
            lead.client.or_else(|| ids.next()).into(),
            list.0.into(),
            lead.line.into(),
            lane.into(),
            "ready".into(),
            queue::FRESH.into(),
            now.as_millisecond().into(),
            texts.facts.as_str().into(),
            lead.row.consent.given.map(|given| if given { "yes" } else { "no" }).into(),
            (&texts.consent_on).into(),
            (&lead.row.consent.wording).into(),
            texts.attributes.as_str().into(),
            now.as_millisecond().into(),
        ]);
    }
    dialect::insert(connection, &rows).await
}

static CLIENT_JOIN: Target =
    Target { table: "client_join", columns: &["list_id", "line", "client_id", "other_client_id"] };

pub(super) async fn joins(connection: &mut Connection, list: ListId, joins: &[Join]) -> Result<()> {
    let mut rows = Rows::new(&CLIENT_JOIN);
    for join in joins {
        rows.push([
            Value::Number(list.0),
            Value::Number(join.line),
            Value::Number(join.client.0),
            Value::Number(join.other.0),
        ]);
    }
    dialect::insert(connection, &rows).await
}
