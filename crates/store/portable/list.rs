//! Lists: staging, and the one transaction that makes a load visible.

use jiff::Timestamp;
use relance_domain::list::{Row, Verdict};
use relance_domain::queue;
use relance_domain::zone::ZoneSource;
use relance_domain::{CampaignId, ListId};
use relance_store::list::{Begun, LeftOutRow, List, ListState, LoadCounts, NewLoad};
use relance_store::{Result, StoreError};

use super::rows::{Origin, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// A row on its way to the staging table, every field as text.
#[derive(Default)]
pub(crate) struct StagedRow {
    pub(crate) line: i64,
    pub(crate) verdict: &'static str,
    pub(crate) code: Option<String>,
    pub(crate) column: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) raw: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) street: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) postcode: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) country: Option<String>,
    pub(crate) time_zone: Option<String>,
    pub(crate) zone_source: Option<String>,
    pub(crate) facts: Option<String>,
}

impl From<&Row> for StagedRow {
    fn from(row: &Row) -> Self {
        let line = i64::try_from(row.line).unwrap_or(i64::MAX);
        match &row.verdict {
            Verdict::Accepted(client) => Self {
                line,
                verdict: "accepted",
                phone: Some(client.phone.reveal().to_owned()),
                reference: client.reference.clone(),
                first_name: client.first_name.clone(),
                last_name: client.last_name.clone(),
                street: client.street.clone(),
                city: client.city.clone(),
                postcode: client.postcode.clone(),
                region: client.region.clone(),
                country: Some(client.country.clone()),
                time_zone: client.zone.as_ref().map(|(zone, _)| zone.as_str().to_owned()),
                zone_source: client.zone.as_ref().map(|(_, source)| source_word(*source).to_owned()),
                facts: Some(to_json(&client.facts)),
                ..Self::default()
            },
            Verdict::DuplicateInFile { first_line } => Self {
                line,
                verdict: "duplicate_in_file",
                message: Some(format!("the same number stands on line {first_line}")),
                ..Self::default()
            },
            Verdict::Rejected { reject, raw } => Self {
                line,
                verdict: "rejected",
                code: Some(reject.code.as_str().to_owned()),
                column: reject.column.clone(),
                message: Some(reject.message.clone()),
                raw: Some(to_json(raw)),
                ..Self::default()
            },
        }
    }
}

fn source_word(source: ZoneSource) -> &'static str {
    match source {
        ZoneSource::List => "list",
        ZoneSource::Address => "address",
        ZoneSource::Default => "default",
    }
}

#[derive(sqlx::FromRow)]
struct ListRow {
    id: i64,
    campaign: String,
    name: String,
    source: String,
    vendor: Option<String>,
    cost_minor: Option<i64>,
    licence_until: Option<String>,
    consent_basis: Option<String>,
    header: String,
    sha256: String,
    state: String,
    rows_read: i64,
    new_clients: i64,
    known_clients: i64,
    new_leads: i64,
    duplicates_in_file: i64,
    duplicates_in_campaign: i64,
    suppressed: i64,
    rejected: i64,
    loaded_at_ms: Option<i64>,
    undone_at_ms: Option<i64>,
}

impl ListRow {
    fn into_list(self) -> Result<List> {
        let origin = Origin::new("list", self.id);
        Ok(List {
            id: ListId(self.id),
            source: origin.word("source", &self.source)?,
            licence_until: origin.parse_some("licence_until", self.licence_until.as_deref())?,
            header: origin.json("header", &self.header)?,
            state: origin.need("state", ListState::parse(&self.state))?,
            counts: LoadCounts {
                rows_read: self.rows_read,
                new_leads: self.new_leads,
                new_clients: self.new_clients,
                known_clients: self.known_clients,
                duplicates_in_file: self.duplicates_in_file,
                duplicates_in_campaign: self.duplicates_in_campaign,
                suppressed: self.suppressed,
                rejected: self.rejected,
            },
            loaded_at: origin.instant_some("loaded_at_ms", self.loaded_at_ms)?,
            undone_at: origin.instant_some("undone_at_ms", self.undone_at_ms)?,
            campaign: self.campaign,
            name: self.name,
            vendor: self.vendor,
            cost_minor: self.cost_minor,
            consent_basis: self.consent_basis,
            sha256: self.sha256,
        })
    }
}

