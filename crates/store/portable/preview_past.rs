//! What a preview rests its guesses on: what earlier reopenings brought, the calls of late, and the ceilings people named.

use jiff::Timestamp;
use relance_domain::CampaignId;
use relance_domain::forecast::{CallRate, Trials};
use relance_domain::tariff::Tariff;
use relance_store::Result;
use relance_store::preview::{CeilingCount, LateCalls, PastReopenings};

use super::answering::places;
use super::preview::is_covered;
use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// How many leads stand refused, from the counts that are kept.
pub(super) async fn standing(connection: &mut Connection, campaigns: &[CampaignId]) -> Result<i64> {
    let mut standing = 0;
    for campaign in campaigns {
        standing += sqlx::query_scalar::<Engine, i64>(
            "-- preview: how many leads of a campaign stand refused
            SELECT CAST(COALESCE(SUM(kept.leads), 0) AS BIGINT) FROM lane JOIN (
                SELECT lane_id, leads FROM lead_count WHERE state = 'closed' AND closed_reason = 'refused'
                UNION ALL
                SELECT lane_id, leads FROM lead_count_change WHERE state = 'closed' AND closed_reason = 'refused'
            ) AS kept ON kept.lane_id = lane.id
            WHERE lane.campaign_id = $1",
        )
        .bind(campaign.0)
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    }
    Ok(standing)
}

pub(super) async fn reopenings(
    connection: &mut Connection,
    campaign: CampaignId,
    limit: i64,
) -> Result<Vec<PastReopenings>> {
    let rows = sqlx::query_as::<Engine, (String, i64, i64)>(
        "-- preview: what the reopenings brought that the latest calls were about
        SELECT refusal.reason, COUNT(*), CAST(SUM(tried.ordered) AS BIGINT)
        FROM (
            SELECT reopening_id, MAX(CASE WHEN class = 'order' THEN 1 ELSE 0 END) AS ordered
            FROM (SELECT reopening_id, class FROM attempt WHERE campaign_id = $1 AND reopening_id IS NOT NULL
                ORDER BY id DESC LIMIT $2) AS calls
            GROUP BY reopening_id) AS tried
        JOIN reopening ON reopening.id = tried.reopening_id
        JOIN refusal ON refusal.id = reopening.refusal_id
        JOIN lead ON lead.id = reopening.lead_id
        WHERE tried.ordered = 1 OR lead.state = 'closed' OR lead.reopening_id <> reopening.id
        GROUP BY refusal.reason ORDER BY refusal.reason",
    )
    .bind(campaign.0)
    .bind(limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("reopening", campaign.0);
    let number = |number: i64| u64::try_from(number).map_err(|_| origin.corrupt("id"));
    rows.into_iter()
        .map(|(reason, tried, orders)| {
            Ok(PastReopenings { reason, trials: Trials { tried: number(tried)?, orders: number(orders)? } })
        })
        .collect()
}

pub(super) async fn calls(
    connection: &mut Connection,
    campaign: CampaignId,
    since: Timestamp,
    limit: i64,
) -> Result<LateCalls> {
    let (attempts, reached, handling_ms, first_ms) = sqlx::query_as::<Engine, (i64, i64, i64, Option<i64>)>(
        "-- preview: the latest calls of a campaign
        SELECT COUNT(*),
            CAST(COALESCE(SUM(CASE WHEN class IN ('no_answer', 'busy', 'machine', 'unreachable') THEN 0 ELSE 1 END), 0) AS BIGINT),
            CAST(COALESCE(SUM(calls.recorded_at_ms - assignment.handed_at_ms), 0) AS BIGINT), MIN(calls.recorded_at_ms)
        FROM (SELECT assignment_id, class, recorded_at_ms FROM attempt WHERE campaign_id = $1 ORDER BY id DESC LIMIT $3) AS calls
        JOIN assignment ON assignment.id = calls.assignment_id AND assignment.ending = 'outcome'
        WHERE calls.recorded_at_ms > $2",
    )
    .bind(campaign.0)
    .bind(since.as_millisecond())
    .bind(limit)
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("attempt", campaign.0);
    let number = |number: i64| u64::try_from(number).map_err(|_| origin.corrupt("recorded_at_ms"));
    let rate = CallRate { attempts: number(attempts)?, reached: number(reached)?, handling_ms: number(handling_ms)? };
    Ok(LateCalls { rate, since: origin.instant_some("recorded_at_ms", first_ms)? })
}

pub(super) async fn ceilings(
    connection: &mut Connection,
    campaign: CampaignId,
    tariff: Option<&Tariff>,
) -> Result<Vec<CeilingCount>> {
    let rows = sqlx::query_as::<Engine, (String, i64, bool, i64)>(concat!(
        "-- price curve: latest refusals of a campaign by the most they would pay
        WITH place AS MATERIALIZED (",
        dialect::relation!("$2", country TEXT, code TEXT, is_region BIGINT, is_postcode BIGINT),
        ")
        SELECT currency, price_ceiling_minor, is_free, COUNT(*) FROM (
            SELECT latest.currency, latest.price_ceiling_minor, latest.standing = 'refused' AND ",
        is_covered!("$3"),
        " AS is_free
            FROM latest_refusal AS latest WHERE latest.campaign_id = $1 AND latest.price_ceiling_minor IS NOT NULL) AS named
        GROUP BY currency, price_ceiling_minor, is_free ORDER BY currency, price_ceiling_minor, is_free"
    ))
    .persistent(false)
    .bind(campaign.0)
    .bind(to_json(&tariff.map(places).unwrap_or_default()))
    .bind(tariff.map_or(0, |tariff| i64::try_from(tariff.regions.len()).unwrap_or(i64::MAX)))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("latest_refusal", campaign.0);
    rows.into_iter()
        .map(|(currency, ceiling_minor, is_free, refusals)| {
            Ok(CeilingCount { currency: origin.parse("currency", &currency)?, ceiling_minor, is_free, refusals })
        })
        .collect()
}
