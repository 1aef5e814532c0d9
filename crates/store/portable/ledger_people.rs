//! People with all their hand-outs, page by page, to be verified.

use std::collections::{BTreeMap, HashMap};

use relance_domain::E164;
use relance_domain::ledger::{
    AttemptRecord, ClientRecord, HandOutRecord, InRegister, LeadRecord, PersonRecord, PhoneRecord, SuppressionRecord,
};
use relance_domain::phone::is_tombstone;
use relance_domain::suppression::SuppressionKeys;
use relance_store::Result;
use relance_store::ledger::{Part, Parts};

use super::ledger::PAGE;
use super::rows::to_json;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// The clients of a page, by their keys: those after the first and not after the second.
type Range = (i64, i64);

pub(super) async fn read(connection: &mut Connection, keys: &SuppressionKeys, parts: &Parts) -> Result<()> {
    let mut after = 0;
    while let Some(last) = end_of_page(&mut *connection, after).await? {
        parts.hand(Part::People(page(&mut *connection, keys, (after, last)).await?)).await?;
        after = last;
    }
    Ok(())
}

/// The last client of the next page: a person's hand-outs stand in one page, however many they are.
async fn end_of_page(connection: &mut Connection, after: i64) -> Result<Option<i64>> {
    sqlx::query_scalar::<Engine, Option<i64>>(
        "-- verify: where the next page of people ends
        SELECT MAX(client_id) FROM (
            SELECT client_id FROM assignment WHERE client_id > $1 ORDER BY client_id LIMIT $2) AS page",
    )
    .bind(after)
    .bind(PAGE)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

async fn page(connection: &mut Connection, keys: &SuppressionKeys, range: Range) -> Result<Vec<PersonRecord>> {
    let mut people: BTreeMap<i64, PersonRecord> = BTreeMap::new();
    for row in hand_outs(&mut *connection, range).await? {
        let client = row.client_id;
        let person = people.entry(client).or_insert_with(|| PersonRecord { client, ..PersonRecord::default() });
        person.hand_outs.push(row.into_record());
    }
    clients(&mut *connection, range, &mut people).await?;
    further_phones(&mut *connection, range, &mut people).await?;
    suppressions(connection, keys, &mut people).await?;
    Ok(people.into_values().collect())
}

#[derive(sqlx::FromRow)]
struct HandOutRow {
    id: i64,
    lead_id: i64,
    client_id: i64,
    campaign_id: i64,
    campaign_version: i64,
    seller: String,
    list_id: i64,
    operator_id: i64,
    reopening_id: Option<i64>,
    decision: String,
    handed_at_ms: i64,
    lease_until_ms: i64,
    ended_at_ms: Option<i64>,
    ending: Option<String>,
    report: Option<String>,
    subject: String,
    phone_position: i64,
    late_at_ms: Option<i64>,
    reopened_lead_id: Option<i64>,
    reopened_at_ms: Option<i64>,
    reopened_tariff_id: Option<i64>,
    reopened_tariff_version: Option<i64>,
    reopening_untold: bool,
    attempt_id: Option<i64>,
    attempt_client_id: Option<i64>,
    attempt_lead_id: Option<i64>,
    attempt_campaign_id: Option<i64>,
    attempt_seller: Option<String>,
    attempt_list_id: Option<i64>,
    attempt_operator_id: Option<i64>,
    attempt_reopening_id: Option<i64>,
    disposition: Option<String>,
    class: Option<String>,
    counts_as: Option<String>,
    order_cancelled: bool,
    recorded_at_ms: Option<i64>,
    lead_client_id: Option<i64>,
    lead_campaign_id: Option<i64>,
    lead_list_id: Option<i64>,
    lead_state: Option<String>,
    closed_reason: Option<String>,
    consent: Option<String>,
    consent_on: Option<String>,
    consent_wording: Option<String>,
    hours_waiver: Option<String>,
    is_merged: bool,
    consent_basis: Option<String>,
    relationship: Option<String>,
    licence_until: Option<String>,
}

async fn hand_outs(connection: &mut Connection, range: Range) -> Result<Vec<HandOutRow>> {
    // Planned anew for each page: a plan for any range would read whole tables.
    sqlx::query_as::<Engine, HandOutRow>(
        "-- verify: the hand-outs of some people, with their ends and their leads
        SELECT assignment.id, assignment.lead_id, assignment.client_id, assignment.campaign_id, assignment.campaign_version,
            assignment.seller, assignment.list_id, assignment.operator_id, assignment.reopening_id, assignment.decision,
            assignment.handed_at_ms, assignment.lease_until_ms, assignment.ended_at_ms, assignment.ending, assignment.report,
            assignment.subject, assignment.phone_position,
            (SELECT MIN(received_at_ms) FROM late_outcome WHERE late_outcome.assignment_id = assignment.id) AS late_at_ms,
            reopening.lead_id AS reopened_lead_id, reopening.reopened_at_ms, reopening.tariff_id AS reopened_tariff_id,
            reopening.tariff_version AS reopened_tariff_version,
            COALESCE(reopening.hold_out = 'without_offer' AND reopening.hold_out_until_ms > assignment.handed_at_ms, FALSE)
                AS reopening_untold,
            attempt.id AS attempt_id, attempt.client_id AS attempt_client_id, attempt.lead_id AS attempt_lead_id,
            attempt.campaign_id AS attempt_campaign_id, attempt.seller AS attempt_seller, attempt.list_id AS attempt_list_id,
            attempt.operator_id AS attempt_operator_id, attempt.reopening_id AS attempt_reopening_id, attempt.disposition,
            attempt.class, attempt.counts_as, attempt.recorded_at_ms,
            EXISTS (SELECT 1 FROM orders WHERE orders.attempt_id = attempt.id AND orders.state = 'cancelled') AS order_cancelled,
            lead.client_id AS lead_client_id, lead.campaign_id AS lead_campaign_id, lead.list_id AS lead_list_id,
            lead.state AS lead_state, lead.closed_reason, lead.consent, lead.consent_on, lead.consent_wording,
            lead.hours_waiver, EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id) AS is_merged,
            list.consent_basis, list.relationship, list.licence_until
        FROM assignment
        LEFT JOIN attempt ON attempt.assignment_id = assignment.id
        LEFT JOIN reopening ON reopening.id = assignment.reopening_id
        LEFT JOIN lead ON lead.id = assignment.lead_id
        LEFT JOIN list ON list.id = assignment.list_id
        WHERE assignment.client_id > $1 AND assignment.client_id <= $2
        ORDER BY assignment.client_id, assignment.id, attempt.id",
    )
    .persistent(false)
    .bind(range.0)
    .bind(range.1)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

impl HandOutRow {
    fn into_record(self) -> HandOutRecord {
        let tariff = self.reopened_tariff_id.zip(self.reopened_tariff_version);
        let reopened = self.reopened_lead_id.zip(self.reopened_at_ms).zip(tariff);
        let attempt = self.attempt_id.map(|id| AttemptRecord {
            id,
            client: self.attempt_client_id.unwrap_or_default(),
            lead: self.attempt_lead_id.unwrap_or_default(),
            campaign: self.attempt_campaign_id.unwrap_or_default(),
            seller: self.attempt_seller.unwrap_or_default(),
            list: self.attempt_list_id.unwrap_or_default(),
            operator: self.attempt_operator_id.unwrap_or_default(),
            reopening: self.attempt_reopening_id,
            disposition: self.disposition.unwrap_or_default(),
            class: self.class.unwrap_or_default(),
            counts_as: self.counts_as.unwrap_or_default(),
            order_cancelled: self.order_cancelled,
            recorded_at_ms: self.recorded_at_ms.unwrap_or_default(),
        });
        let lead_now = self.lead_client_id.map(|client| LeadRecord {
            client,
            campaign: self.lead_campaign_id.unwrap_or_default(),
            list: self.lead_list_id.unwrap_or_default(),
            state: self.lead_state.unwrap_or_default(),
            closed_reason: self.closed_reason,
            consent: self.consent,
            consent_on: self.consent_on,
            consent_wording: self.consent_wording,
            hours_waiver: self.hours_waiver,
            is_merged: self.is_merged,
            consent_basis: self.consent_basis,
            relationship: self.relationship.unwrap_or_default(),
            licence_until: self.licence_until,
        });
        HandOutRecord {
            id: self.id,
            lead: self.lead_id,
            campaign: self.campaign_id,
            campaign_version: self.campaign_version,
            seller: self.seller,
            list: self.list_id,
            operator: self.operator_id,
            reopening: self.reopening_id,
            reopened: reopened.map(|((lead, at), tariff)| (lead, at, tariff)),
            reopening_untold: self.reopening_untold,
            decision: self.decision,
            handed_at_ms: self.handed_at_ms,
            lease_until_ms: self.lease_until_ms,
            ended_at_ms: self.ended_at_ms,
            ending: self.ending,
            report: self.report,
            subject: self.subject,
            phone_position: self.phone_position,
            late_at_ms: self.late_at_ms,
            attempt,
            lead_now,
        }
    }
}

#[derive(sqlx::FromRow)]
struct ClientRow {
    id: i64,
    phone: String,
    country: String,
    region: Option<String>,
    postcode: Option<String>,
    time_zone: Option<String>,
    erased_at_ms: Option<i64>,
    merged_at_ms: Option<i64>,
    changed_at_ms: Option<i64>,
}

async fn clients(connection: &mut Connection, range: Range, people: &mut BTreeMap<i64, PersonRecord>) -> Result<()> {
    let rows = sqlx::query_as::<Engine, ClientRow>(
        "-- verify: people who were handed out, and what happened to what is known of them
        SELECT client.id, client.phone, client.country, client.region, client.postcode, client.time_zone, client.erased_at_ms,
            (SELECT MAX(merged_at_ms) FROM client_merge WHERE kept_client_id = client.id) AS merged_at_ms,
            (SELECT MAX(loaded_at_ms) FROM client_change JOIN list ON list.id = client_change.list_id
                WHERE client_change.client_id = client.id AND field IN ('region', 'time_zone')) AS changed_at_ms
        FROM client WHERE client.id > $1 AND client.id <= $2
            AND EXISTS (SELECT 1 FROM assignment WHERE assignment.client_id = client.id)",
    )
    .persistent(false)
    .bind(range.0)
    .bind(range.1)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for row in rows {
        let Some(person) = people.get_mut(&row.id) else { continue };
        let first =
            (!is_tombstone(&row.phone)).then_some(PhoneRecord { position: 0, number: row.phone, since_ms: None });
        person.record = Some(ClientRecord {
            phones: first.into_iter().collect(),
            country: row.country,
            region: row.region,
            postcode: row.postcode,
            time_zone: row.time_zone,
            erased_at_ms: row.erased_at_ms,
            merged_at_ms: row.merged_at_ms,
            changed_at_ms: row.changed_at_ms,
        });
    }
    Ok(())
}

async fn further_phones(
    connection: &mut Connection,
    range: Range,
    people: &mut BTreeMap<i64, PersonRecord>,
) -> Result<()> {
    let rows = sqlx::query_as::<Engine, (i64, i64, String, i64)>(
        "-- verify: further numbers of people, and since when; those of a list that is being loaded are nobody's yet
        SELECT client_phone.client_id, client_phone.position, client_phone.phone,
            COALESCE(list.loaded_at_ms, 9223372036854775807)
        FROM client_phone LEFT JOIN list ON list.id = client_phone.list_id
        WHERE client_phone.client_id > $1 AND client_phone.client_id <= $2 ORDER BY client_phone.client_id, position",
    )
    .persistent(false)
    .bind(range.0)
    .bind(range.1)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for (client, position, number, since_ms) in rows {
        if let Some(record) = people.get_mut(&client).and_then(|person| person.record.as_mut()) {
            record.phones.push(PhoneRecord { position, number, since_ms: Some(since_ms) });
        }
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct SuppressionRow {
    id: i64,
    phone_hash: String,
    seller: Option<String>,
    campaign_id: Option<i64>,
    created_at_ms: i64,
    after_assignment_id: Option<i64>,
    register_id: Option<i64>,
    register_generation: Option<i64>,
    name: Option<String>,
}

/// What stands against any number of the people of a page.
async fn suppressions(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    people: &mut BTreeMap<i64, PersonRecord>,
) -> Result<()> {
    let mut whose: HashMap<String, (i64, i64)> = HashMap::new();
    for person in people.values() {
        for phone in person.record.iter().flat_map(|client| &client.phones) {
            // A text that is no number was never hashed.
            let Ok(number) = E164::parse(&phone.number) else { continue };
            let hashes = keys.hashes(&number).into_iter().map(|hash| hash.to_string());
            whose.extend(hashes.map(|hash| (hash, (person.client, phone.position))));
        }
    }
    let rows = sqlx::query_as::<Engine, SuppressionRow>(concat!(
        "-- verify: what stands against people's numbers
        SELECT suppression.id, suppression.phone_hash, suppression.seller, suppression.campaign_id, suppression.created_at_ms,
            suppression.after_assignment_id, suppression.register_id, suppression.register_generation, register.name
        FROM suppression LEFT JOIN register ON register.id = suppression.register_id
        WHERE ",
        dialect::among!("suppression.phone_hash", "$1"),
        " ORDER BY suppression.id"
    ))
    .persistent(false)
    .bind(to_json(&whose.keys().collect::<Vec<_>>()))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for row in rows {
        let Some((client, position)) = whose.get(&row.phone_hash) else { continue };
        let Some(person) = people.get_mut(client) else { continue };
        let register = row.register_id.map(|register| InRegister {
            register,
            name: row.name.unwrap_or_default(),
            generation: row.register_generation.unwrap_or_default(),
        });
        person.suppressions.push(SuppressionRecord {
            id: row.id,
            position: *position,
            seller: row.seller,
            campaign: row.campaign_id,
            created_at_ms: row.created_at_ms,
            after_assignment: row.after_assignment_id,
            register,
        });
    }
    Ok(())
}
