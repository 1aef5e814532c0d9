//! The ledger, read to be verified: what decided, what the database finds by itself, every person's hand-outs, every reopening.
//!
//! Everything is read in one transaction that only reads. It takes no lock that a hand-out waits for; while it lasts, PostgreSQL keeps
//! row versions that it would remove, and SQLite's write-ahead log grows. Memory is bounded by the pages: the hand-outs of
//! [`PAGE`] rows and of the last person among them, and so many reopenings.

use std::collections::HashMap;

use relance_domain::ledger::{
    BooksAsStored, CampaignChange, ClientRecord, RefusalRecord, RegisterFile, ReopeningRecord, StoredDefinition,
    StoredRules, StoredTariff,
};
use relance_domain::suppression::SuppressionKeys;
use relance_store::Result;
use relance_store::ledger::{Part, Parts};

use super::suppression_hash::newest;
use super::{ledger_checks, ledger_people};
use crate::connect::failed;
use crate::{Connection, Engine};

/// Rows of a page.
pub(super) const PAGE: i64 = 4_000;

pub(super) async fn read(connection: &mut Connection, keys: &SuppressionKeys, parts: &Parts) -> Result<()> {
    // Without every key, numbers that are suppressed would not be found.
    newest(&mut *connection, keys).await?;
    let books = Box::new(books(&mut *connection).await?);
    let rows = sqlx::query_scalar::<Engine, i64>(
        "-- verify: how much is to be judged
        SELECT (SELECT COUNT(*) FROM assignment) + (SELECT COUNT(*) FROM reopening)",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    parts.hand(Part::Books { books, rows }).await?;
    ledger_people::read(&mut *connection, keys, parts).await?;
    reopenings(&mut *connection, parts).await?;
    ledger_checks::read(connection, parts).await
}

async fn books(connection: &mut Connection) -> Result<BooksAsStored> {
    let definitions = sqlx::query_as::<Engine, (i64, i64, String, i64)>(
        "-- verify: every definition that decided
        SELECT campaign_id, version, definition, applied_at_ms FROM campaign_version ORDER BY campaign_id, version",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let rules = sqlx::query_as::<Engine, (String, String, String)>(
        "-- verify: every set of rules that decided
        SELECT version, pack, holidays FROM rule_set ORDER BY version",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let changes = sqlx::query_as::<Engine, (i64, String, i64, i64)>(
        "-- verify: where campaigns stood
        SELECT campaign_id, state, version, after_assignment_id FROM campaign_change ORDER BY id",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let undone_at_ms = sqlx::query_scalar::<Engine, Option<i64>>(
        "-- verify: when a list was last taken back
        SELECT MAX(undone_at_ms) FROM list",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let definition = |(campaign, version, definition, applied_at_ms)| StoredDefinition {
        campaign,
        version,
        definition,
        applied_at_ms,
    };
    let change =
        |(campaign, state, version, after_assignment)| CampaignChange { campaign, state, version, after_assignment };
    Ok(BooksAsStored {
        definitions: definitions.into_iter().map(definition).collect(),
        rules: rules.into_iter().map(|(version, pack, holidays)| StoredRules { version, pack, holidays }).collect(),
        changes: changes.into_iter().map(change).collect(),
        register_files: register_files(&mut *connection).await?,
        tariffs: tariffs(connection).await?,
        undone_at_ms,
    })
}

type FileRow = (i64, String, Option<String>, Option<i64>, i64, String, i64);

async fn register_files(connection: &mut Connection) -> Result<Vec<RegisterFile>> {
    let rows = sqlx::query_as::<Engine, FileRow>(
        "-- verify: the files that registers had
        SELECT register.id, register.name, register.seller, register.campaign_id, register_file.generation,
            register_file.as_of, register_file.counts_from_ms
        FROM register_file JOIN register ON register.id = register_file.register_id
        ORDER BY register_file.register_id, register_file.generation",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let file = |(register, name, seller, campaign, generation, as_of, counts_from_ms)| RegisterFile {
        register,
        name,
        seller,
        campaign,
        generation,
        as_of,
        counts_from_ms,
    };
    Ok(rows.into_iter().map(file).collect())
}

async fn tariffs(connection: &mut Connection) -> Result<Vec<StoredTariff>> {
    let mut campaigns: HashMap<i64, Vec<i64>> = HashMap::new();
    let offered = sqlx::query_as::<Engine, (i64, i64)>(
        "-- verify: which campaigns offer which tariffs
        SELECT tariff_id, campaign_id FROM tariff_campaign ORDER BY tariff_id, campaign_id",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    for (tariff, campaign) in offered {
        campaigns.entry(tariff).or_default().push(campaign);
    }
    let rows = sqlx::query_as::<Engine, (i64, String, String, Option<i64>, Option<i64>)>(
        "-- verify: every tariff
        SELECT id, state, definition, published_at_ms, retired_at_ms FROM tariff ORDER BY id",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let tariff = |(id, state, definition, published_at_ms, retired_at_ms)| StoredTariff {
        id,
        state,
        definition,
        published_at_ms,
        retired_at_ms,
        campaigns: campaigns.remove(&id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(tariff).collect())
}

#[derive(sqlx::FromRow)]
struct ReopeningRow {
    id: i64,
    tariff_id: i64,
    lead_id: i64,
    campaign_id: i64,
    reopened_at_ms: i64,
    refusal_id: Option<i64>,
    refusal_lead_id: Option<i64>,
    refusal_campaign_id: Option<i64>,
    reason: Option<String>,
    price_ceiling_minor: Option<i64>,
    wanted_features: Option<String>,
    contract_end: Option<String>,
    offered_price_minor: Option<i64>,
    currency: Option<String>,
    refused_at_ms: Option<i64>,
    country: Option<String>,
    region: Option<String>,
    postcode: Option<String>,
    time_zone: Option<String>,
    erased_at_ms: Option<i64>,
    merged_at_ms: Option<i64>,
    changed_at_ms: Option<i64>,
    licence_until: Option<String>,
}

/// Every reopening, by key.
async fn reopenings(connection: &mut Connection, parts: &Parts) -> Result<()> {
    let mut after = 0;
    loop {
        let rows = sqlx::query_as::<Engine, ReopeningRow>(
            "-- verify: reopenings, with what justifies them
            SELECT reopening.id, reopening.tariff_id, reopening.lead_id, reopening.campaign_id, reopening.reopened_at_ms,
                refusal.id AS refusal_id, refusal.lead_id AS refusal_lead_id, refusal.campaign_id AS refusal_campaign_id,
                refusal.reason, refusal.price_ceiling_minor, refusal.wanted_features, refusal.contract_end,
                refusal.offered_price_minor, refusal.currency, refusal.refused_at_ms,
                client.country, client.region, client.postcode, client.time_zone, client.erased_at_ms,
                (SELECT MAX(merged_at_ms) FROM client_merge WHERE kept_client_id = client.id) AS merged_at_ms,
                (SELECT MAX(loaded_at_ms) FROM client_change JOIN list AS changing ON changing.id = client_change.list_id
                    WHERE client_change.client_id = client.id AND field IN ('region', 'postcode', 'time_zone')) AS changed_at_ms,
                list.licence_until
            FROM reopening
            LEFT JOIN refusal ON refusal.id = reopening.refusal_id
            LEFT JOIN lead ON lead.id = reopening.lead_id
            LEFT JOIN client ON client.id = lead.client_id
            LEFT JOIN list ON list.id = lead.list_id
            WHERE reopening.id > $1 ORDER BY reopening.id LIMIT $2",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        parts.hand(Part::Reopenings(rows.into_iter().map(ReopeningRow::into_record).collect())).await?;
    }
}

impl ReopeningRow {
    fn into_record(self) -> ReopeningRecord {
        let refusal = self.refusal_id.map(|id| RefusalRecord {
            id,
            lead: self.refusal_lead_id.unwrap_or_default(),
            campaign: self.refusal_campaign_id.unwrap_or_default(),
            reason: self.reason.unwrap_or_default(),
            price_ceiling_minor: self.price_ceiling_minor,
            wanted_features: self.wanted_features.unwrap_or_default(),
            contract_end: self.contract_end,
            offered_price_minor: self.offered_price_minor,
            currency: self.currency.unwrap_or_default(),
            refused_at_ms: self.refused_at_ms.unwrap_or_default(),
        });
        let client = self.country.map(|country| ClientRecord {
            phones: Vec::new(),
            country,
            region: self.region,
            postcode: self.postcode,
            time_zone: self.time_zone,
            erased_at_ms: self.erased_at_ms,
            merged_at_ms: self.merged_at_ms,
            changed_at_ms: self.changed_at_ms,
        });
        ReopeningRecord {
            id: self.id,
            tariff: self.tariff_id,
            lead: self.lead_id,
            campaign: self.campaign_id,
            reopened_at_ms: self.reopened_at_ms,
            refusal,
            client,
            licence_until: self.licence_until,
        }
    }
}
