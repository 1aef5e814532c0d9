//! Which standing refusals a tariff answers: the declared conditions of their reasons, held against a set of refusals at once.
//!
//! The conditions come as rows, one for each alternative of a reason, and the statement is always the same. What it finds is what
//! `relance_domain::matching` says of each refusal by itself; a property of the conformance suite holds the two together.

use std::collections::BTreeMap;

use relance_domain::definition::{Definition, FeatureValue, Features, ReopenCondition};
use relance_domain::fault::{self, Fault};
use relance_domain::matching::{YEAR, last_day, offered_units};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::tariff::{Region, Tariff};
use relance_domain::{CampaignId, RefusalId, Span};
use relance_store::Result;
use relance_store::preview::Ends;
use relance_store::tariff::{AnswerPage, AnsweredPage, OfferedBy, RefusalRow};
use serde::Serialize;

use super::ending::{bind_ends, goes_back, left_uncalled, of_what_ends, waits, waits_uncalled, will_stand_refused};
use super::refusal::AnsweredRow;
use super::rows::to_json;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// An alternative of a reason as the statement takes it: 0 or 1 for what is asked, otherwise the bound that a refusal must keep.
#[derive(Debug, Serialize)]
pub(super) struct RuleRow<'a> {
    pub(super) reason: &'a str,
    pub(super) alternative: usize,
    /// The price is at most the ceiling.
    pub(super) ceiling: i64,
    /// The price is below what was offered, by a share and by an amount.
    pub(super) offered: i64,
    pub(super) share: i64,
    pub(super) less: i64,
    pub(super) competitor: i64,
    pub(super) commitment: i64,
    pub(super) features: i64,
    pub(super) address: i64,
    /// The contract ends on this day or before; empty where none is asked for.
    pub(super) contract_by: String,
    /// Refused at or before this instant.
    pub(super) refused_by: i64,
    /// Fewer reopenings than this in a year; 0 where it is not asked for.
    pub(super) yearly: i64,
    pub(super) date: i64,
}

/// The rows of a definition's reasons.
fn rules<'a>(page: &AnswerPage<'_>, definition: &'a Definition) -> Vec<RuleRow<'a>> {
    let alternatives = definition.reasons.iter().flat_map(|reason| {
        reason.reopened_by.iter().enumerate().map(move |(alternative, conditions)| (reason, alternative, conditions))
    });
    alternatives
        .filter(|(_, _, conditions)| !conditions.is_empty())
        .map(|(reason, alternative, conditions)| rule(page, (&reason.code, alternative), conditions))
        .collect()
}

pub(super) fn rule<'a>(
    page: &AnswerPage<'_>,
    (reason, alternative): (&'a str, usize),
    conditions: &[ReopenCondition],
) -> RuleRow<'a> {
    let is_timed = conditions.iter().any(|condition| condition.is_timed());
    let known_by = if is_timed { page.timed_by } else { page.refused_by };
    let mut row = RuleRow {
        reason,
        alternative,
        ceiling: 0,
        offered: 0,
        share: 0,
        less: 0,
        competitor: 0,
        commitment: 0,
        features: 0,
        address: 0,
        contract_by: String::new(),
        refused_by: known_by.as_millisecond(),
        yearly: 0,
        date: 0,
    };
    for condition in conditions {
        match condition {
            ReopenCondition::PriceWithinCeiling => row.ceiling = 1,
            ReopenCondition::PriceBelowOffered => (row.offered, row.less) = (1, row.less.max(1)),
            ReopenCondition::BelowOfferedByPercent(percent) => {
                (row.offered, row.share) = (1, row.share.max(i64::from(*percent).min(100)));
            }
            ReopenCondition::BelowOfferedBy(minor) => (row.offered, row.less) = (1, row.less.max(*minor)),
            ReopenCondition::BelowCompetitor => row.competitor = 1,
            ReopenCondition::CommitmentShortEnough => row.commitment = 1,
            ReopenCondition::HasWantedFeatures => row.features = 1,
            ReopenCondition::CoversAddress => row.address = 1,
            ReopenCondition::ContractEndsWithin(span) => {
                let by = last_day(page.tariff.today(page.now), *span).to_string();
                row.contract_by = if row.contract_by.is_empty() { by } else { row.contract_by.min(by) };
            }
            ReopenCondition::DaysSince(days) => {
                let by = Span::days(i64::from(*days)).before(page.now).as_millisecond();
                row.refused_by = row.refused_by.min(by);
            }
            ReopenCondition::ReopeningsAYear(most) => {
                let most = i64::from(*most);
                row.yearly = if row.yearly == 0 { most } else { row.yearly.min(most) };
            }
            ReopenCondition::DateHasCome => row.date = 1,
        }
    }
    row
}

