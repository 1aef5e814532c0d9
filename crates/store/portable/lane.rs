//! Lanes: the leads of a list that open and close together. What decides a lead's lane is told once, by the view `lead_lane_key`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use relance_domain::{CampaignId, LaneId, LeadId, ListId, UserId};
use relance_store::campaign::{Lane, LaneTraits};
use relance_store::{Result, StoreError};

use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// What decides a lead's lane, as it is stored: the columns of `lead_lane_key` after the list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LaneKey<'a> {
    pub(super) time_zone: &'a str,
    pub(super) place: &'a str,
    pub(super) consent: &'static str,
    pub(super) hours_waiver: bool,
    pub(super) language: &'a str,
}

#[derive(sqlx::FromRow)]
struct LaneRow {
    id: i64,
    campaign_id: i64,
    list_id: i64,
    time_zone: String,
    place: String,
    consent: String,
    hours_waiver: String,
    language: String,
    reserved_for: i64,
    relationship: String,
    weight: Option<i64>,
    mix_pass: Option<i64>,
}

impl LaneRow {
    fn into_lane(self) -> Result<Lane> {
        let (origin, list) = (Origin::new("lane", self.id), Origin::new("list", self.list_id));
        // A zone that this node's time-zone database does not know yet: its people are not callable here.
        let zone = (!self.time_zone.is_empty()).then(|| self.time_zone.parse().ok()).flatten();
        if zone.is_none() && !self.time_zone.is_empty() {
            tracing::warn!(lane = self.id, zone = self.time_zone, "lane.zone_unknown");
        }
        Ok(Lane {
            id: LaneId(self.id),
            campaign: CampaignId(self.campaign_id),
            list: ListId(self.list_id),
            relationship: list.word("relationship", &self.relationship)?,
            weight: self.weight.map(|weight| u32::try_from(weight).map_err(|_| list.corrupt("weight"))).transpose()?,
            mix_pass: self.mix_pass,
            traits: LaneTraits {
                zone,
                place: origin.parse("place", &self.place)?,
                consent: origin.word("consent", &self.consent)?,
                hours_waiver: self.hours_waiver == "yes",
                language: Some(self.language).filter(|language| !language.is_empty()),
                reserved_for: Some(UserId(self.reserved_for)).filter(|user| user.0 != 0),
            },
        })
    }
}

/// The lanes of lists that are visible: of one campaign, or of all that run.
pub(super) async fn open(connection: &mut Connection, campaign: Option<CampaignId>) -> Result<Vec<Lane>> {
    sqlx::query_as::<Engine, LaneRow>(
        "-- lane: those of a campaign, or of all that run
        SELECT lane.id, lane.campaign_id, lane.list_id, lane.time_zone, lane.place, lane.consent, lane.hours_waiver, lane.language,
            lane.reserved_for, list.relationship, list.weight, turn.mix_pass
        FROM lane
        JOIN list ON list.id = lane.list_id AND list.state <> 'staging'
        JOIN campaign ON campaign.id = lane.campaign_id
        LEFT JOIN (
            SELECT list.id, (SELECT mix_pass FROM assignment WHERE assignment.list_id = list.id AND mix_pass IS NOT NULL
                ORDER BY assignment.id DESC LIMIT 1) AS mix_pass
            FROM list JOIN campaign ON campaign.id = list.campaign_id AND campaign.state = 'running'
            WHERE list.state = 'loaded') AS turn ON turn.id = lane.list_id
        WHERE ($1 IS NOT NULL AND lane.campaign_id = $1) OR ($1 IS NULL AND campaign.state = 'running')
        ORDER BY lane.id",
    )
    .bind(campaign.map(|campaign| campaign.0))
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(LaneRow::into_lane)
    .collect()
}

/// The lanes of a list that is being loaded, made where they are missing.
pub(super) async fn of_load<'a>(
    connection: &mut Connection,
    list: ListId,
    campaign: CampaignId,
    wanted: &BTreeSet<LaneKey<'a>>,
) -> Result<BTreeMap<LaneKey<'a>, i64>> {
    let mut lanes = BTreeMap::new();
    for key in wanted {
        lanes.insert(key.clone(), one(&mut *connection, list, campaign, key).await?);
    }
    Ok(lanes)
}

