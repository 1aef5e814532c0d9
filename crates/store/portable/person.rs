//! People as the calling rules look at them, outside of a hand-out.

use std::collections::{HashMap, HashSet};

use relance_domain::eligibility::Facts;
use relance_domain::list::ListedConsent;
use relance_domain::phone;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, ClientId, LeadId};
use relance_store::question::{CallInQuestion, PersonInQuestion};
use relance_store::{Result, StoreError};

use super::facts::{self, Person, RegisterDays, days_for, registers};
use super::numbers::{self, LeadOf, Number};
use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: i64,
    client_id: i64,
    campaign_id: i64,
    list_id: i64,
    phone: String,
    country: String,
    region: Option<String>,
    time_zone: Option<String>,
    seller: String,
    consent: Option<String>,
    consent_on: Option<String>,
    consent_wording: Option<String>,
    hours_waiver: Option<String>,
    has_basis: bool,
    relationship: String,
    licence_until: Option<String>,
    /// Which number whoever has the lead dials.
    dialled: Option<i64>,
}

/// The person of one call in question.
pub(super) async fn one(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    call: &CallInQuestion,
) -> Result<PersonInQuestion> {
    let people = of(connection, keys, std::slice::from_ref(call)).await?;
    people.into_iter().next().ok_or_else(|| StoreError::not_found("lead", call.lead))
}

/// The people of some calls in question, in their order: each on the number that is dialled, or whose turn it is.
pub(super) async fn of(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    calls: &[CallInQuestion],
) -> Result<Vec<PersonInQuestion>> {
    let rows = rows(&mut *connection, calls).await?;
    let rows: Vec<&PersonRow> = calls
        .iter()
        .map(|call| rows.get(&call.lead).ok_or_else(|| StoreError::not_found("lead", call.lead)))
        .collect::<Result<_>>()?;
    let asked = calls.iter().zip(&rows).map(|(call, row)| Person {
        client: ClientId(row.client_id),
        phone: &row.phone,
        seller: &row.seller,
        campaign: CampaignId(row.campaign_id),
        tries_since: call.tries_since,
    });
    let known = facts::of(&mut *connection, keys, &asked.collect::<Vec<_>>()).await?;
    // Whoever has one number is called on it.
    let several = rows.iter().zip(&known).filter(|(_, known)| known.has_further_phones());
    let several: Vec<LeadOf> = several.map(|(row, _)| LeadOf { lead: row.id, client: row.client_id }).collect();
    let numbers = numbers::of(&mut *connection, &several).await?;
    let registers = registers(connection).await?;
    let each = calls.iter().zip(rows).zip(known).map(|((call, row), known)| {
        let numbers = numbers.get(&call.lead).map_or(&[][..], Vec::as_slice);
        let tried: Vec<_> = numbers.iter().map(|number| number.tried).collect();
        let position = row.dialled.unwrap_or_else(|| phone::turn(&tried));
        let number = numbers.iter().find(|number| number.tried.position == position);
        let days = days_for(&registers, &row.seller, CampaignId(row.campaign_id));
        row.person(number, known.facts(&call.subject, position), days)
    });
    each.collect()
}

async fn rows(connection: &mut Connection, calls: &[CallInQuestion]) -> Result<HashMap<LeadId, PersonRow>> {
    let leads: HashSet<LeadId> = calls.iter().map(|call| call.lead).collect();
    let rows = sqlx::query_as::<Engine, PersonRow>(concat!(
        "-- why: whom the facts are about
        SELECT lead.id, lead.client_id, lead.campaign_id, lead.list_id, client.phone, client.country, client.region, client.time_zone,
            campaign.seller, lead.consent, lead.consent_on, lead.consent_wording, lead.hours_waiver,
            list.consent_basis IS NOT NULL AS has_basis, list.relationship, list.licence_until,
            CASE WHEN lead.state = 'assigned' THEN (
                SELECT phone_position FROM assignment WHERE lead_id = lead.id ORDER BY id DESC LIMIT 1) END AS dialled
        FROM ",
        dialect::sent!("$1"),
        " JOIN lead ON lead.id = CAST(sent.value AS BIGINT)
        JOIN client ON client.id = lead.client_id
        JOIN campaign ON campaign.id = lead.campaign_id
        JOIN list ON list.id = lead.list_id"
    ))
    .bind(to_json(&leads))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|row| (LeadId(row.id), row)).collect())
}

impl PersonRow {
    fn person(&self, number: Option<&Number>, mut facts: Facts, days: RegisterDays) -> Result<PersonInQuestion> {
        let origin = Origin::new("lead", self.id);
        facts.registers = days;
        facts.licence_until = origin.parse_some("licence_until", self.licence_until.as_deref())?;
        let said = ListedConsent {
            given: self.consent.as_deref().map(|word| word == "yes"),
            on: origin.parse_some("consent_on", self.consent_on.as_deref())?,
            wording: self.consent_wording.clone(),
            hours_waiver: self.hours_waiver.as_deref().map(|word| word == "yes"),
        };
        Ok(PersonInQuestion {
            number: number.map_or(&self.phone, |number| &number.phone).clone(),
            country: self.country.clone(),
            region: self.region.clone(),
            zone: self.time_zone.as_deref().and_then(|zone| zone.parse().ok()),
            consent: said.for_rules(self.has_basis),
            relationship: Origin::new("list", self.list_id).word("relationship", &self.relationship)?,
            facts,
        })
    }
}