pub(super) async fn begin(connection: &mut Connection, load: &NewLoad, now: Timestamp) -> Result<Begun> {
    let list: i64 = sqlx::query_scalar::<Engine, i64>(
        "-- load: open it; the ticket stands in for the file's hash until that is known
        INSERT INTO list (campaign_id, name, source, vendor, cost_minor, licence_until, consent_basis, sha256, state, started_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'staging', $9)
        RETURNING id",
    )
    .bind(load.campaign.0)
    .bind(&load.provenance.name)
    .bind(load.provenance.source.as_str())
    .bind(&load.provenance.vendor)
    .bind(load.cost_minor)
    .bind(load.provenance.licence_until.map(|date| date.to_string()))
    .bind(&load.provenance.consent_basis)
    .bind(&load.ticket)
    .bind(now.as_millisecond())
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(Begun { list: ListId(list) })
}

pub(super) async fn keep_header(connection: &mut Connection, list: ListId, header: &[String]) -> Result<()> {
    let kept = sqlx::query(
        "-- load: the header, for the file of the rejected rows
        UPDATE list SET header = $2 WHERE id = $1 AND state = 'staging'",
    )
    .bind(list.0)
    .bind(to_json(&header))
    .execute(connection)
    .await
    .map_err(failed)?;
    if kept.rows_affected() == 1 { Ok(()) } else { Err(StoreError::not_found("open load", list)) }
}

