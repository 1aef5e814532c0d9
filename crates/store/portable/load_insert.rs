//! What a chunk of rows writes.

use jiff::Timestamp;
use relance_domain::list::{ListedClient, Reject};
use relance_domain::queue;
use relance_domain::{CampaignId, ListId};
use relance_store::Result;
use relance_store::list::Join;

use super::bulk::{Rows, Target, Value};
use super::lane::{self, LaneKey};
use super::rows::to_json;
use crate::{Connection, dialect};

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
    /// What of a person who is known decides their lane; what the row says of it counts for people who are new.
    pub(super) known: Standing,
}

/// What of a person decides their lane, as it is stored.
#[derive(Debug, Clone, Default)]
pub(super) struct Standing {
    pub(super) zone: Option<String>,
    pub(super) place: Option<String>,
    pub(super) language: Option<String>,
}

impl NewLead<'_> {
    /// As the view `lead_lane_key` tells it.
    fn lane(&self, list_has_basis: bool) -> LaneKey<'_> {
        let (zone, place, language) = match self.client {
            Some(_) => (self.known.zone.as_deref(), &self.known.place, &self.known.language),
            None => (self.row.zone.as_ref().map(|(zone, _)| zone.as_str()), &self.row.place, &self.row.language),
        };
        let consent = &self.row.consent;
        LaneKey {
            time_zone: zone.unwrap_or_default(),
            place: place.as_deref().unwrap_or_default(),
            consent: consent.class(list_has_basis).as_str(),
            hours_waiver: consent.hours_waiver == Some(true),
            language: language.as_deref().unwrap_or_default(),
        }
    }
}

/// Makes the clients who are new, and every lead.
pub(super) async fn leads(
    connection: &mut Connection,
    (list, list_has_basis): (ListId, bool),
    campaign: CampaignId,
    new: &[NewLead<'_>],
    now: Timestamp,
) -> Result<()> {
    let strangers = new.iter().filter(|lead| lead.client.is_none()).count();
    let ids = dialect::take_client_ids(&mut *connection, strangers).await?;
    clients(&mut *connection, list, new, &ids, now).await?;
    let keys: Vec<LaneKey<'_>> = new.iter().map(|lead| lead.lane(list_has_basis)).collect();
    let wanted = keys.iter().cloned().collect();
    let lanes = lane::of_load(&mut *connection, list, campaign, &wanted).await?;
    let lanes: Vec<i64> = keys.iter().map(|key| lanes[key]).collect();
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
        "place",
        "language",
        "created_by_list_id",
        "created_at_ms",
    ],
};
static CLIENT_PHONE: Target =
    Target { table: "client_phone", columns: &["phone", "client_id", "position", "extension", "list_id"] };

async fn clients(
    connection: &mut Connection,
    list: ListId,
    new: &[NewLead<'_>],
    ids: &[i64],
    now: Timestamp,
) -> Result<()> {
    let (mut clients, mut phones) = (Rows::new(&CLIENT), Rows::new(&CLIENT_PHONE));
    let strangers = new.iter().filter(|lead| lead.client.is_none()).map(|lead| lead.row);
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
            (&row.place).into(),
            (&row.language).into(),
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
        "hours_waiver",
        "attributes",
        "created_at_ms",
    ],
};

async fn insert_leads(
    connection: &mut Connection,
    list: ListId,
    campaign: CampaignId,
    new: &[NewLead<'_>],
    ids: &[i64],
    lanes: &[i64],
    now: Timestamp,
) -> Result<()> {
    struct Texts {
        facts: String,
        consent_on: Option<String>,
        attributes: String,
    }
    let texts: Vec<Texts> = new
        .iter()
        .map(|lead| Texts {
            facts: to_json(&lead.row.facts),
            consent_on: lead.row.consent.on.map(|day| day.to_string()),
            attributes: to_json(&lead.row.attributes),
        })
        .collect();
    let mut ids = ids.iter().copied();
    let mut rows = Rows::new(&LEAD);
    for (at, (lead, texts)) in new.iter().zip(&texts).enumerate() {
        rows.push([
            campaign.0.into(),
            lead.client.or_else(|| ids.next()).into(),
            list.0.into(),
            lead.line.into(),
            lanes[at].into(),
            "ready".into(),
            queue::FRESH.into(),
            now.as_millisecond().into(),
            texts.facts.as_str().into(),
            lead.row.consent.given.map(yes_no).into(),
            (&texts.consent_on).into(),
            (&lead.row.consent.wording).into(),
            lead.row.consent.hours_waiver.map(yes_no).into(),
            texts.attributes.as_str().into(),
            now.as_millisecond().into(),
        ]);
    }
    dialect::insert(connection, &rows).await
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
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
