//! Whom a tariff would bring back, counted in one pass over `latest_refusal`.
//!
//! A statement counts the refusals of one reason that keep one set of conditions. Every bound of it is a parameter by itself, so that
//! the planner sees what is asked: of ten million refusals it then reads those from a price on, in several processes. A reason
//! with alternatives is counted by inclusion and exclusion, because conditions of two alternatives together are one set as well.
//!
//! A tariff that ends nothing asks what stands. One that ends another, or an older version of itself, asks what will stand once
//! that is taken back: the same statement over the latest refusals joined with those that go back, which are found once.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt;
use relance_domain::definition::ReopenCondition;
use relance_domain::matching::{YEAR, offered_units};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{LaneId, Money, RefusalId};
use relance_store::Result;
use relance_store::preview::{AnsweredCount, Asked, Ends, Stands};
use relance_store::tariff::{AnswerPage, RefusalRow};

use super::answering::{RuleRow, offers, places, rule};
use super::ending::{bind_ends, ending, goes_back, left_uncalled, of_what_ends, waits, waits_uncalled};
use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Conditions of one reason that hold together, for refusals of one currency or of any.
struct Set<'a> {
    rule: RuleRow<'a>,
    /// None where no condition looks at the price.
    price: Option<Money>,
    /// How many alternatives of the reason they are of.
    alternatives: u32,
}

impl Set<'_> {
    /// How a count of it counts among those of its reason.
    fn sign(&self) -> i64 {
        if self.alternatives % 2 == 1 { 1 } else { -1 }
    }
}

/// The sets of conditions that add up to what the campaign's reasons say.
fn sets<'a>(asked: &Asked<'a>) -> Vec<Set<'a>> {
    let page = page(asked);
    let mut sets = Vec::new();
    for reason in &asked.by.definition.reasons {
        let alternatives: Vec<_> = reason.reopened_by.iter().filter(|conditions| !conditions.is_empty()).collect();
        for chosen in 1..1_u32 << alternatives.len() {
            let of = alternatives.iter().enumerate().filter(|(at, _)| chosen & (1 << at) != 0);
            let conditions: Vec<ReopenCondition> =
                of.flat_map(|(_, alternative)| alternative.iter().copied()).collect();
            let set = |price| Set {
                rule: rule(&page, (&reason.code, 0), &conditions),
                price,
                alternatives: chosen.count_ones(),
            };
            let any = set(None);
            if any.rule.ceiling + any.rule.offered + any.rule.competitor == 0 {
                sets.push(any);
            } else {
                sets.extend(asked.tariff.prices().map(|price| set(Some(price))));
            }
        }
    }
    sets
}

/// The asking as the conditions are held against it.
fn page<'a>(asked: &Asked<'a>) -> AnswerPage<'a> {
    AnswerPage {
        tariff: asked.tariff,
        offered_by: std::slice::from_ref(asked.by),
        now: asked.now,
        after: RefusalId(0),
        refused_by: asked.now,
        timed_by: asked.now,
        covered_only: false,
        look_at: i64::MAX,
        limit: i64::MAX,
    }
}