async fn one(connection: &mut Connection, list: ListId, campaign: CampaignId, key: &LaneKey<'_>) -> Result<i64> {
    let hours_waiver = if key.hours_waiver { "yes" } else { "no" };
    let present = sqlx::query_scalar::<Engine, i64>(
        "-- load: a lane of the list
        SELECT id FROM lane WHERE list_id = $1 AND time_zone = $2 AND place = $3 AND consent = $4 AND hours_waiver = $5
            AND language = $6 AND reserved_for = 0",
    )
    .bind(list.0)
    .bind(key.time_zone)
    .bind(key.place)
    .bind(key.consent)
    .bind(hours_waiver)
    .bind(key.language)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    if let Some(lane) = present {
        return Ok(lane);
    }
    sqlx::query_scalar::<Engine, i64>(
        "-- load: a lane that people of the list are the first in
        INSERT INTO lane (campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
        VALUES ($1, $2, $3, $4, $5, $6, $7, 0) RETURNING id",
    )
    .bind(campaign.0)
    .bind(list.0)
    .bind(key.time_zone)
    .bind(key.place)
    .bind(key.consent)
    .bind(hours_waiver)
    .bind(key.language)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

/// The two statements that put leads into the lanes in which they belong, for the leads that a condition names.
macro_rules! settle {
    ($purpose:literal, $condition:expr) => {
        [
            concat!(
                "-- ", $purpose, ": lanes that are needed
        INSERT INTO lane (campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
        SELECT DISTINCT wanted.campaign_id, wanted.list_id, wanted.time_zone, wanted.place, wanted.consent, wanted.hours_waiver,
            wanted.language, wanted.reserved_for
        FROM lead_lane_key AS wanted
        WHERE wanted.client_id IN (", $condition, ")
            AND NOT EXISTS (SELECT 1 FROM lane WHERE lane.list_id = wanted.list_id AND lane.time_zone = wanted.time_zone
                AND lane.place = wanted.place AND lane.consent = wanted.consent AND lane.hours_waiver = wanted.hours_waiver
                AND lane.language = wanted.language AND lane.reserved_for = wanted.reserved_for)
        ON CONFLICT DO NOTHING"
            ),
            concat!(
                "-- ", $purpose, ": leads go to the lanes in which they belong
        UPDATE lead SET lane_id = wanted.lane_id FROM (
            SELECT key.lead_id, lane.id AS lane_id
            FROM lead_lane_key AS key
            JOIN lane ON lane.list_id = key.list_id AND lane.time_zone = key.time_zone AND lane.place = key.place
                AND lane.consent = key.consent AND lane.hours_waiver = key.hours_waiver AND lane.language = key.language
                AND lane.reserved_for = key.reserved_for
            WHERE key.client_id IN (", $condition, ")) AS wanted
        WHERE lead.id = wanted.lead_id AND lead.lane_id <> wanted.lane_id"
            ),
        ]
    };
}

/// One client's leads, after something that decides their lanes has changed.
pub(super) async fn settle_client(connection: &mut Connection, client: i64) -> Result<()> {
    run(connection, settle!("client", "SELECT CAST($1 AS BIGINT)"), client).await
}

/// The same for several clients.
pub(super) async fn settle_clients(connection: &mut Connection, clients: &[i64]) -> Result<()> {
    let clients = to_json(&clients);
    let statements = settle!("clients", concat!("SELECT CAST(sent.value AS BIGINT) FROM ", dialect::sent!("$1")));
    for statement in statements {
        sqlx::query(statement).bind(&clients).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

/// The leads of everybody about whom a list changes something.
pub(super) async fn settle_changed(connection: &mut Connection, list: ListId) -> Result<()> {
    run(connection, settle!("changes", "SELECT client_id FROM client_change WHERE list_id = $1"), list.0).await
}

async fn run(connection: &mut Connection, statements: [&'static str; 2], about: i64) -> Result<()> {
    for statement in statements {
        sqlx::query(statement).bind(about).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

/// Keeps a lead for one operator, or for anybody.
pub(super) async fn reserve(connection: &mut Connection, lead: LeadId, operator: Option<UserId>) -> Result<()> {
    let client = sqlx::query_scalar::<Engine, i64>(
        "-- lead: for whom it is kept
        UPDATE lead SET reserved_for = $2, reserved_until_ms = NULL WHERE id = $1 AND state <> 'closed' RETURNING client_id",
    )
    .bind(lead.0)
    .bind(operator.map(|operator| operator.0))
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    match client {
        Some(client) => settle_client(connection, client).await,
        None if exists(connection, lead).await? => {
            Err(StoreError::Conflict(format!("lead {lead} is closed: there is nothing to keep for anybody")))
        }
        None => Err(StoreError::not_found("lead", lead)),
    }
}

/// Leads that were kept for somebody who is gone are anybody's.
pub(super) async fn release_reserved(connection: &mut Connection, operator: UserId) -> Result<()> {
    let clients = sqlx::query_scalar::<Engine, i64>(
        "-- user: leads that were kept for somebody who is gone
        UPDATE lead SET reserved_for = NULL, reserved_until_ms = NULL WHERE reserved_for = $1 RETURNING client_id",
    )
    .bind(operator.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    settle_clients(connection, &clients).await
}

/// At most `limit` leads that were kept for the operator who had the refusal are anybody's, because the time for it is over or that
/// operator is not there; tells how many.
pub(super) async fn release_kept(connection: &mut Connection, now: Timestamp, limit: i64) -> Result<u64> {
    let kept = sqlx::query_scalar::<Engine, i64>(dialect::KEPT_TOO_LONG)
        .bind(now.as_millisecond())
        .bind(limit)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let clients = sqlx::query_scalar::<Engine, i64>(concat!(
        "-- loop: leads that were kept for an operator are anybody's
        UPDATE lead SET reserved_for = NULL, reserved_until_ms = NULL
        WHERE reserved_until_ms IS NOT NULL AND id IN (SELECT CAST(sent.value AS BIGINT) FROM ",
        dialect::sent!("$1"),
        ") RETURNING client_id"
    ))
    .bind(to_json(&kept))
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    settle_clients(connection, &clients).await?;
    Ok(kept.len() as u64)
}

async fn exists(connection: &mut Connection, lead: LeadId) -> Result<bool> {
    sqlx::query_scalar::<Engine, bool>("-- lead: is there one?\nSELECT EXISTS (SELECT 1 FROM lead WHERE id = $1)")
        .bind(lead.0)
        .fetch_one(connection)
        .await
        .map_err(failed)
}

/// Adds up changes of the counts.
pub(super) async fn add_up_counts(connection: &mut Connection, limit: i64) -> Result<u64> {
    let added = sqlx::query_scalar::<Engine, i64>(dialect::ADD_UP_COUNTS)
        .bind(limit)
        .fetch_one(connection)
        .await
        .map_err(failed)?;
    Ok(u64::try_from(added).unwrap_or(0))
}
