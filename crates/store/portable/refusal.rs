//! Refusals, read where a tariff answers them.

use std::collections::{BTreeMap, HashMap, HashSet};

use relance_domain::eligibility::Facts;
use relance_domain::lead::{ClosedReason, LeadState};
use relance_domain::matching::StandingRefusal;
use relance_domain::outcome::Refusal;
use relance_domain::rules::{LastEvents, Try};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, ClientId, Currency, E164, LaneId, LeadId, Money, RefusalId};
use relance_store::Result;
use relance_store::reopening::StandsRefused;
use relance_store::tariff::{AnswerPage, OfferedBy, RefusalRow};

use super::facts::was_connected;
use super::rows::{Origin, to_json};
use super::suppression_hash::{Asked, standing as suppressed_of};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// A refusal that a tariff answers, as the search finds it.
#[derive(sqlx::FromRow)]
pub(super) struct AnsweredRow {
    pub(super) id: i64,
    lead_id: i64,
    lane_id: i64,
    campaign_id: i64,
    client_id: i64,
    phone: String,
    alternative: i64,
    covered: bool,
    #[sqlx(flatten)]
    terms: TermsRow,
    country: String,
    region: Option<String>,
    postcode: Option<String>,
    time_zone: Option<String>,
    licence_until: Option<String>,
    is_recent: bool,
}

/// What was refused and on which terms.
#[derive(sqlx::FromRow)]
struct TermsRow {
    reason: String,
    price_ceiling_minor: Option<i64>,
    max_months: Option<i64>,
    wanted_features: String,
    coverage: Option<String>,
    competitor: Option<String>,
    competitor_price_minor: Option<i64>,
    contract_end: Option<String>,
    call_after: Option<String>,
    tariff_offered: Option<String>,
    offered_name: Option<String>,
    offered_price_minor: Option<i64>,
    currency: String,
    refused_at_ms: i64,
}

impl TermsRow {
    fn into_terms(self, origin: Origin) -> Result<StandsRefused> {
        let currency: Currency = origin.parse("currency", &self.currency)?;
        let money = |minor: i64| Money { minor, currency };
        let max_months = self.max_months.map(u32::try_from).transpose().map_err(|_| origin.corrupt("max_months"))?;
        Ok(StandsRefused {
            refusal: Refusal {
                reason: self.reason,
                price_ceiling: self.price_ceiling_minor.map(money),
                max_months,
                wanted_features: origin.json("wanted_features", &self.wanted_features)?,
                units: BTreeMap::new(),
                coverage: self.coverage,
                competitor: self.competitor,
                competitor_price: self.competitor_price_minor.map(money),
                contract_end: origin.parse_some("contract_end", self.contract_end.as_deref())?,
                call_after: origin.parse_some("call_after", self.call_after.as_deref())?,
                tariff_offered: self.tariff_offered,
            },
            refused_at: origin.instant("refused_at_ms", self.refused_at_ms)?,
            offered: self.offered_name.zip(self.offered_price_minor.map(money)),
        })
    }
}

impl AnsweredRow {
    fn into_refusal(self, mut facts: Facts) -> Result<RefusalRow> {
        let origin = Origin::new("refusal", self.id);
        facts.licence_until = origin.parse_some("licence_until", self.licence_until.as_deref())?;
        let StandsRefused { refusal, refused_at, offered } = self.terms.into_terms(origin)?;
        Ok(RefusalRow {
            id: RefusalId(self.id),
            lead: LeadId(self.lead_id),
            client: ClientId(self.client_id),
            campaign: CampaignId(self.campaign_id),
            lane: LaneId(self.lane_id),
            alternative: usize::try_from(self.alternative).map_err(|_| origin.corrupt("alternative"))?,
            covered: self.covered,
            phone_masked: relance_domain::phone::mask(&self.phone),
            standing: StandingRefusal {
                refusal,
                refused_at,
                offered,
                // What was asked of it holds already.
                reopenings_of_year: 0,
                lead: LeadState::Closed(ClosedReason::Refused),
                number: E164::parse(&self.phone).ok(),
                country: self.country,
                region: self.region,
                postcode: self.postcode,
                zone: origin.parse_some("time_zone", self.time_zone.as_deref())?,
                facts,
            },
        })
    }
}