/// Whether the tariff is to be had where it would have to be; the parameter is how many places it names.
macro_rules! is_covered {
    ($places:literal) => {
        concat!(
            "(",
            $places,
            " = 0 OR EXISTS (SELECT 1 FROM place WHERE (place.country = '' OR place.country = latest.country) AND (
                (place.is_region = 1 AND latest.coverage IS NULL AND ",
            dialect::capitals!("latest.region"),
            " = place.code) OR (place.is_postcode = 1 AND ",
            dialect::capitals!("SUBSTR(COALESCE(latest.coverage, latest.postcode), 1, LENGTH(place.code))"),
            " = place.code))))"
        )
    };
}

pub(super) use is_covered;

/// What a statement over latest refusals begins with.
macro_rules! offered {
    () => {
        concat!(
            "WITH offer AS MATERIALIZED (",
            dialect::relation!("$10", feature TEXT, unit TEXT, amount BIGINT),
            "), place AS MATERIALIZED (",
            dialect::relation!("$11", country TEXT, code TEXT, is_region BIGINT, is_postcode BIGINT),
            ")"
        )
    };
}

/// Latest refusals that keep a set of conditions; bound by [`bind_set`]. Without a price there is no currency either. What is said of
/// reopenings that do not count is said besides.
macro_rules! meets {
    ($uncounted:expr) => {
        concat!(
            " latest.campaign_id = $1 AND latest.reason = $2 AND latest.refused_at_ms <= $3
            AND ($4 = '' OR (latest.currency = $4 AND ($6 = 0 OR latest.price_ceiling_minor >= $5)
                AND ($7 = 0 OR ($5 <= latest.offered_price_minor * (100 - $8) / 100 AND $5 <= latest.offered_price_minor - $9))
                AND ($13 = 0 OR latest.competitor_price_minor > $5)))
            AND ($14 = 0 OR latest.max_months >= $15)
            AND ($16 = '' OR latest.contract_end <= $16)
            AND ($17 = 0 OR latest.call_after <= $18)
            AND ($19 = 0 OR (
                EXISTS (SELECT 1 FROM refusal_want AS want WHERE want.refusal_id = latest.refusal_id)
                AND NOT EXISTS (SELECT 1 FROM refusal_want AS want WHERE want.refusal_id = latest.refusal_id
                    AND NOT (want.unit = '' AND want.amount = 0)
                    AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.feature = want.feature AND offer.unit = want.unit
                        AND offer.amount >= want.amount))))
            AND ($20 = 0 OR ((latest.coverage IS NOT NULL OR latest.region IS NOT NULL OR latest.postcode IS NOT NULL) AND ",
            is_covered!("$12"),
            "))
            AND ($21 = 0 OR $21 > (
                SELECT COUNT(*) FROM lead JOIN lead AS theirs ON theirs.client_id = lead.client_id
                JOIN reopening ON reopening.lead_id = theirs.id
                WHERE lead.id = latest.lead_id AND reopening.taken_back_at_ms IS NULL AND reopening.reopened_at_ms > $22",
            $uncounted,
            ")) "
        )
    };
}

/// The latest refusals as they stand once what ends is taken back; those in `staying` have come back for good. Read after [`ending`].
macro_rules! latest_as_if_ended {
    () => {
        "(SELECT latest.lead_id, latest.refusal_id, latest.campaign_id, latest.lane_id, latest.reason,
            CASE WHEN ending.lead_id IS NULL AND latest.standing <> 'refused' THEN latest.standing
                WHEN staying.refusal_id IS NULL THEN 'refused' ELSE 'reopened' END AS standing,
            latest.due_at_ms, latest.currency, latest.price_ceiling_minor, latest.offered_price_minor, latest.competitor_price_minor,
            latest.max_months, latest.coverage, latest.contract_end, latest.call_after, latest.refused_at_ms, latest.country,
            latest.region, latest.postcode
            FROM latest_refusal AS latest
            LEFT JOIN ending ON ending.lead_id = latest.lead_id
            LEFT JOIN staying ON staying.refusal_id = latest.refusal_id) AS latest"
    };
}

/// A statement over latest refusals as it is asked: as they stand, or else as if what ends had been taken back. The latter takes
/// what [`bind_ends`] binds, at the places that are named.
macro_rules! asked_as {
    ($asked:expr, $statement:ident, $itself:literal, $replaced:literal, $after:literal) => {{
        if $asked.ends.is_nothing() {
            $statement!("", "latest_refusal AS latest", "")
        } else {
            $statement!(
                concat!(", ", ending!($itself, $replaced, $after)),
                latest_as_if_ended!(),
                concat!(" AND NOT ", goes_back!($itself, $replaced, $after))
            )
        }
    }};
}

/// Binds what ends, where anything does.
macro_rules! bind_what_ends {
    ($query:expr, $asked:expr) => {
        if $asked.ends.is_nothing() { $query } else { bind_ends!($query, &$asked.ends) }
    };
}

macro_rules! bind_set {
    ($query:expr, $asked:expr, $set:expr) => {{
        let (asked, set): (&Asked<'_>, &Set<'_>) = ($asked, $set);
        let units = offered_units(asked.tariff, &asked.by.definition);
        $query
            .bind(asked.by.campaign.0)
            .bind(set.rule.reason)
            .bind(set.rule.refused_by)
            .bind(set.price.map_or(String::new(), |price| price.currency.code().to_owned()))
            .bind(set.price.map_or(0, |price| price.minor))
            .bind(set.rule.ceiling)
            .bind(set.rule.offered)
            .bind(set.rule.share)
            .bind(set.rule.less)
            .bind(to_json(&offers(&asked.tariff.features, &units)))
            .bind(to_json(&places(asked.tariff)))
            .bind(i64::try_from(asked.tariff.regions.len()).unwrap_or(i64::MAX))
            .bind(set.rule.competitor)
            .bind(set.rule.commitment)
            .bind(i64::from(asked.tariff.commitment_months))
            .bind(set.rule.contract_by.clone())
            .bind(set.rule.date)
            .bind(asked.tariff.today(asked.now).to_string())
            .bind(set.rule.features)
            .bind(set.rule.address)
            .bind(set.rule.yearly)
            .bind(YEAR.before(asked.now).as_millisecond())
    }};
}

#[derive(sqlx::FromRow)]
struct CountRow {
    lane_id: i64,
    country: String,
    region: Option<String>,
    postcode: Option<String>,
    age: i64,
    covered: bool,
    standing: String,
    wait: i64,
    refusals: i64,
    first_due_ms: Option<i64>,
    last_due_ms: Option<i64>,
}

impl CountRow {
    fn into_count(self, set: &Set<'_>) -> Result<AnsweredCount> {
        let origin = Origin::new("latest_refusal", self.lane_id);
        Ok(AnsweredCount {
            reason: set.rule.reason.to_owned(),
            lane: LaneId(self.lane_id),
            country: self.country,
            region: self.region,
            postcode: self.postcode,
            age: usize::try_from(self.age).map_err(|_| origin.corrupt("age"))?,
            covered: self.covered,
            stands: Stands::parse(&self.standing).ok_or_else(|| origin.corrupt("standing"))?,
            wait: usize::try_from(self.wait).map_err(|_| origin.corrupt("wait"))?,
            refusals: self.refusals * set.sign(),
            first_due: origin.instant_some("due_at_ms", self.first_due_ms)?,
            last_due: origin.instant_some("due_at_ms", self.last_due_ms)?,
        })
    }
}

macro_rules! counted {
    ($ending:expr, $latest:expr, $uncounted:expr) => {
        concat!(
            "-- preview: latest refusals that keep a set of conditions, counted by all that is told of them\n",
            offered!(),
            $ending,
            " SELECT lane_id, country, region, postcode, age, covered, standing, wait, COUNT(*) AS refusals,
                MIN(promised_ms) AS first_due_ms, MAX(promised_ms) AS last_due_ms
            FROM (
                SELECT latest.lane_id, latest.country, latest.region, latest.standing,
                    CASE WHEN latest.region IS NULL THEN SUBSTR(latest.postcode, 1, 2) END AS postcode,
                    CAST(CASE WHEN latest.refused_at_ms > $23 THEN 0 WHEN latest.refused_at_ms > $24 THEN 1
                        WHEN latest.refused_at_ms > $25 THEN 2 WHEN latest.refused_at_ms > $26 THEN 3 ELSE 4 END AS BIGINT) AS age,
                    ",
            is_covered!("$12"),
            " AS covered,
                    CAST(CASE WHEN latest.standing NOT IN ('callback', 'asked_later') OR latest.due_at_ms <= $27 THEN 0
                        WHEN latest.due_at_ms <= $28 THEN 1 WHEN latest.due_at_ms <= $29 THEN 2
                        WHEN latest.due_at_ms <= $30 THEN 3 ELSE 4 END AS BIGINT) AS wait,
                    CASE WHEN latest.standing IN ('callback', 'asked_later') THEN latest.due_at_ms END AS promised_ms
                FROM ",
            $latest,
            " WHERE",
            meets!($uncounted),
            ") AS answered
            GROUP BY lane_id, country, region, postcode, age, covered, standing, wait"
        )
    };
}

pub(super) async fn counts(connection: &mut Connection, asked: &Asked<'_>) -> Result<Vec<AnsweredCount>> {
    count_in_memory(&mut *connection).await?;
    let statement = asked_as!(asked, counted, "$31", "$32", "$33");
    let mut counts = Vec::new();
    for set in &sets(asked) {
        let query = sqlx::query_as::<Engine, CountRow>(statement).persistent(false);
        let mut query = bind_set!(query, asked, set);
        for bound in asked.refused_after.iter().chain(&asked.free_by) {
            query = query.bind(bound.as_millisecond());
        }
        let rows = bind_what_ends!(query, asked).fetch_all(&mut *connection).await.map_err(failed)?;
        for row in rows {
            counts.push(row.into_count(set)?);
        }
    }
    Ok(counts)
}

async fn count_in_memory(connection: &mut Connection) -> Result<()> {
    for statement in dialect::COUNT_IN_MEMORY {
        sqlx::query(*statement).execute(&mut *connection).await.map_err(failed)?;
    }
    Ok(())
}

macro_rules! a_few {
    ($ending:expr, $latest:expr, $uncounted:expr) => {
        concat!(
            "-- preview: a few standing refusals that keep a set of conditions\n",
            offered!(),
            $ending,
            " SELECT latest.refusal_id FROM ",
            $latest,
            " WHERE",
            meets!($uncounted),
            " AND latest.standing = 'refused' AND ",
            is_covered!("$12"),
            " LIMIT $23"
        )
    };
}

pub(super) async fn some(connection: &mut Connection, asked: &Asked<'_>, limit: i64) -> Result<Vec<RefusalId>> {
    let statement = asked_as!(asked, a_few, "$24", "$25", "$26");
    let mut some = BTreeSet::new();
    for set in sets(asked).iter().filter(|set| set.alternatives == 1) {
        let query = sqlx::query_scalar::<Engine, i64>(statement).persistent(false);
        let query = bind_set!(query, asked, set).bind(limit);
        let found = bind_what_ends!(query, asked).fetch_all(&mut *connection).await.map_err(failed)?;
        some.extend(found.into_iter().map(RefusalId));
    }
    Ok(some.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).collect())
}

macro_rules! covered_with_lanes {
    ($ending:expr, $latest:expr, $uncounted:expr) => {
        concat!(
            "-- preview: standing refusals that keep a set of conditions, for a choice that no statement can make\n",
            offered!(),
            $ending,
            " SELECT latest.refusal_id, latest.lane_id FROM ",
            $latest,
            " WHERE",
            meets!($uncounted),
            " AND latest.standing = 'refused' AND ",
            is_covered!("$12")
        )
    };
}

/// Who is held out follows from a hash of each refusal's number, which not every database computes: the numbers are read as they come,
/// and those that are held out are kept, so that whoever meets several alternatives counts once.
pub(super) async fn held_out(connection: &mut Connection, asked: &Asked<'_>) -> Result<Vec<(LaneId, i64)>> {
    let Some(hold_out) = asked.tariff.hold_out else { return Ok(Vec::new()) };
    let statement = asked_as!(asked, covered_with_lanes, "$23", "$24", "$25");
    let mut held = BTreeMap::new();
    for set in sets(asked).iter().filter(|set| set.alternatives == 1) {
        let query = sqlx::query_as::<Engine, (i64, i64)>(statement).persistent(false);
        let query = bind_set!(query, asked, set);
        let mut answered = bind_what_ends!(query, asked).fetch(&mut *connection);
        while let Some((refusal, lane)) = answered.try_next().await.map_err(failed)? {
            if hold_out.holds(&asked.tariff.tariff, RefusalId(refusal)) {
                held.insert(refusal, LaneId(lane));
            }
        }
    }
    let mut by_lane = BTreeMap::new();
    for lane in held.into_values() {
        *by_lane.entry(lane).or_insert(0) += 1;
    }
    Ok(by_lane.into_iter().collect())
}

pub(super) async fn to_be_looked_at(connection: &mut Connection, asked: &Asked<'_>) -> Result<Vec<RefusalId>> {
    let lately = sqlx::query_scalar::<Engine, i64>(
        "-- preview: standing refusals of people whom the seller's operators had lately
        SELECT lead.refusal_id
        FROM (SELECT DISTINCT client_id FROM assignment WHERE seller = $1 AND handed_at_ms > $2) AS recent
        JOIN lead ON lead.client_id = recent.client_id
        WHERE lead.campaign_id = $3 AND lead.state = 'closed' AND lead.closed_reason = 'refused' AND lead.refusal_id IS NOT NULL",
    )
    .persistent(false)
    .bind(&asked.by.definition.seller)
    .bind(asked.by.holds_back_from.as_millisecond())
    .bind(asked.by.campaign.0)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut found: BTreeSet<RefusalId> = lately.into_iter().map(RefusalId).collect();
    if !asked.ends.is_nothing() {
        found.extend(lately_among_those_who_go_back(&mut *connection, asked).await?);
    }
    found.extend(maybe_suppressed(connection, asked).await?);
    Ok(found.into_iter().collect())
}

async fn lately_among_those_who_go_back(
    connection: &mut Connection,
    asked: &Asked<'_>,
) -> Result<impl Iterator<Item = RefusalId> + use<>> {
    let query = sqlx::query_scalar::<Engine, i64>(concat!(
        "-- preview: refusals that stand again once what ends is taken back, of people whom the seller's operators had lately
        SELECT lead.refusal_id
        FROM (SELECT DISTINCT client_id FROM assignment WHERE seller = $1 AND handed_at_ms > $2) AS recent
        JOIN lead ON lead.client_id = recent.client_id
        JOIN reopening ON reopening.id = lead.reopening_id
        WHERE lead.campaign_id = $3 AND lead.refusal_id IS NOT NULL AND ",
        of_what_ends!("$4", "$5", "$6"),
        " AND ",
        waits_uncalled!()
    ))
    .persistent(false)
    .bind(&asked.by.definition.seller)
    .bind(asked.by.holds_back_from.as_millisecond())
    .bind(asked.by.campaign.0);
    let lately = bind_ends!(query, &asked.ends).fetch_all(connection).await.map_err(failed)?;
    Ok(lately.into_iter().map(RefusalId))
}

macro_rules! suspected {
    ($ending:expr, $latest:expr, $uncounted:expr) => {
        concat!(
            "-- preview: standing refusals that keep a set of conditions, of people who may be suppressed\n",
            offered!(),
            $ending,
            " SELECT latest.refusal_id FROM maybe_suppressed
            JOIN lead ON lead.client_id = maybe_suppressed.client_id AND lead.campaign_id = $1
            JOIN ",
            $latest,
            " ON latest.lead_id = lead.id
            WHERE",
            meets!($uncounted),
            " AND latest.standing = 'refused'"
        )
    };
}

/// Standing refusals that a tariff answers, of people one of whose numbers was ever suppressed. Most suppressions have closed the
/// leads of their people; these came by a register, or before the number did.
async fn maybe_suppressed(connection: &mut Connection, asked: &Asked<'_>) -> Result<BTreeSet<RefusalId>> {
    let statement = asked_as!(asked, suspected, "$23", "$24", "$25");
    let mut found = BTreeSet::new();
    for set in sets(asked).iter().filter(|set| set.alternatives == 1) {
        let query = sqlx::query_scalar::<Engine, i64>(statement).persistent(false);
        let query = bind_set!(query, asked, set);
        let suspects = bind_what_ends!(query, asked).fetch_all(&mut *connection).await.map_err(failed)?;
        found.extend(suspects.into_iter().map(RefusalId));
    }
    Ok(found)
}

pub(super) async fn among(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    asked: &Asked<'_>,
    refusals: &[RefusalId],
) -> Result<Vec<RefusalRow>> {
    super::answering::among(connection, keys, &page(asked), (asked.by, &asked.ends), refusals).await
}