#[derive(Serialize)]
struct PriceRow {
    currency: String,
    minor: i64,
}

#[derive(Serialize)]
pub(super) struct OfferRow<'a> {
    feature: &'a str,
    unit: String,
    amount: i64,
}

#[derive(Serialize)]
pub(super) struct PlaceRow {
    country: String,
    code: String,
    is_region: i64,
    is_postcode: i64,
}

/// A feature's unit and amount as they are stored: see `refusal_want`.
pub(super) fn unit_and_amount(code: &str, value: FeatureValue, units: &BTreeMap<String, String>) -> (String, i64) {
    match value {
        FeatureValue::Has(has) => (String::new(), i64::from(has)),
        FeatureValue::Amount(amount) => (units.get(code).map_or("?", String::as_str).to_owned(), amount),
    }
}

pub(super) fn offers<'a>(features: &'a Features, units: &BTreeMap<String, String>) -> Vec<OfferRow<'a>> {
    let offer = |(feature, value): (&'a String, &FeatureValue)| {
        let (unit, amount) = unit_and_amount(feature, *value, units);
        OfferRow { feature, unit, amount }
    };
    features.iter().map(offer).collect()
}

pub(super) fn places(tariff: &Tariff) -> Vec<PlaceRow> {
    let places = tariff.regions.iter().filter_map(|text| Region::parse(text));
    places
        .map(|region| PlaceRow {
            country: region.country.unwrap_or_default().to_owned(),
            code: region.code.to_ascii_uppercase(),
            is_region: region.is_region.into(),
            is_postcode: region.is_postcode.into(),
        })
        .collect()
}