#[derive(sqlx::FromRow)]
struct ClosingRow {
    id: i64,
    #[sqlx(flatten)]
    terms: TermsRow,
}

/// The refusal that a lead is closed by.
pub(super) async fn that_closes(connection: &mut Connection, lead: LeadId) -> Result<Option<StandsRefused>> {
    let row = sqlx::query_as::<Engine, ClosingRow>(
        "-- why: the refusal that a lead is closed by
        SELECT refusal.id, reason, price_ceiling_minor, max_months, wanted_features, coverage, competitor, competitor_price_minor,
            contract_end, call_after, tariff_offered, offered_name, offered_price_minor, currency, refused_at_ms
        FROM lead JOIN refusal ON refusal.id = lead.refusal_id
        WHERE lead.id = $1 AND lead.state = 'closed' AND lead.closed_reason = 'refused'",
    )
    .bind(lead.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?;
    let Some(ClosingRow { id, terms }) = row else { return Ok(None) };
    let mut stands = terms.into_terms(Origin::new("refusal", id))?;
    stands.refusal.units = units(connection, &[Key { refusal: id }]).await?.remove(&id).unwrap_or_default();
    Ok(Some(stands))
}

/// The refusals with what may hold their people back: whether they are suppressed, and what happened lately.
pub(super) async fn with_facts(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    page: &AnswerPage<'_>,
    by: &OfferedBy,
    rows: Vec<AnsweredRow>,
) -> Result<Vec<RefusalRow>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let suppressed = suppressed_people(&mut *connection, keys, by.campaign, page, &rows).await?;
    let recent: Vec<Person> =
        rows.iter().filter(|row| row.is_recent).map(|row| Person { client: row.client_id }).collect();
    let mut lately = lately(&mut *connection, by, &recent).await?;
    let wanting: Vec<Key> =
        rows.iter().filter(|row| row.terms.wanted_features != "{}").map(|row| Key { refusal: row.id }).collect();
    let mut units = units(connection, &wanting).await?;
    rows.into_iter()
        .map(|row| {
            let facts = lately.remove(&row.client_id).unwrap_or_default();
            let suppressed = suppressed.contains(&row.client_id);
            let of_row = units.remove(&row.id).unwrap_or_default();
            let mut refusal = row.into_refusal(Facts { suppressed, ..facts })?;
            refusal.standing.refusal.units = of_row;
            Ok(refusal)
        })
        .collect()
}

#[derive(serde::Serialize)]
struct Person {
    client: i64,
}

#[derive(serde::Serialize)]
struct Key {
    refusal: i64,
}

