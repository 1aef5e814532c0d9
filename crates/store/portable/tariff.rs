//! Tariffs, and the steps in which one reopens the refusals that it answers.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use relance_domain::eligibility::Facts;
use relance_domain::lead::{LeadEvent, LeadState};
use relance_domain::matching::StandingRefusal;
use relance_domain::outcome::Refusal;
use relance_domain::queue;
use relance_domain::rules::{LastEvents, Try};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::tariff::{Tariff, TariffState};
use relance_domain::{CampaignId, Currency, E164, LeadId, Money, RefusalId, TariffId};
use relance_store::tariff::{RefusalPage, RefusalRow, Reopen, ReopeningStep, StepDone, StoredTariff};
use relance_store::{Result, StoreError};

use super::facts::was_connected;
use super::rows::{Origin, to_json};
use super::suppression_hash::{Asked, standing as suppressed_of};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

#[derive(sqlx::FromRow)]
struct TariffRow {
    id: i64,
    state: String,
    definition: String,
    published_at_ms: Option<i64>,
    retired_at_ms: Option<i64>,
    reopened_to_refusal_id: i64,
    reopened_all_at_ms: Option<i64>,
}

impl TariffRow {
    fn into_tariff(self, campaigns: Vec<CampaignId>) -> Result<StoredTariff> {
        let origin = Origin::new("tariff", self.id);
        Ok(StoredTariff {
            id: TariffId(self.id),
            state: origin.word("state", &self.state)?,
            tariff: origin.json("definition", &self.definition)?,
            campaigns,
            published_at: origin.instant_some("published_at_ms", self.published_at_ms)?,
            retired_at: origin.instant_some("retired_at_ms", self.retired_at_ms)?,
            reopened_to: RefusalId(self.reopened_to_refusal_id),
            reopened_all_at: origin.instant_some("reopened_all_at_ms", self.reopened_all_at_ms)?,
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

pub(super) async fn save(connection: &mut Connection, tariff: &Tariff, now: Timestamp) -> Result<StoredTariff> {
    let id: i64 = sqlx::query_scalar::<Engine, i64>(
        "-- tariff: make it a draft, or replace the draft; a published one is only held
        INSERT INTO tariff (tariff, name, state, definition, created_at_ms) VALUES ($1, $2, 'draft', $3, $4)
        ON CONFLICT (tariff) DO UPDATE SET
            definition = CASE WHEN tariff.state = 'draft' THEN excluded.definition ELSE tariff.definition END,
            name = CASE WHEN tariff.state = 'draft' THEN excluded.name ELSE tariff.name END
        RETURNING id",
    )
    .bind(&tariff.tariff)
    .bind(&tariff.name)
    .bind(to_json(tariff))
    .bind(now.as_millisecond())
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let stored = by_id(&mut *connection, TariffId(id)).await?;
    if stored.state != TariffState::Draft {
        return if stored.tariff == *tariff {
            Ok(stored)
        } else {
            Err(StoreError::Conflict(format!(
                "tariff {} is {} and cannot change, because what was offered must stay true: give the new one its own name",
                tariff.tariff,
                stored.state.as_str()
            )))
        };
    }
    sqlx::query(
        "-- tariff: the draft's campaigns are named anew
        DELETE FROM tariff_campaign WHERE tariff_id = $1",
    )
    .bind(id)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    for campaign in &tariff.campaigns {
        let known = super::campaign::by_name(&mut *connection, campaign).await?;
        sqlx::query(
            "-- tariff: a campaign that offers it
            INSERT INTO tariff_campaign (tariff_id, campaign_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(id)
        .bind(known.id.0)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    by_id(connection, TariffId(id)).await
}

async fn by_id(connection: &mut Connection, tariff: TariffId) -> Result<StoredTariff> {
    let row = sqlx::query_as::<Engine, TariffRow>(
        "-- tariff: by key
        SELECT id, state, definition, published_at_ms, retired_at_ms, reopened_to_refusal_id, reopened_all_at_ms
        FROM tariff WHERE id = $1",
    )
    .bind(tariff.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("tariff", tariff))?;
    let mut campaigns = campaigns_of(connection, Some(tariff)).await?;
    let of_this = campaigns.remove(&row.id).unwrap_or_default();
    row.into_tariff(of_this)
}

pub(super) async fn by_name(connection: &mut Connection, tariff: &str) -> Result<StoredTariff> {
    let id: Option<i64> = sqlx::query_scalar::<Engine, i64>(
        "-- tariff: key of a name
        SELECT id FROM tariff WHERE tariff = $1",
    )
    .bind(tariff)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    by_id(connection, TariffId(id.ok_or_else(|| StoreError::not_found("tariff", tariff))?)).await
}

pub(super) async fn all(connection: &mut Connection) -> Result<Vec<StoredTariff>> {
    let rows = sqlx::query_as::<Engine, TariffRow>(
        "-- tariff: all
        SELECT id, state, definition, published_at_ms, retired_at_ms, reopened_to_refusal_id, reopened_all_at_ms
        FROM tariff ORDER BY tariff",
    )
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut campaigns = campaigns_of(connection, None).await?;
    rows.into_iter()
        .map(|row| {
            let of_this = campaigns.remove(&row.id).unwrap_or_default();
            row.into_tariff(of_this)
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    id: i64,
    lead_id: i64,
    campaign_id: i64,
    client_id: i64,
    phone: String,
    reason: String,
    price_ceiling_minor: Option<i64>,
    wanted_features: String,
    competitor: Option<String>,
    contract_end: Option<String>,
    tariff_offered: Option<String>,
    offered_name: Option<String>,
    offered_price_minor: Option<i64>,
    currency: String,
    refused_at_ms: i64,
    is_current: bool,
    state: String,
    due_at_ms: i64,
    block: Option<String>,
    closed_reason: Option<String>,
    region: Option<String>,
    postcode: Option<String>,
    time_zone: Option<String>,
    licence_until: Option<String>,
    last_refusal_ms: Option<i64>,
    last_spoken_ms: Option<i64>,
    country: String,
}

impl StandingRow {
    fn into_refusal(self, tries: Vec<Try>, suppressed: bool) -> Result<RefusalRow> {
        let origin = Origin::new("refusal", self.id);
        let currency: Currency = origin.parse("currency", &self.currency)?;
        let money = |minor: i64| Money { minor, currency };
        let lead =
            origin.lead_state(&self.state, self.due_at_ms, self.block.as_deref(), self.closed_reason.as_deref())?;
        Ok(RefusalRow {
            id: RefusalId(self.id),
            lead: LeadId(self.lead_id),
            campaign: CampaignId(self.campaign_id),
            phone_masked: relance_domain::phone::mask(&self.phone),
            standing: StandingRefusal {
                refusal: Refusal {
                    reason: self.reason,
                    price_ceiling: self.price_ceiling_minor.map(money),
                    wanted_features: origin.json("wanted_features", &self.wanted_features)?,
                    competitor: self.competitor,
                    contract_end: origin.parse_some("contract_end", self.contract_end.as_deref())?,
                    tariff_offered: self.tariff_offered,
                },
                refused_at: origin.instant("refused_at_ms", self.refused_at_ms)?,
                offered: self.offered_name.zip(self.offered_price_minor.map(money)),
                // An older refusal of a lead that was closed by a newer one no longer stands.
                lead: if self.is_current { lead } else { LeadState::Ready },
                number: E164::parse(&self.phone).ok(),
                country: self.country,
                region: self.region,
                postcode: self.postcode,
                zone: origin.parse_some("time_zone", self.time_zone.as_deref())?,
                facts: Facts {
                    suppressed,
                    tries,
                    last: LastEvents {
                        refusal: origin.instant_some("last_refusal_ms", self.last_refusal_ms)?,
                        conversation: origin.instant_some("last_spoken_ms", self.last_spoken_ms)?,
                        ..LastEvents::default()
                    },
                    licence_until: origin.parse_some("licence_until", self.licence_until.as_deref())?,
                    // A lead that is with an operator is not closed, so that no tariff looks at it.
                    ..Facts::default()
                },
            },
        })
    }
}

pub(super) async fn standing(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    page: &RefusalPage,
) -> Result<Vec<RefusalRow>> {
    let mut found = Vec::new();
    for campaign in &page.campaigns {
        found.extend(standing_of(&mut *connection, keys, *campaign, page).await?);
    }
    found.sort_by_key(|row| row.id);
    found.truncate(usize::try_from(page.limit).unwrap_or(usize::MAX));
    Ok(found)
}

/// The same of one campaign: its refusals, then the suppressions and the tries of all their people at once.
async fn standing_of(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    campaign: CampaignId,
    page: &RefusalPage,
) -> Result<Vec<RefusalRow>> {
    let rows = sqlx::query_as::<Engine, StandingRow>(
        "-- tariff: refusals of a campaign, with what decides about each
        SELECT refusal.id, refusal.lead_id, refusal.campaign_id, lead.client_id, client.phone, refusal.reason,
            refusal.price_ceiling_minor, refusal.wanted_features, refusal.competitor, refusal.contract_end,
            refusal.tariff_offered, refusal.offered_name, refusal.offered_price_minor, refusal.currency,
            refusal.refused_at_ms, COALESCE(lead.refusal_id = refusal.id, FALSE) AS is_current, lead.state,
            lead.due_at_ms, lead.block, lead.closed_reason, client.region, client.postcode, client.time_zone,
            list.licence_until,
            (SELECT MAX(attempt.recorded_at_ms) FROM attempt WHERE attempt.client_id = lead.client_id
                AND attempt.seller = campaign.seller AND attempt.counts_as = 'refusal') AS last_refusal_ms,
            (SELECT MAX(attempt.recorded_at_ms) FROM attempt WHERE attempt.client_id = lead.client_id
                AND attempt.seller = campaign.seller
                AND attempt.class NOT IN ('no_answer', 'busy', 'machine', 'unreachable')) AS last_spoken_ms, client.country
        FROM refusal
        JOIN lead ON lead.id = refusal.lead_id
        JOIN client ON client.id = lead.client_id
        JOIN campaign ON campaign.id = refusal.campaign_id
        JOIN list ON list.id = lead.list_id
        WHERE refusal.campaign_id = $1 AND refusal.id > $2 AND refusal.refused_at_ms <= $3
        ORDER BY refusal.id LIMIT $4",
    )
    .bind(campaign.0)
    .bind(page.after.0)
    .bind(page.until.as_millisecond())
    .bind(page.limit)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(last) = rows.last().map(|row| RefusalId(row.id)) else { return Ok(Vec::new()) };
    let suppressed = suppressed_people(&mut *connection, keys, campaign, page, &rows).await?;
    let tries = tries_of(connection, campaign, page, last).await?;
    rows.into_iter()
        .map(|row| {
            let of_person = tries.get(&row.client_id).cloned().unwrap_or_default();
            let suppressed = suppressed.contains(&row.client_id);
            row.into_refusal(of_person, suppressed)
        })
        .collect()
}

/// Which people of a page of refusals must not be called for the campaign, by any of their numbers.
async fn suppressed_people(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    campaign: CampaignId,
    page: &RefusalPage,
    rows: &[StandingRow],
) -> Result<HashSet<i64>> {
    let further = sqlx::query_as::<Engine, (i64, String)>(
        "-- tariff: further numbers of the people who refused
        SELECT client_id, phone FROM client_phone WHERE client_id IN (
            SELECT lead.client_id FROM refusal JOIN lead ON lead.id = refusal.lead_id
            WHERE refusal.campaign_id = $1 AND refusal.id > $2 AND refusal.id <= $3)",
    )
    .bind(campaign.0)
    .bind(page.after.0)
    .bind(rows.last().map_or(0, |row| row.id))
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let first = rows.iter().map(|row| (row.client_id, row.phone.as_str()));
    let numbers = || first.clone().chain(further.iter().map(|(client, phone)| (*client, phone.as_str())));
    let asked = Asked::about(keys, Origin::new("refusal", page.after.0), numbers().map(|(_, phone)| phone))?;
    let suppressed = suppressed_of(connection, keys, &asked, campaign.0).await?;
    Ok(numbers().filter(|(_, phone)| suppressed.contains_key(phone)).map(|(client, _)| client).collect())
}

/// Tries of the people of a page of refusals for the campaign's seller, by client.
async fn tries_of(
    connection: &mut Connection,
    campaign: CampaignId,
    page: &RefusalPage,
    last: RefusalId,
) -> Result<HashMap<i64, Vec<Try>>> {
    let rows = sqlx::query_as::<Engine, (i64, i64, Option<String>)>(
        "-- tariff: tries of the people who refused, for the caps
        SELECT assignment.client_id, assignment.handed_at_ms, attempt.class FROM assignment
        LEFT JOIN attempt ON attempt.assignment_id = assignment.id
        JOIN campaign ON campaign.id = $1 AND campaign.seller = assignment.seller
        WHERE assignment.handed_at_ms > $2
            AND (assignment.ending IS NULL OR assignment.ending <> 'returned'
                OR EXISTS (SELECT 1 FROM late_outcome WHERE late_outcome.assignment_id = assignment.id))
            AND assignment.client_id IN (
            SELECT lead.client_id FROM refusal JOIN lead ON lead.id = refusal.lead_id
            WHERE refusal.campaign_id = $1 AND refusal.id > $3 AND refusal.id <= $4)",
    )
    .bind(campaign.0)
    .bind(page.tries_since.as_millisecond())
    .bind(page.after.0)
    .bind(last.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let mut tries: HashMap<i64, Vec<Try>> = HashMap::new();
    for (client, handed_at_ms, class) in rows {
        let at = Origin::new("assignment", client).instant("handed_at_ms", handed_at_ms)?;
        // For the caps of one subject or number all count: the hand-out looks again.
        let tried = Try { at, same_subject: true, same_number: true, connected: class.as_deref().map(was_connected) };
        tries.entry(client).or_default().push(tried);
    }
    Ok(tries)
}

pub(super) async fn publish(connection: &mut Connection, tariff: TariffId, now: Timestamp) -> Result<StoredTariff> {
    // Refusals that are being written are waited for: the steps read by number and must not miss one.
    sqlx::query(dialect::SETTLE_REFUSALS).execute(&mut *connection).await.map_err(failed)?;
    sqlx::query(
        "-- publish: offer the draft from now on
        UPDATE tariff SET state = 'published', published_at_ms = $2 WHERE id = $1 AND state = 'draft'",
    )
    .bind(tariff.0)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let stored = by_id(connection, tariff).await?;
    match stored.state {
        TariffState::Published => Ok(stored),
        state => Err(StoreError::Conflict(format!(
            "tariff {} is {} and cannot be published",
            stored.tariff.tariff,
            state.as_str()
        ))),
    }
}

pub(super) async fn reopen(connection: &mut Connection, step: &ReopeningStep, now: Timestamp) -> Result<StepDone> {
    let (state, at, complete) = sqlx::query_as::<Engine, (String, i64, Option<i64>)>(dialect::LOCK_TARIFF)
        .bind(step.tariff.0)
        .fetch_optional(&mut *connection)
        .await
        .map_err(failed)?
        .ok_or_else(|| StoreError::not_found("tariff", step.tariff))?;
    if state != "published" || at != step.from.0 || complete.is_some() {
        return Ok(StepDone::DoneElsewhere);
    }
    let mut reopened = 0;
    for refusal in &step.reopen {
        reopened += reopen_one(&mut *connection, step.tariff, refusal, now).await?;
    }
    sqlx::query(
        "-- publish: remember how far the step came
        UPDATE tariff SET reopened_to_refusal_id = $2, reopened_all_at_ms = $3 WHERE id = $1",
    )
    .bind(step.tariff.0)
    .bind(step.to.0)
    .bind(step.last.then(|| now.as_millisecond()))
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(StepDone::Reopened(reopened))
}

/// Reopens one refusal, unless its lead has moved on or its person has objected since it was read.
async fn reopen_one(connection: &mut Connection, tariff: TariffId, reopen: &Reopen, now: Timestamp) -> Result<u64> {
    let next = LeadState::Closed(relance_domain::lead::ClosedReason::Refused)
        .apply(LeadEvent::Reopen { from: reopen.held.map(|(block, until)| (until, block)) })
        .map_err(|error| StoreError::Database(error.into()))?;
    let (word, due_at_ms, block, _) = next.columns();
    // The refusal's lead, as it may have become one with another since the refusal was read.
    let moved = sqlx::query_scalar::<Engine, i64>(
        "-- publish: the lead goes back to the queue
        UPDATE lead SET state = $3, due_at_ms = $4, block = $5, closed_reason = NULL, priority = $6
        WHERE id = (SELECT lead_id FROM refusal WHERE refusal.id = $2) AND refusal_id = $2 AND state = 'closed' AND closed_reason = 'refused'
            AND NOT EXISTS (SELECT 1 FROM reopening WHERE tariff_id = $1 AND refusal_id = $2)
        RETURNING id",
    )
    .bind(tariff.0)
    .bind(reopen.refusal.0)
    .bind(word)
    .bind(due_at_ms.unwrap_or(now.as_millisecond()))
    .bind(block)
    .bind(queue::REOPENED)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(lead) = moved else { return Ok(0) };
    let reopening: i64 = sqlx::query_scalar::<Engine, i64>(
        "-- publish: why the lead is back
        INSERT INTO reopening (tariff_id, refusal_id, lead_id, campaign_id, because, reopened_at_ms)
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
    )
    .bind(tariff.0)
    .bind(reopen.refusal.0)
    .bind(lead)
    .bind(reopen.campaign.0)
    .bind(&reopen.because)
    .bind(now.as_millisecond())
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query(
        "-- publish: the lead knows why it is back
        UPDATE lead SET reopening_id = $2 WHERE id = $1",
    )
    .bind(lead)
    .bind(reopening)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(1)
}

pub(super) async fn retire(connection: &mut Connection, tariff: TariffId, now: Timestamp) -> Result<StoredTariff> {
    sqlx::query(
        "-- tariff: no longer offered; twice changes nothing
        UPDATE tariff SET state = 'retired', retired_at_ms = $2 WHERE id = $1 AND state <> 'retired'",
    )
    .bind(tariff.0)
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    by_id(connection, tariff).await
}