/// Binds what [`answered!`] reads: `$1` to `$4` the rows of rules, prices, features and places, `$5` the campaign, `$6` and `$7` the
/// keys between which refusals are looked at, `$8` the commitment in months, `$9` today, `$10` since when reopenings are counted,
/// `$11` how many places the tariff names, `$12` the seller of the campaign's calls.
macro_rules! bind_offer {
    ($query:expr, $page:expr, $by:expr, $to:expr) => {{
        let (page, by): (&AnswerPage<'_>, &OfferedBy) = ($page, $by);
        let prices = page.tariff.prices().map(|price| PriceRow {
            currency: price.currency.into(),
            minor: if fault::is_on(Fault::AnyPriceAnswers) { 0 } else { price.minor },
        });
        let units = offered_units(page.tariff, &by.definition);
        $query
            .bind(to_json(&rules(page, &by.definition)))
            .bind(to_json(&prices.collect::<Vec<_>>()))
            .bind(to_json(&offers(&page.tariff.features, &units)))
            .bind(to_json(&places(page.tariff)))
            .bind(by.campaign.0)
            .bind(page.after.0)
            .bind($to.0)
            .bind(i64::from(page.tariff.commitment_months))
            .bind(page.tariff.today(page.now).to_string())
            .bind(YEAR.before(page.now).as_millisecond())
            .bind(i64::try_from(page.tariff.regions.len()).unwrap_or(i64::MAX))
            .bind(by.definition.seller.clone())
    }};
}

/// The rows that a statement about answered refusals begins with.
macro_rules! offer {
    () => {
        concat!(
            "WITH rule AS MATERIALIZED (",
            dialect::relation!(
                "$1",
                reason TEXT, alternative BIGINT, ceiling BIGINT, offered BIGINT, share BIGINT, less BIGINT, competitor BIGINT,
                commitment BIGINT, features BIGINT, address BIGINT, contract_by TEXT, refused_by BIGINT, yearly BIGINT, date BIGINT
            ),
            "), price AS MATERIALIZED (",
            dialect::relation!("$2", currency TEXT, minor BIGINT),
            "), offer AS MATERIALIZED (",
            dialect::relation!("$3", feature TEXT, unit TEXT, amount BIGINT),
            "), place AS MATERIALIZED (",
            dialect::relation!("$4", country TEXT, code TEXT, is_region BIGINT, is_postcode BIGINT),
            ")"
        )
    };
}

/// The most that the tariff may cost, in minor units, for what a rule says of prices: without bound where it says nothing, and less
/// than any price where the refusal lacks what is compared.
macro_rules! most_minor {
    () => {
        dialect::least!(
            "CASE WHEN rule.ceiling = 0 THEN 9223372036854775807 ELSE COALESCE(refusal.price_ceiling_minor, -1) END",
            "CASE WHEN rule.offered = 0 THEN 9223372036854775807 WHEN refusal.offered_price_minor IS NULL THEN -1
                WHEN refusal.offered_price_minor * (100 - rule.share) / 100 < refusal.offered_price_minor - rule.less
                    THEN refusal.offered_price_minor * (100 - rule.share) / 100
                ELSE refusal.offered_price_minor - rule.less END",
            "CASE WHEN rule.competitor = 0 THEN 9223372036854775807 ELSE COALESCE(refusal.competitor_price_minor - 1, -1) END"
        )
    };
}

/// Whether the tariff is to be had where it would have to be.
macro_rules! covered {
    () => {
        concat!(
            "($11 = 0 OR EXISTS (SELECT 1 FROM place WHERE (place.country = '' OR place.country = client.country) AND (
                (place.is_region = 1 AND refusal.coverage IS NULL AND ",
            dialect::capitals!("client.region"),
            " = place.code) OR (place.is_postcode = 1 AND ",
            dialect::capitals!("SUBSTR(COALESCE(refusal.coverage, client.postcode), 1, LENGTH(place.code))"),
            " = place.code))))"
        )
    };
}

/// A lead that stands refused.
macro_rules! stands_refused {
    () => {
        "lead.state = 'closed'
                AND lead.closed_reason = 'refused'"
    };
}

/// Refusals of a campaign whose lead is as given with the rules that they meet, whatever the price: a refusal once for each
/// alternative. What is said of reopenings that do not count is said besides.
macro_rules! answered {
    ($lead:expr, $uncounted:expr) => {
        concat!(
            "FROM rule
            JOIN refusal ON refusal.campaign_id = $5 AND refusal.reason = rule.reason AND refusal.id > $6 AND refusal.id <= $7
                AND refusal.refused_at_ms <= rule.refused_by
            LEFT JOIN price ON price.currency = refusal.currency
            JOIN lead ON lead.id = refusal.lead_id AND lead.refusal_id = refusal.id AND ",
            $lead,
            "
            JOIN client ON client.id = lead.client_id
            JOIN list ON list.id = lead.list_id
            WHERE (rule.commitment = 0 OR COALESCE($8 <= refusal.max_months, FALSE))
                AND (rule.contract_by = '' OR COALESCE(refusal.contract_end <= rule.contract_by, FALSE))
                AND (rule.date = 0 OR COALESCE(refusal.call_after <= $9, FALSE))
                AND (rule.features = 0 OR (
                    EXISTS (SELECT 1 FROM refusal_want AS want WHERE want.refusal_id = refusal.id)
                    AND NOT EXISTS (SELECT 1 FROM refusal_want AS want WHERE want.refusal_id = refusal.id
                        AND NOT (want.unit = '' AND want.amount = 0)
                        AND NOT EXISTS (SELECT 1 FROM offer WHERE offer.feature = want.feature AND offer.unit = want.unit
                            AND offer.amount >= want.amount))))
                AND (rule.address = 0 OR (
                    (refusal.coverage IS NOT NULL OR client.region IS NOT NULL OR client.postcode IS NOT NULL) AND ",
            covered!(),
            "))
                AND (rule.yearly = 0 OR rule.yearly > (
                    SELECT COUNT(*) FROM lead AS theirs JOIN reopening ON reopening.lead_id = theirs.id
                    WHERE theirs.client_id = lead.client_id AND reopening.taken_back_at_ms IS NULL
                        AND reopening.reopened_at_ms > $10",
            $uncounted,
            "))"
        )
    };
}

/// Whether the price meets what a rule says of prices. A price that is not known in the refusal's currency meets nothing.
macro_rules! at_this_price {
    () => {
        concat!(
            "((rule.ceiling = 0 AND rule.offered = 0 AND rule.competitor = 0) OR COALESCE(price.minor <= ",
            most_minor!(),
            ", FALSE))"
        )
    };
}

/// What is read of an answered refusal: the columns of [`AnsweredRow`]. `$13` is since when things hold people back.
macro_rules! answer_columns {
    () => {
        concat!(
            "refusal.id, refusal.lead_id, lead.lane_id, refusal.campaign_id, lead.client_id, client.phone, refusal.reason,
            rule.alternative, ",
            covered!(),
            " AS covered,
            refusal.price_ceiling_minor, refusal.max_months, refusal.wanted_features, refusal.coverage, refusal.competitor,
            refusal.competitor_price_minor, refusal.contract_end, refusal.call_after, refusal.tariff_offered,
            refusal.offered_name, refusal.offered_price_minor, refusal.currency, refusal.refused_at_ms, client.country,
            client.region, client.postcode, client.time_zone, list.licence_until,
            EXISTS (SELECT 1 FROM assignment WHERE assignment.client_id = lead.client_id
                AND assignment.seller = $12 AND assignment.handed_at_ms > $13) AS is_recent "
        )
    };
}

/// A page of the standing refusals that a tariff answers, with what decides about each.
pub(super) async fn page(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    page: &AnswerPage<'_>,
) -> Result<AnsweredPage> {
    let (mut to, mut last) = (RefusalId(i64::MAX), true);
    for by in page.offered_by {
        if let Some(end) = window(&mut *connection, by.campaign, page).await? {
            (to, last) = (to.min(end), false);
        }
    }
    let mut rows = Vec::new();
    for by in page.offered_by {
        let mut answered = answers(&mut *connection, page, by, to).await?;
        if i64::try_from(answered.len()).unwrap_or(i64::MAX) >= page.limit {
            (to, last) = (answered.last().map_or(to, |row| RefusalId(row.id)), false);
        }
        answered.dedup_by_key(|row| row.id);
        rows.extend(super::refusal::with_facts(&mut *connection, keys, page, by, answered).await?);
    }
    rows.retain(|row| row.id <= to);
    rows.sort_by_key(|row| row.id);
    let to = if last { newest(connection, page.after).await? } else { to };
    Ok(AnsweredPage { rows, to, last })
}

/// The key of the last refusal that is looked at, where the campaign has more of them.
async fn window(connection: &mut Connection, campaign: CampaignId, page: &AnswerPage<'_>) -> Result<Option<RefusalId>> {
    let end = sqlx::query_scalar::<Engine, i64>(
        "-- tariff: where a window over a campaign's refusals ends
        SELECT id FROM refusal WHERE campaign_id = $1 AND id > $2 ORDER BY id LIMIT 1 OFFSET $3",
    )
    .bind(campaign.0)
    .bind(page.after.0)
    .bind(page.look_at - 1)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    Ok(end.map(RefusalId))
}

pub(super) async fn standing_for(
    connection: &mut Connection,
    campaign: CampaignId,
    reason: Option<&str>,
) -> Result<i64> {
    sqlx::query_scalar::<Engine, i64>(
        "-- campaign: refusals that stand, or may stand again, for a reason or for any
        SELECT COUNT(*) FROM latest_refusal WHERE campaign_id = $1 AND ($2 IS NULL OR reason = $2)
            AND standing IN ('refused', 'reopened', 'asked_later', 'assigned')",
    )
    .bind(campaign.0)
    .bind(reason)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

async fn newest(connection: &mut Connection, after: RefusalId) -> Result<RefusalId> {
    let newest = sqlx::query_scalar::<Engine, i64>(
        "-- tariff: the newest refusal
        SELECT COALESCE(MAX(id), 0) FROM refusal",
    )
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    Ok(RefusalId(newest).max(after))
}

async fn answers(
    connection: &mut Connection,
    page: &AnswerPage<'_>,
    by: &OfferedBy,
    to: RefusalId,
) -> Result<Vec<AnsweredRow>> {
    let query = sqlx::query_as::<Engine, AnsweredRow>(concat!(
        "-- tariff: standing refusals of a campaign that a tariff answers\n",
        offer!(),
        " SELECT ",
        answer_columns!(),
        answered!(stands_refused!(), ""),
        " AND ",
        at_this_price!(),
        " AND ($14 = 0 OR ",
        covered!(),
        ") ORDER BY refusal.id, rule.alternative LIMIT $15"
    ))
    // Planned for this tariff and window: what is rare differs from one to the next.
    .persistent(false);
    bind_offer!(query, page, by, to)
        .bind(by.holds_back_from.as_millisecond())
        .bind(i64::from(page.covered_only))
        .bind(page.limit)
        .fetch_all(connection)
        .await
        .map_err(failed)
}

#[derive(Serialize)]
struct Key {
    refusal: i64,
}

/// Those of some refusals that a tariff answers once what it ends is taken back, with what decides about each.
pub(super) async fn among(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    page: &AnswerPage<'_>,
    (by, ends): (&OfferedBy, &Ends),
    refusals: &[RefusalId],
) -> Result<Vec<RefusalRow>> {
    let wanted: Vec<Key> = refusals.iter().map(|refusal| Key { refusal: refusal.0 }).collect();
    let query = sqlx::query_as::<Engine, AnsweredRow>(concat!(
        "-- preview: those of some refusals that a tariff answers\n",
        offer!(),
        " SELECT ",
        answer_columns!(),
        answered!(will_stand_refused!("$15", "$16", "$17"), concat!(" AND NOT ", goes_back!("$15", "$16", "$17"))),
        " AND ",
        at_this_price!(),
        " AND refusal.id IN (SELECT wanted.refusal FROM (",
        dialect::relation!("$14", refusal BIGINT),
        ") AS wanted) ORDER BY refusal.id, rule.alternative"
    ))
    .persistent(false);
    let query = bind_offer!(query, page, by, RefusalId(i64::MAX))
        .bind(by.holds_back_from.as_millisecond())
        .bind(to_json(&wanted));
    let mut rows = bind_ends!(query, ends).fetch_all(&mut *connection).await.map_err(failed)?;
    rows.dedup_by_key(|row| row.id);
    super::refusal::with_facts(connection, keys, page, by, rows).await
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn conditions_of_one_kind_bind_by_the_strictest() {
        let tariff: Tariff = serde_json::from_str(
            r#"{"tariff":"t","name":"T","price":{"minor":1,"currency":"EUR"},"per":"month","fees":[],"features":{},"regions":[],
                "valid_from":"2026-01-01","valid_until":null,"time_zone":"UTC","campaigns":["c"]}"#,
        )
        .expect("a tariff");
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().expect("an instant");
        let page = AnswerPage {
            tariff: &tariff,
            offered_by: &[],
            now,
            after: RefusalId(0),
            refused_by: Timestamp::MIN,
            timed_by: now,
            covered_only: false,
            look_at: 1,
            limit: 1,
        };
        let row = rule(
            &page,
            ("price", 0),
            &[
                ReopenCondition::PriceBelowOffered,
                ReopenCondition::BelowOfferedBy(500),
                ReopenCondition::BelowOfferedByPercent(10),
                ReopenCondition::DaysSince(1),
                ReopenCondition::ContractEndsWithin(Span::days(30)),
            ],
        );
        assert_eq!((row.offered, row.less, row.share), (1, 500, 10));
        assert_eq!(row.refused_by, Span::days(1).before(now).as_millisecond());
        assert_eq!(row.contract_by, "2026-12-24");
    }
}
