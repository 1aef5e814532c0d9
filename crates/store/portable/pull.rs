//! Lists that a campaign pulls by itself: turns, and the client base in pages.

use std::collections::BTreeMap;

use jiff::Timestamp;
use relance_domain::definition::StandardField;
use relance_domain::{CampaignId, ClientId, ListId};
use relance_store::Result;
use relance_store::pull::{ClientOfBase, ClientsPage, NOT_ENDED, NotedFacts, NotedRefusal, PullTurn};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

pub(super) async fn begin(
    connection: &mut Connection,
    campaign: CampaignId,
    pull: &str,
    due_since: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    let taken = sqlx::query(
        "-- pull: take the turn, unless somebody has
        INSERT INTO pull (campaign_id, pull, pulled_at_ms, failure) VALUES ($1, $2, $4, $5)
        ON CONFLICT (campaign_id, pull) DO UPDATE SET pulled_at_ms = excluded.pulled_at_ms, list_id = NULL, new_leads = 0,
            failure = excluded.failure
        WHERE pull.pulled_at_ms IS NULL OR pull.pulled_at_ms <= $3",
    )
    .bind(campaign.0)
    .bind(pull)
    .bind(due_since.as_millisecond())
    .bind(now.as_millisecond())
    .bind(NOT_ENDED)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(taken.rows_affected() == 1)
}

pub(super) async fn end(connection: &mut Connection, turn: &PullTurn) -> Result<bool> {
    let kept = sqlx::query(
        "-- pull: what the turn came to, unless a later one was taken
        UPDATE pull SET list_id = $4, new_leads = $5, failure = $6
        WHERE campaign_id = $1 AND pull = $2 AND pulled_at_ms = $3",
    )
    .bind(turn.campaign.0)
    .bind(&turn.pull)
    .bind(turn.pulled_at.as_millisecond())
    .bind(turn.list.map(|list| list.0))
    .bind(turn.new_leads)
    .bind(&turn.failure)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(kept.rows_affected() == 1)
}

type TurnRow = (i64, String, i64, Option<i64>, i64, Option<String>);

pub(super) async fn turns(connection: &mut Connection, campaign: Option<CampaignId>) -> Result<Vec<PullTurn>> {
    sqlx::query_as::<Engine, TurnRow>(
        "-- pull: the latest turns
        SELECT campaign_id, pull, pulled_at_ms, list_id, new_leads, failure FROM pull
        WHERE pulled_at_ms IS NOT NULL AND ($1 IS NULL OR campaign_id = $1) ORDER BY campaign_id, pull",
    )
    .bind(campaign.map(|campaign| campaign.0))
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(|(campaign, pull, pulled_at_ms, list, new_leads, failure)| {
        let pulled_at = Origin::new("pull", campaign).instant("pulled_at_ms", pulled_at_ms)?;
        Ok(PullTurn { campaign: CampaignId(campaign), pull, pulled_at, list: list.map(ListId), new_leads, failure })
    })
    .collect()
}

