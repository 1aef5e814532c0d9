//! The ledger, read to be verified: what decided, what the database finds by itself, every person's hand-outs, every reopening.
//!
//! Everything is read in one transaction that only reads. It takes no lock that a hand-out waits for; while it lasts, PostgreSQL keeps
//! row versions that it would remove, and SQLite's write-ahead log grows. Memory is bounded by the pages: the hand-outs of
//! [`PAGE`] rows and of the last person among them, and so many reopenings.

use relance_domain::ledger::{
    BooksAsStored, CampaignChange, ClientRecord, RefusalRecord, RegisterFile, ReopeningRecord, StoredDefinition,
    StoredRules, StoredTariff,
};
use relance_domain::suppression::SuppressionKeys;
use relance_store::Result;
use relance_store::ledger::{Part, Parts};

use super::rows::Origin;
use super::suppression_hash::newest;
use super::{ledger_checks, ledger_people, ledger_suppressed};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Rows of a page.
pub(super) const PAGE: i64 = 4_000;

pub(super) async fn read(connection: &mut Connection, keys: &SuppressionKeys, parts: &Parts) -> Result<()> {
    for statement in dialect::WAIT_FOR_JUDGES {
        sqlx::query(*statement).execute(&mut *connection).await.map_err(failed)?;
    }
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
    ledger_suppressed::read(&mut *connection, keys, parts).await?;
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
    type Row = (i64, i64, String, String, Option<i64>, Option<i64>, Option<i64>);
    let rows = sqlx::query_as::<Engine, Row>(
        "-- verify: every version of every tariff, and when it was offered
        SELECT tariff.id, tariff_version.version, tariff.state, tariff_version.definition, tariff_price.price_minor,
            tariff_price.offered_from_ms, tariff_price.offered_until_ms
        FROM tariff JOIN tariff_version ON tariff_version.tariff_id = tariff.id
        LEFT JOIN tariff_price ON tariff_price.tariff_id = tariff.id AND tariff_price.version = tariff_version.version
        ORDER BY tariff.id, tariff_version.version",
    )
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let tariff = |(id, version, state, definition, price_minor, published_at_ms, retired_at_ms)| StoredTariff {
        id,
        version,
        state,
        definition,
        price_minor,
        published_at_ms,
        retired_at_ms,
    };
    Ok(rows.into_iter().map(tariff).collect())
}

#[derive(sqlx::FromRow)]
struct ReopeningRow {
    id: i64,
    tariff_id: i64,
    tariff_version: i64,
    lead_id: i64,
    campaign_id: i64,
    reopened_at_ms: i64,
    reopenings_of_year: i64,
    refusal_id: Option<i64>,
    refusal_lead_id: Option<i64>,
    refusal_campaign_id: Option<i64>,
    reason: Option<String>,
    price_ceiling_minor: Option<i64>,
    max_months: Option<i64>,
    wanted_features: Option<String>,
    units: Option<String>,
    coverage: Option<String>,
    competitor_price_minor: Option<i64>,
    contract_end: Option<String>,
    call_after: Option<String>,
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
        let rows = sqlx::query_as::<Engine, ReopeningRow>(concat!(
            "-- verify: reopenings, with what justifies them
            SELECT reopening.id, reopening.tariff_id, reopening.tariff_version, reopening.lead_id, reopening.campaign_id,
                reopening.reopened_at_ms,
                (SELECT COUNT(*) FROM lead AS theirs JOIN reopening AS earlier ON earlier.lead_id = theirs.id
                    WHERE theirs.client_id = lead.client_id AND earlier.id < reopening.id
                        AND earlier.reopened_at_ms > reopening.reopened_at_ms - 31536000000
                        AND (earlier.taken_back_at_ms IS NULL OR earlier.taken_back_at_ms > reopening.reopened_at_ms))
                    AS reopenings_of_year,
                refusal.id AS refusal_id, refusal.lead_id AS refusal_lead_id, refusal.campaign_id AS refusal_campaign_id,
                refusal.reason, refusal.price_ceiling_minor, refusal.max_months, refusal.wanted_features,
                (SELECT ",
            dialect::gathered!("feature || ' ' || unit"),
            " FROM refusal_want WHERE refusal_want.refusal_id = refusal.id AND unit <> '') AS units,
                refusal.coverage, refusal.competitor_price_minor, refusal.contract_end, refusal.call_after,
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
            WHERE reopening.id > $1 ORDER BY reopening.id LIMIT $2"
        ))
        .bind(after)
        .bind(PAGE)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.id;
        let records = rows.into_iter().map(ReopeningRow::into_record).collect::<Result<Vec<_>>>()?;
        parts.hand(Part::Reopenings(records)).await?;
    }
}

impl ReopeningRow {
    fn into_record(self) -> Result<ReopeningRecord> {
        let units = self
            .units
            .as_deref()
            .map_or(Ok(Vec::new()), |units| Origin::new("refusal_want", self.id).json("unit", units))?;
        let refusal = self.refusal_id.map(|id| RefusalRecord {
            id,
            lead: self.refusal_lead_id.unwrap_or_default(),
            campaign: self.refusal_campaign_id.unwrap_or_default(),
            reason: self.reason.unwrap_or_default(),
            price_ceiling_minor: self.price_ceiling_minor,
            max_months: self.max_months.and_then(|months| u32::try_from(months).ok()),
            wanted_features: self.wanted_features.unwrap_or_default(),
            units,
            coverage: self.coverage,
            competitor_price_minor: self.competitor_price_minor,
            contract_end: self.contract_end,
            call_after: self.call_after,
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
        Ok(ReopeningRecord {
            id: self.id,
            tariff: (self.tariff_id, self.tariff_version),
            lead: self.lead_id,
            campaign: self.campaign_id,
            reopened_at_ms: self.reopened_at_ms,
            reopenings_of_year: self.reopenings_of_year,
            refusal,
            client,
            licence_until: self.licence_until,
        })
    }
}