/// The units of the amounts that refusals want, by refusal and feature.
async fn units(connection: &mut Connection, wanting: &[Key]) -> Result<HashMap<i64, BTreeMap<String, String>>> {
    let mut units: HashMap<i64, BTreeMap<String, String>> = HashMap::new();
    if wanting.is_empty() {
        return Ok(units);
    }
    let found = sqlx::query_as::<Engine, (i64, String, String)>(concat!(
        "-- tariff: units of what refusals want
        SELECT want.refusal_id, want.feature, want.unit FROM (",
        dialect::relation!("$1", refusal BIGINT),
        ") AS asked JOIN refusal_want AS want ON want.refusal_id = asked.refusal WHERE want.unit NOT IN ('', '?')"
    ))
    .bind(to_json(&wanting))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for (refusal, feature, unit) in found {
        units.entry(refusal).or_default().insert(feature, unit);
    }
    Ok(units)
}

/// Which people must not be called for the campaign, by any of their numbers.
async fn suppressed_people(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    campaign: CampaignId,
    page: &AnswerPage<'_>,
    rows: &[AnsweredRow],
) -> Result<HashSet<i64>> {
    let people: Vec<Person> = rows.iter().map(|row| Person { client: row.client_id }).collect();
    let further = sqlx::query_as::<Engine, (i64, String)>(concat!(
        "-- tariff: further numbers of the people who refused
        SELECT client_phone.client_id, client_phone.phone FROM (",
        dialect::relation!("$1", client BIGINT),
        ") AS asked JOIN client_phone ON client_phone.client_id = asked.client"
    ))
    .bind(to_json(&people))
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let first = rows.iter().map(|row| (row.client_id, row.phone.as_str()));
    let numbers = || first.clone().chain(further.iter().map(|(client, phone)| (*client, phone.as_str())));
    let asked = Asked::about(keys, Origin::new("refusal", page.after.0), numbers().map(|(_, phone)| phone))?;
    let suppressed = suppressed_of(connection, keys, &asked, campaign.0).await?.against;
    Ok(numbers().filter(|(_, phone)| suppressed.contains_key(phone)).map(|(client, _)| client).collect())
}

/// What caps and cool-downs look at, of people to whom something happened lately.
async fn lately(connection: &mut Connection, by: &OfferedBy, people: &[Person]) -> Result<HashMap<i64, Facts>> {
    let mut facts: HashMap<i64, Facts> = HashMap::new();
    if people.is_empty() {
        return Ok(facts);
    }
    let people = to_json(&people);
    let tries = sqlx::query_as::<Engine, (i64, i64, Option<String>)>(concat!(
        "-- tariff: tries of people, for the caps
        SELECT assignment.client_id, assignment.handed_at_ms, attempt.class
        FROM (",
        dialect::relation!("$1", client BIGINT),
        ") AS asked
        JOIN assignment ON assignment.client_id = asked.client AND assignment.seller = $2 AND assignment.handed_at_ms > $3
        LEFT JOIN attempt ON attempt.assignment_id = assignment.id
        WHERE assignment.ending IS NULL OR assignment.ending <> 'returned'
            OR EXISTS (SELECT 1 FROM late_outcome WHERE late_outcome.assignment_id = assignment.id)"
    ))
    .bind(&people)
    .bind(&by.definition.seller)
    .bind(by.holds_back_from.as_millisecond())
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    for (client, handed_at_ms, class) in tries {
        let at = Origin::new("assignment", client).instant("handed_at_ms", handed_at_ms)?;
        // For the caps of one subject or number all count: the hand-out looks again.
        let tried = Try { at, same_subject: true, same_number: true, connected: class.as_deref().map(was_connected) };
        facts.entry(client).or_default().tries.push(tried);
    }
    let last = sqlx::query_as::<Engine, (i64, Option<i64>, Option<i64>)>(concat!(
        "-- tariff: when people last refused, and when somebody last spoke with them
        SELECT attempt.client_id, MAX(CASE WHEN attempt.counts_as = 'refusal' THEN attempt.recorded_at_ms END),
            MAX(CASE WHEN attempt.class NOT IN ('no_answer', 'busy', 'machine', 'unreachable')
                AND attempt.counts_as <> 'abandoned' THEN attempt.recorded_at_ms END)
        FROM (",
        dialect::relation!("$1", client BIGINT),
        ") AS asked
        JOIN attempt ON attempt.client_id = asked.client AND attempt.seller = $2
        GROUP BY attempt.client_id"
    ))
    .bind(&people)
    .bind(&by.definition.seller)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for (client, refused_at_ms, spoken_at_ms) in last {
        let origin = Origin::new("attempt", client);
        let refusal = origin.instant_some("recorded_at_ms", refused_at_ms)?;
        let conversation = origin.instant_some("recorded_at_ms", spoken_at_ms)?;
        facts.entry(client).or_default().last = LastEvents { refusal, conversation, ..LastEvents::default() };
    }
    Ok(facts)
}