/// People of the page: known to the seller by a list that has no licence, and no leads of the campaign.
macro_rules! page {
    ($purpose:literal, $rest:literal) => {
        concat!(
            $purpose,
            "
            WITH page AS (
                SELECT client.* FROM client
                WHERE client.id > $3 AND client.erased_at_ms IS NULL
                    AND NOT EXISTS (SELECT 1 FROM lead WHERE lead.client_id = client.id AND lead.campaign_id = $1)
                    AND EXISTS (
                        SELECT 1 FROM lead
                        JOIN campaign ON campaign.id = lead.campaign_id
                        JOIN list ON list.id = lead.list_id
                        WHERE lead.client_id = client.id AND campaign.seller = $2 AND list.state <> 'staging'
                            AND list.licence_until IS NULL)
                ORDER BY client.id LIMIT $4)
            ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    id: i64,
    phone: String,
    extension: Option<String>,
    reference: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    street: Option<String>,
    city: Option<String>,
    postcode: Option<String>,
    region: Option<String>,
    country: String,
    time_zone: Option<String>,
    lead_id: i64,
    campaign_id: i64,
    facts: String,
    consent: Option<String>,
    consent_on: Option<String>,
    consent_wording: Option<String>,
}

pub(super) async fn clients(connection: &mut Connection, page: &ClientsPage) -> Result<Vec<ClientOfBase>> {
    let rows = sqlx::query_as::<Engine, PersonRow>(page!(
        "-- pull: people of the seller, and what its campaigns noted of them",
        "SELECT page.id, page.phone, page.extension, page.reference, page.first_name, page.last_name, page.street, page.city,
            page.postcode, page.region, page.country, page.time_zone, lead.id AS lead_id, lead.campaign_id, lead.facts,
            lead.consent, lead.consent_on, lead.consent_wording
        FROM page
        JOIN lead ON lead.client_id = page.id
        JOIN campaign ON campaign.id = lead.campaign_id
        JOIN list ON list.id = lead.list_id
        WHERE campaign.seller = $2 AND list.state <> 'staging'
        ORDER BY page.id, lead.id"
    ))
    .bind(page.campaign.0)
    .bind(&page.seller)
    .bind(page.after.0)
    .bind(page.limit)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut people: Vec<ClientOfBase> = Vec::new();
    for row in rows {
        let noted = row.noted()?;
        match people.last_mut() {
            Some(person) if person.id.0 == row.id => person.leads.push(noted),
            _ => people.push(row.into_person(noted)),
        }
    }
    if page.refusals && !people.is_empty() {
        refusals(connection, page, &mut people).await?;
    }
    Ok(people)
}

impl PersonRow {
    fn noted(&self) -> Result<NotedFacts> {
        let consent = [
            (StandardField::Consent, &self.consent),
            (StandardField::ConsentDate, &self.consent_on),
            (StandardField::ConsentWording, &self.consent_wording),
        ];
        Ok(NotedFacts {
            campaign: CampaignId(self.campaign_id),
            facts: Origin::new("lead", self.lead_id).json("facts", &self.facts)?,
            consent: known(consent.map(|(field, value)| (field, value.clone()))),
        })
    }

    fn into_person(self, noted: NotedFacts) -> ClientOfBase {
        let fields = [
            (StandardField::Phone, Some(self.phone)),
            (StandardField::Extension, self.extension),
            (StandardField::Reference, self.reference),
            (StandardField::FirstName, self.first_name),
            (StandardField::LastName, self.last_name),
            (StandardField::Street, self.street),
            (StandardField::City, self.city),
            (StandardField::Postcode, self.postcode),
            (StandardField::Region, self.region),
            (StandardField::Country, Some(self.country)),
            (StandardField::TimeZone, self.time_zone),
        ];
        ClientOfBase { id: ClientId(self.id), fields: known(fields), leads: vec![noted], refusals: Vec::new() }
    }
}

fn known<const N: usize>(fields: [(StandardField, Option<String>); N]) -> BTreeMap<String, String> {
    fields.into_iter().filter_map(|(field, value)| Some((field.as_str().to_owned(), value?))).collect()
}

async fn refusals(connection: &mut Connection, page: &ClientsPage, people: &mut [ClientOfBase]) -> Result<()> {
    let rows = sqlx::query_as::<Engine, (i64, i64, String, String, i64)>(page!(
        "-- pull: what people of the seller refused",
        "SELECT page.id, refusal.id, campaign.campaign, refusal.reason, refusal.refused_at_ms
        FROM page
        JOIN lead ON lead.client_id = page.id
        JOIN campaign ON campaign.id = lead.campaign_id
        JOIN attempt ON attempt.lead_id = lead.id
        JOIN refusal ON refusal.attempt_id = attempt.id
        WHERE campaign.seller = $2
        ORDER BY page.id, refusal.id"
    ))
    .bind(page.campaign.0)
    .bind(&page.seller)
    .bind(page.after.0)
    .bind(page.limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    for (client, refusal, campaign, reason, refused_at_ms) in rows {
        let refused_at = Origin::new("refusal", refusal).instant("refused_at_ms", refused_at_ms)?;
        // The people of the page are in the order of their keys.
        if let Ok(at) = people.binary_search_by_key(&client, |person| person.id.0) {
            people[at].refusals.push(NotedRefusal { campaign, reason, refused_at });
        }
    }
    Ok(())
}
