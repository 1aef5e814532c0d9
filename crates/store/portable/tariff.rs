//! Tariffs: their versions, what they cost when, and when they are offered.

use std::collections::HashMap;

use jiff::Timestamp;
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{CampaignId, Currency, Money, RefusalId, ReopeningId, TariffId};
use relance_store::tariff::{NextVersion, PricePeriod, StoredTariff, TariffHistory, TariffVersion};
use relance_store::{Result, StoreError};

use super::reopening::hold;
use super::rows::{Origin, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

#[derive(sqlx::FromRow)]
struct TariffRow {
    id: i64,
    state: String,
    version: i64,
    definition: String,
    latest: i64,
    next_version: Option<i64>,
    next_at_ms: Option<i64>,
    published_at_ms: Option<i64>,
    retired_at_ms: Option<i64>,
    replaced_by: Option<String>,
    pass_at_ms: Option<i64>,
    reopened_to_refusal_id: i64,
    reopened_all_at_ms: Option<i64>,
    taken_back_to_reopening_id: i64,
    taken_back_all_at_ms: Option<i64>,
}

impl TariffRow {
    fn into_tariff(self, campaigns: Vec<CampaignId>) -> Result<StoredTariff> {
        let origin = Origin::new("tariff", self.id);
        let next_at = origin.instant_some("next_at_ms", self.next_at_ms)?;
        Ok(StoredTariff {
            id: TariffId(self.id),
            state: origin.word("state", &self.state)?,
            version: self.version,
            tariff: origin.json("definition", &self.definition)?,
            latest: self.latest,
            next: self.next_version.zip(next_at).map(|(version, at)| NextVersion { version, at }),
            campaigns,
            published_at: origin.instant_some("published_at_ms", self.published_at_ms)?,
            retired_at: origin.instant_some("retired_at_ms", self.retired_at_ms)?,
            replaced_by: self.replaced_by,
            pass_at: origin.instant_some("pass_at_ms", self.pass_at_ms)?,
            reopened_to: RefusalId(self.reopened_to_refusal_id),
            reopened_all_at: origin.instant_some("reopened_all_at_ms", self.reopened_all_at_ms)?,
            taken_back_to: ReopeningId(self.taken_back_to_reopening_id),
            taken_back_all_at: origin.instant_some("taken_back_all_at_ms", self.taken_back_all_at_ms)?,
        })
    }
}

/// The campaigns that offer each tariff, or one of them.
async fn campaigns_of(connection: &mut Connection, tariff: Option<TariffId>) -> Result<HashMap<i64, Vec<CampaignId>>> {
    let rows = sqlx::query_as::<Engine, (i64, i64)>(
        "-- tariff: the campaigns that offer it
        SELECT tariff_id, campaign_id FROM tariff_campaign WHERE $1 IS NULL OR tariff_id = $1 ORDER BY campaign_id",
    )
    .bind(tariff.map(|tariff| tariff.0))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let mut campaigns: HashMap<i64, Vec<CampaignId>> = HashMap::new();
    for (tariff, campaign) in rows {
        campaigns.entry(tariff).or_default().push(CampaignId(campaign));
    }
    Ok(campaigns)
}

/// One tariff by its key, or every tariff by name.
async fn rows(connection: &mut Connection, tariff: Option<TariffId>) -> Result<Vec<StoredTariff>> {
    let rows = sqlx::query_as::<Engine, TariffRow>(
        "-- tariff: as it stands
        SELECT tariff.id, tariff.state, tariff.version, tariff.definition, tariff.next_version, tariff.next_at_ms,
            tariff.published_at_ms, tariff.retired_at_ms, successor.tariff AS replaced_by, tariff.pass_at_ms,
            tariff.reopened_to_refusal_id, tariff.reopened_all_at_ms, tariff.taken_back_to_reopening_id,
            tariff.taken_back_all_at_ms,
            (SELECT MAX(tariff_version.version) FROM tariff_version WHERE tariff_version.tariff_id = tariff.id) AS latest
        FROM tariff LEFT JOIN tariff AS successor ON successor.id = tariff.replaced_by
        WHERE $1 IS NULL OR tariff.id = $1 ORDER BY tariff.tariff",
    )
    .bind(tariff.map(|tariff| tariff.0))
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut campaigns = campaigns_of(connection, tariff).await?;
    rows.into_iter()
        .map(|row| {
            let of_this = campaigns.remove(&row.id).unwrap_or_default();
            row.into_tariff(of_this)
        })
        .collect()
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<StoredTariff>> {
    rows(connection, None).await
}

async fn by_id(connection: &mut Connection, tariff: TariffId) -> Result<StoredTariff> {
    rows(connection, Some(tariff)).await?.pop().ok_or_else(|| StoreError::not_found("tariff", tariff))
}

pub(super) async fn by_name(connection: &mut Connection, tariff: &str) -> Result<StoredTariff> {
    let id = key_of(&mut *connection, tariff).await?.ok_or_else(|| StoreError::not_found("tariff", tariff))?;
    by_id(connection, id).await
}

async fn key_of(connection: &mut Connection, tariff: &str) -> Result<Option<TariffId>> {
    let id = sqlx::query_scalar::<Engine, i64>(
        "-- tariff: key of a name
        SELECT id FROM tariff WHERE tariff = $1",
    )
    .bind(tariff)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(id.map(TariffId))
}

/// Keeps a tariff: the first of its name is a draft; other content than the latest makes a version more.
pub(super) async fn save(connection: &mut Connection, tariff: &Tariff, now: Timestamp) -> Result<StoredTariff> {
    sqlx::query(
        "-- tariff: a draft, where there is none of this name
        INSERT INTO tariff (tariff, name, state, version, definition, created_at_ms) VALUES ($1, $2, 'draft', 0, $3, $4)
        ON CONFLICT (tariff) DO NOTHING",
    )
    .bind(&tariff.tariff)
    .bind(&tariff.name)
    .bind(to_json(tariff))
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let id = key_of(&mut *connection, &tariff.tariff).await?;
    let id = id.ok_or_else(|| StoreError::not_found("tariff", &tariff.tariff))?;
    let at = hold(&mut *connection, id).await?;
    let latest = latest(&mut *connection, id).await?;
    if latest.as_ref().is_some_and(|(_, known)| known == tariff) {
        return by_id(connection, id).await;
    }
    if at.state == TariffState::Retired {
        return Err(StoreError::Conflict(format!(
            "tariff {} is retired and cannot change, because what was offered must stay true: give the new one its own name",
            tariff.tariff
        )));
    }
    let version = latest.map_or(1, |(version, _)| version + 1);
    sqlx::query(
        "-- tariff: a version more
        INSERT INTO tariff_version (tariff_id, version, definition, saved_at_ms) VALUES ($1, $2, $3, $4)",
    )
    .bind(id.0)
    .bind(version)
    .bind(to_json(tariff))
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if at.state == TariffState::Draft {
        become_version(&mut *connection, id, version, tariff).await?;
    }
    by_id(connection, id).await
}

/// The latest version of a tariff.
async fn latest(connection: &mut Connection, tariff: TariffId) -> Result<Option<(i64, Tariff)>> {
    let row = sqlx::query_as::<Engine, (i64, String)>(
        "-- tariff: its latest version
        SELECT version, definition FROM tariff_version WHERE tariff_id = $1 ORDER BY version DESC LIMIT 1",
    )
    .bind(tariff.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("tariff_version", tariff.0);
    row.map(|(version, definition)| Ok((version, origin.json("definition", &definition)?))).transpose()
}

/// Makes a version what the tariff is, campaigns included.
async fn become_version(connection: &mut Connection, id: TariffId, version: i64, tariff: &Tariff) -> Result<()> {
    let changed = sqlx::query(
        "-- tariff: it is another version of itself
        UPDATE tariff SET version = $2, name = $3, definition = $4 WHERE id = $1",
    )
    .bind(id.0)
    .bind(version)
    .bind(&tariff.name)
    .bind(to_json(tariff))
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "tariff")?;
    sqlx::query(
        "-- tariff: its campaigns are named anew
        DELETE FROM tariff_campaign WHERE tariff_id = $1",
    )
    .bind(id.0)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    for campaign in &tariff.campaigns {
        let known = super::campaign::by_name(&mut *connection, campaign).await?;
        sqlx::query(
            "-- tariff: a campaign that offers it
            INSERT INTO tariff_campaign (tariff_id, campaign_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(id.0)
        .bind(known.id.0)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    Ok(())
}

/// A version of a tariff that is there.
async fn version_of(connection: &mut Connection, id: TariffId, version: i64) -> Result<Tariff> {
    let definition = sqlx::query_scalar::<Engine, String>(
        "-- tariff: one of its versions
        SELECT definition FROM tariff_version WHERE tariff_id = $1 AND version = $2",
    )
    .bind(id.0)
    .bind(version)
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("version of the tariff", version))?;
    Origin::new("tariff_version", id.0).json("definition", &definition)
}

/// Accepts that a version is published at an instant to come, instead of what was accepted before.
pub(super) async fn schedule(connection: &mut Connection, id: TariffId, next: NextVersion) -> Result<StoredTariff> {
    let at = hold(&mut *connection, id).await?;
    let offered = at.state == TariffState::Published && at.version >= next.version;
    if at.state == TariffState::Retired || offered {
        return publishable(by_id(connection, id).await?, next.version);
    }
    version_of(&mut *connection, id, next.version).await?;
    let accepted = sqlx::query(
        "-- tariff: a version that is published when its time comes
        UPDATE tariff SET next_version = $2, next_at_ms = $3 WHERE id = $1",
    )
    .bind(id.0)
    .bind(next.version)
    .bind(next.at.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(accepted.rows_affected(), "tariff")?;
    by_id(connection, id).await
}

/// Offers a version from now on, instead of the one that was offered, and ends the tariff that it replaces.
pub(super) async fn publish(
    connection: &mut Connection,
    id: TariffId,
    version: i64,
    now: Timestamp,
) -> Result<StoredTariff> {
    // Refusals that are being written are waited for: the steps read by number and must not miss one.
    sqlx::query(dialect::SETTLE_REFUSALS).execute(&mut *connection).await.map_err(failed)?;
    let at = hold(&mut *connection, id).await?;
    let offered = at.state == TariffState::Published && at.version >= version;
    if at.state == TariffState::Retired || offered {
        return publishable(by_id(connection, id).await?, version);
    }
    let tariff = version_of(&mut *connection, id, version).await?;
    let begun = sqlx::query(
        "-- publish: offer a version from now on, and look at all refusals; what an earlier one put back is taken back
        UPDATE tariff SET state = 'published', published_at_ms = $2, pass_at_ms = $2, reopened_to_refusal_id = 0,
            reopened_all_at_ms = NULL, taken_back_to_reopening_id = 0,
            taken_back_all_at_ms = CASE state WHEN 'draft' THEN $2 END,
            next_at_ms = CASE WHEN next_version > $3 THEN next_at_ms END,
            next_version = CASE WHEN next_version > $3 THEN next_version END
        WHERE id = $1 AND state <> 'retired'",
    )
    .bind(id.0)
    .bind(now.as_millisecond())
    .bind(version)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(begun.rows_affected(), "tariff")?;
    become_version(&mut *connection, id, version, &tariff).await?;
    end_price(&mut *connection, id, now).await?;
    begin_price(&mut *connection, id, (version, &tariff), now).await?;
    if let Some(older) = &tariff.replaces {
        let older = key_of(&mut *connection, older).await?.ok_or_else(|| StoreError::not_found("tariff", older))?;
        end(&mut *connection, older, Some(id), now).await?;
    }
    by_id(connection, id).await
}

/// What stands, where it is the version that was asked for.
fn publishable(stored: StoredTariff, version: i64) -> Result<StoredTariff> {
    if stored.state == TariffState::Published && stored.version == version {
        return Ok(stored);
    }
    let (name, offered) = (&stored.tariff.tariff, stored.version);
    Err(StoreError::Conflict(match stored.state {
        TariffState::Retired => format!(
            "tariff {name} has ended, in version {offered}, and what has ended is not offered again: give the new one a name of its own"
        ),
        TariffState::Draft | TariffState::Published => {
            format!("tariff {name} is {} in version {offered}: version {version} is older", stored.state.as_str())
        }
    }))
}

async fn begin_price(
    connection: &mut Connection,
    id: TariffId,
    (version, tariff): (i64, &Tariff),
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "-- publish: what the version costs from now on
        INSERT INTO tariff_price (tariff_id, version, price_minor, currency, per, offered_from_ms) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.0)
    .bind(version)
    .bind(tariff.price.minor)
    .bind(tariff.price.currency.code())
    .bind(&tariff.per)
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

async fn end_price(connection: &mut Connection, id: TariffId, now: Timestamp) -> Result<()> {
    sqlx::query(
        "-- tariff: what it cost until now; a draft cost nothing
        UPDATE tariff_price SET offered_until_ms = $2 WHERE tariff_id = $1 AND offered_until_ms IS NULL",
    )
    .bind(id.0)
    .bind(now.as_millisecond())
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Ends a tariff, and what was accepted for a later day; one that has ended stays as it is.
async fn end(connection: &mut Connection, id: TariffId, by: Option<TariffId>, now: Timestamp) -> Result<()> {
    let ended = sqlx::query(
        "-- tariff: no longer offered; what it put back is taken back
        UPDATE tariff SET state = 'retired', retired_at_ms = $2, replaced_by = $3, next_version = NULL, next_at_ms = NULL,
            taken_back_to_reopening_id = 0, taken_back_all_at_ms = CASE state WHEN 'draft' THEN $2 END
        WHERE id = $1 AND state <> 'retired'",
    )
    .bind(id.0)
    .bind(now.as_millisecond())
    .bind(by.map(|tariff| tariff.0))
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    if ended.rows_affected() == 1 {
        end_price(connection, id, now).await?;
    }
    Ok(())
}

/// Ends a tariff. A draft stays one, without the day for which it was accepted: it was never offered.
pub(super) async fn retire(connection: &mut Connection, tariff: TariffId, now: Timestamp) -> Result<StoredTariff> {
    match hold(&mut *connection, tariff).await?.state {
        TariffState::Draft => unschedule(&mut *connection, tariff).await?,
        TariffState::Published | TariffState::Retired => end(&mut *connection, tariff, None, now).await?,
    }
    by_id(connection, tariff).await
}

async fn unschedule(connection: &mut Connection, tariff: TariffId) -> Result<()> {
    let done = sqlx::query(
        "-- tariff: no version is published by itself
        UPDATE tariff SET next_version = NULL, next_at_ms = NULL WHERE id = $1",
    )
    .bind(tariff.0)
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(done.rows_affected(), "tariff")
}

pub(super) async fn history(connection: &mut Connection, tariff: TariffId) -> Result<TariffHistory> {
    let origin = Origin::new("tariff_version", tariff.0);
    let versions = sqlx::query_as::<Engine, (i64, String, i64)>(
        "-- tariff: its versions
        SELECT version, definition, saved_at_ms FROM tariff_version WHERE tariff_id = $1 ORDER BY version",
    )
    .bind(tariff.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(|(version, definition, saved_at_ms)| {
        let saved_at = origin.instant("saved_at_ms", saved_at_ms)?;
        Ok(TariffVersion { version, tariff: origin.json("definition", &definition)?, saved_at })
    });
    let versions = versions.collect::<Result<_>>()?;
    let origin = Origin::new("tariff_price", tariff.0);
    let prices = sqlx::query_as::<Engine, (i64, i64, String, String, i64, Option<i64>)>(
        "-- tariff: what it cost when
        SELECT version, price_minor, currency, per, offered_from_ms, offered_until_ms
        FROM tariff_price WHERE tariff_id = $1 ORDER BY offered_from_ms, version",
    )
    .bind(tariff.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(|(version, minor, currency, per, from_ms, until_ms)| {
        let currency: Currency = origin.parse("currency", &currency)?;
        let from = origin.instant("offered_from_ms", from_ms)?;
        let until = origin.instant_some("offered_until_ms", until_ms)?;
        Ok(PricePeriod { version, price: Money { minor, currency }, per, from, until })
    });
    Ok(TariffHistory { versions, prices: prices.collect::<Result<_>>()? })
}
