//! Lists that are loaded, and their rows that made no lead.

use relance_domain::{CampaignId, ListId};
use relance_store::list::{LeftOutRow, List, ListState, LoadCounts};
use relance_store::{Result, StoreError};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

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
    purchased_on: Option<String>,
    contract: Option<String>,
    relationship: String,
    weight: Option<i64>,
    policy: String,
    joins: i64,
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
            purchased_on: origin.parse_some("purchased_on", self.purchased_on.as_deref())?,
            contract: self.contract,
            relationship: origin.word("relationship", &self.relationship)?,
            weight: self
                .weight
                .map(|weight| u32::try_from(weight).map_err(|_| origin.corrupt("weight")))
                .transpose()?,
            policy: origin.word("policy", &self.policy)?,
            joins: self.joins,
            sha256: self.sha256,
        })
    }
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