pub(super) async fn stage(connection: &mut Connection, list: ListId, rows: &[Row]) -> Result<()> {
    let open: Option<i64> = sqlx::query_scalar::<Engine, i64>(
        "-- load: is it still open?
        SELECT id FROM list WHERE id = $1 AND state = 'staging'",
    )
    .bind(list.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    if open.is_none() {
        return Err(StoreError::not_found("open load", list));
    }
    let staged: Vec<StagedRow> = rows.iter().map(StagedRow::from).collect();
    dialect::stage_rows(connection, list, &staged).await
}

/// Marks the staged rows that make no lead: their person is suppressed, or a lead of the campaign already.
async fn mark_left_out(connection: &mut Connection, list: ListId, campaign: CampaignId) -> Result<()> {
    sqlx::query(
        "-- load: rows whose person must not be called; nothing personal is kept of them
        UPDATE list_row SET verdict = 'suppressed', message = 'the person asked not to be called', phone = NULL, reference = NULL,
            first_name = NULL, last_name = NULL, street = NULL, city = NULL, postcode = NULL, facts = NULL
        WHERE list_id = $1 AND verdict = 'accepted' AND phone IN (
            SELECT suppression.phone FROM suppression JOIN campaign ON campaign.id = $2
            WHERE (suppression.seller IS NULL OR suppression.seller = campaign.seller)
                AND (suppression.campaign_id IS NULL OR suppression.campaign_id = campaign.id))",
    )
    .bind(list.0)
    .bind(campaign.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query(
        "-- load: rows whose person is a lead of the campaign already
        UPDATE list_row SET verdict = 'duplicate_in_campaign', message = 'the person is a lead of this campaign already'
        WHERE list_id = $1 AND verdict = 'accepted' AND phone IN (
            SELECT client.phone FROM client JOIN lead ON lead.client_id = client.id WHERE lead.campaign_id = $2)",
    )
    .bind(list.0)
    .bind(campaign.0)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn campaign_of(connection: &mut Connection, list: ListId) -> Result<CampaignId> {
    sqlx::query_scalar::<Engine, i64>(
        "-- load: the campaign of an open one
        SELECT campaign_id FROM list WHERE id = $1 AND state = 'staging'",
    )
    .bind(list.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .map(CampaignId)
    .ok_or_else(|| StoreError::not_found("open load", list))
}

async fn counts(connection: &mut Connection, list: ListId) -> Result<LoadCounts> {
    let (rows_read, new_leads, known_clients, duplicates_in_file, duplicates_in_campaign, suppressed, rejected) =
        sqlx::query_as::<Engine, (i64, i64, i64, i64, i64, i64, i64)>(
            "-- load: what became of the rows
            SELECT COUNT(*), COUNT(*) FILTER (WHERE list_row.verdict = 'accepted'), COUNT(client.id),
                COUNT(*) FILTER (WHERE list_row.verdict = 'duplicate_in_file'),
                COUNT(*) FILTER (WHERE list_row.verdict = 'duplicate_in_campaign'),
                COUNT(*) FILTER (WHERE list_row.verdict = 'suppressed'),
                COUNT(*) FILTER (WHERE list_row.verdict = 'rejected')
            FROM list_row
            LEFT JOIN client ON list_row.verdict = 'accepted' AND client.phone = list_row.phone
            WHERE list_row.list_id = $1",
        )
        .bind(list.0)
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    let new_clients = new_leads - known_clients;
    Ok(LoadCounts {
        rows_read,
        new_leads,
        new_clients,
        known_clients,
        duplicates_in_file,
        duplicates_in_campaign,
        suppressed,
        rejected,
    })
}

/// Counts what a commit would do. Runs in a transaction that the caller rolls back.
pub(super) async fn preview(connection: &mut Connection, list: ListId) -> Result<LoadCounts> {
    let campaign = campaign_of(&mut *connection, list).await?;
    mark_left_out(&mut *connection, list, campaign).await?;
    counts(connection, list).await
}

pub(super) async fn commit(connection: &mut Connection, list: ListId, sha256: &str, now: Timestamp) -> Result<List> {
    let campaign = campaign_of(&mut *connection, list).await?;
    refuse_second_load(&mut *connection, campaign, sha256).await?;
    mark_left_out(&mut *connection, list, campaign).await?;
    let mut counts = counts(&mut *connection, list).await?;
    // Who is new is known when the clients are made: another load may have made them since they were counted.
    counts.new_clients = make_clients(&mut *connection, list, now).await?;
    counts.known_clients = counts.new_leads - counts.new_clients;
    if make_leads(&mut *connection, list, campaign, now).await? != counts.new_leads {
        return Err(StoreError::Busy("a client was taken back by an undo meanwhile".into()));
    }
    sqlx::query(dialect::LEADS_WERE_LOADED).execute(&mut *connection).await.map_err(failed)?;
    sqlx::query(
        "-- load: rows that became leads need no copy
        DELETE FROM list_row WHERE list_id = $1 AND verdict = 'accepted'",
    )
    .bind(list.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let changed = sqlx::query(
        "-- load: make it visible
        UPDATE list SET state = 'loaded', sha256 = $2, loaded_at_ms = $3, rows_read = $4, new_clients = $5, known_clients = $6,
            new_leads = $7, duplicates_in_file = $8, duplicates_in_campaign = $9, suppressed = $10, rejected = $11
        WHERE id = $1 AND state = 'staging'",
    )
    .bind(list.0)
    .bind(sha256)
    .bind(now.as_millisecond())
    .bind(counts.rows_read)
    .bind(counts.new_clients)
    .bind(counts.known_clients)
    .bind(counts.new_leads)
    .bind(counts.duplicates_in_file)
    .bind(counts.duplicates_in_campaign)
    .bind(counts.suppressed)
    .bind(counts.rejected)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "load")?;
    one(connection, list).await
}

async fn refuse_second_load(connection: &mut Connection, campaign: CampaignId, sha256: &str) -> Result<()> {
    let earlier = sqlx::query_as::<Engine, (i64, String)>(
        "-- load: has this very file been loaded?
        SELECT id, name FROM list WHERE campaign_id = $1 AND sha256 = $2 AND state = 'loaded'",
    )
    .bind(campaign.0)
    .bind(sha256)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    match earlier {
        None => Ok(()),
        Some((id, name)) => Err(StoreError::Conflict(format!(
            "this very file is loaded already, as list {id} ({name:?}): undo that one to load it again"
        ))),
    }
}

async fn make_clients(connection: &mut Connection, list: ListId, now: Timestamp) -> Result<i64> {
    let made = sqlx::query(
        "-- load: people who are new; those who are known stay as they are. In one order, so that two loads do not deadlock
        INSERT INTO client (phone, reference, first_name, last_name, street, city, postcode, region, country, time_zone,
            zone_source, created_by_list_id, created_at_ms)
        SELECT phone, reference, first_name, last_name, street, city, postcode, region, country, time_zone, zone_source,
            list_id, $2
        FROM list_row WHERE list_id = $1 AND verdict = 'accepted' ORDER BY phone
        ON CONFLICT (phone) DO NOTHING",
    )
    .bind(list.0)
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(i64::try_from(made.rows_affected()).unwrap_or(i64::MAX))
}

async fn make_leads(connection: &mut Connection, list: ListId, campaign: CampaignId, now: Timestamp) -> Result<i64> {
    sqlx::query(
        "-- load: lanes of the zones that the people live in
        INSERT INTO lane (campaign_id, time_zone)
        SELECT DISTINCT $2, client.time_zone FROM list_row JOIN client ON client.phone = list_row.phone
        WHERE list_row.list_id = $1 AND list_row.verdict = 'accepted' AND client.time_zone IS NOT NULL
        ON CONFLICT (campaign_id, time_zone) DO NOTHING",
    )
    .bind(list.0)
    .bind(campaign.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let made = sqlx::query(
        "-- load: leads
        INSERT INTO lead (campaign_id, client_id, list_id, list_line, lane_id, state, priority, due_at_ms, facts, created_at_ms)
        SELECT $2, client.id, list_row.list_id, list_row.line, lane.id, 'ready', $3, $4, list_row.facts, $4
        FROM list_row
        JOIN client ON client.phone = list_row.phone
        LEFT JOIN lane ON lane.campaign_id = $2 AND lane.time_zone = client.time_zone
        WHERE list_row.list_id = $1 AND list_row.verdict = 'accepted'
        ORDER BY list_row.line",
    )
    .bind(list.0)
    .bind(campaign.0)
    .bind(queue::FRESH)
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(i64::try_from(made.rows_affected()).unwrap_or(i64::MAX))
}

pub(super) async fn abandon(connection: &mut Connection, list: ListId) -> Result<()> {
    for statement in [
        "-- load: remove what was staged
        DELETE FROM list_row WHERE list_id IN (SELECT id FROM list WHERE id = $1 AND state = 'staging')",
        "-- load: remove an open load
        DELETE FROM list WHERE id = $1 AND state = 'staging'",
    ] {
        sqlx::query(statement).bind(list.0).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Removes loads that were opened before an instant and never ended: their process died.
pub(super) async fn abandon_stale(connection: &mut Connection, started_before: Timestamp) -> Result<()> {
    for statement in [
        "-- load: remove what dead loads staged
        DELETE FROM list_row WHERE list_id IN (SELECT id FROM list WHERE state = 'staging' AND started_at_ms < $1)",
        "-- load: remove dead loads
        DELETE FROM list WHERE state = 'staging' AND started_at_ms < $1",
    ] {
        sqlx::query(statement).bind(started_before.as_millisecond()).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

pub(super) async fn all(connection: &mut Connection, campaign: Option<CampaignId>) -> Result<Vec<List>> {
    sqlx::query_as::<Engine, ListRow>(
        "-- list: all, newest first
        SELECT list.*, campaign.campaign FROM list JOIN campaign ON campaign.id = list.campaign_id
        WHERE list.state <> 'staging' AND ($1 IS NULL OR list.campaign_id = $1) ORDER BY list.id DESC",
    )
    .bind(campaign.map(|c| c.0))
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(ListRow::into_list)
    .collect()
}

pub(super) async fn one(connection: &mut Connection, list: ListId) -> Result<List> {
    sqlx::query_as::<Engine, ListRow>(
        "-- list: one
        SELECT list.*, campaign.campaign FROM list JOIN campaign ON campaign.id = list.campaign_id
        WHERE list.id = $1 AND list.state <> 'staging'",
    )
    .bind(list.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("list", list))?
    .into_list()
}

type LeftOutColumns = (i64, String, Option<String>, Option<String>, Option<String>, Option<String>);

pub(super) async fn left_out(
    connection: &mut Connection,
    list: ListId,
    after: i64,
    limit: i64,
) -> Result<Vec<LeftOutRow>> {
    let rows = sqlx::query_as::<Engine, LeftOutColumns>(
        "-- list: rows that made no lead
        SELECT line, verdict, code, column_name, message, raw FROM list_row
        WHERE list_id = $1 AND line > $2 AND verdict <> 'accepted' ORDER BY line LIMIT $3",
    )
    .bind(list.0)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.into_iter()
        .map(|(line, verdict, code, column, message, raw)| {
            let raw = raw.map(|raw| Origin::new("list_row", line).json("raw", &raw)).transpose()?;
            Ok(LeftOutRow { line, verdict, code, column, message, raw })
        })
        .collect()
}
