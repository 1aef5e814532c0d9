//! Leads whose time has come, and leases that ran out.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use relance_domain::LeadId;
use relance_domain::fault::{self, Fault};
use relance_domain::lead::{Block, ClosedReason, LeadEvent, LeadState};
use relance_domain::suppression::SuppressionKeys;
use relance_store::{Result, StoreError};

use super::lead::{Change, change_lead, change_leads, drop_promise, drop_promises};
use super::rows::{Origin, all_of, to_json};
use super::suppression_hash::{Asked, standing};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

pub(super) async fn promote_due(connection: &mut Connection, now: Timestamp, limit: i64) -> Result<u64> {
    let promoted = sqlx::query(dialect::PROMOTE_DUE)
        .bind(now.as_millisecond())
        .bind(limit)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(promoted.rows_affected())
}

pub(super) async fn return_expired(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    now: Timestamp,
    limit: i64,
) -> Result<u64> {
    let expired = sqlx::query_as::<Engine, (i64, i64)>(dialect::EXPIRED)
        .bind(now.as_millisecond() + i64::from(fault::is_on(Fault::LeaseEndsEarly)) * 600_000)
        .bind(limit)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let (assignments, leads): (Vec<i64>, Vec<LeadId>) =
        expired.into_iter().map(|(id, lead)| (id, LeadId(lead))).unzip();
    if assignments.is_empty() {
        return Ok(0);
    }
    let ended = sqlx::query(concat!(
        "-- loop: the leases ran out
        UPDATE assignment SET ended_at_ms = $2, ending = 'expired' WHERE ended_at_ms IS NULL AND id IN (
            SELECT CAST(sent.value AS BIGINT) FROM ",
        dialect::sent!("$1"),
        ")"
    ))
    .bind(to_json(&assignments))
    .bind(now.as_millisecond())
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    all_of(ended.rows_affected(), assignments.len(), "assignment")?;
    give_all_back(connection, keys, &leads, now).await?;
    Ok(ended.rows_affected())
}

/// A lead whose assignment ended without an outcome: back in the queue, or to its promise, or closed if its person has
/// objected meanwhile; tells where.
pub(super) async fn give_back(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    lead: LeadId,
    now: Timestamp,
) -> Result<LeadState> {
    let given = give_all_back(connection, keys, &[lead], now).await?;
    given.into_iter().next().ok_or_else(|| StoreError::not_found("lead", lead))
}

/// The same for several leads, in their order.
async fn give_all_back(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    leads: &[LeadId],
    now: Timestamp,
) -> Result<Vec<LeadState>> {
    let promised = promises(&mut *connection, leads).await?;
    let objected = objected(&mut *connection, keys, leads).await?;
    let state = |lead: &LeadId| {
        let event = match promised.get(lead).filter(|_| !fault::is_on(Fault::LeaseReturnDropsPromise)) {
            Some(at) => LeadEvent::Postpone { until: (*at).max(now), block: Block::Callback },
            None => LeadEvent::Return,
        };
        let returned = LeadState::Assigned.apply(event);
        match objected.contains(lead) {
            true => returned.and_then(|state| state.apply(LeadEvent::Close(ClosedReason::Suppressed))),
            false => returned,
        }
    };
    let states: Vec<LeadState> = leads
        .iter()
        .map(|lead| state(lead).map_err(|error| StoreError::Database(error.into())))
        .collect::<Result<_>>()?;
    let change = |(lead, to): (&LeadId, &LeadState)| Change::new(*lead, LeadState::Assigned, *to);
    change_leads(&mut *connection, &leads.iter().zip(&states).map(change).collect::<Vec<_>>()).await?;
    drop_promises(connection, &objected.into_iter().collect::<Vec<_>>()).await?;
    Ok(states)
}

/// When the promises are due for which some of the leads wait.
async fn promises(connection: &mut Connection, leads: &[LeadId]) -> Result<HashMap<LeadId, Timestamp>> {
    let rows = sqlx::query_as::<Engine, (i64, i64)>(concat!(
        "-- lead: for which of them does a promise wait?
        SELECT lead_id, callable_at_ms FROM callback WHERE state = 'open' AND lead_id IN (
            SELECT CAST(sent.value AS BIGINT) FROM ",
        dialect::sent!("$1"),
        ")"
    ))
    .bind(to_json(&leads))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let promise =
        |(lead, at): (i64, i64)| Ok((LeadId(lead), Origin::new("callback", lead).instant("callable_at_ms", at)?));
    rows.into_iter().map(promise).collect()
}

/// Closes a lead that an operator had when its person objected; tells its state afterwards.
pub(super) async fn close_if_objected(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    lead: LeadId,
    state: LeadState,
) -> Result<LeadState> {
    if !is_suppressed(&mut *connection, keys, lead).await? {
        return Ok(state);
    }
    let closed =
        state.apply(LeadEvent::Close(ClosedReason::Suppressed)).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(&mut *connection, lead, state, closed).await?;
    drop_promise(connection, lead).await?;
    Ok(closed)
}

/// Whether the person of a lead must not be called for its campaign, whatever the calling rules say.
pub(super) async fn is_suppressed(connection: &mut Connection, keys: &SuppressionKeys, lead: LeadId) -> Result<bool> {
    Ok(!objected(connection, keys, &[lead]).await?.is_empty())
}

/// The numbers of a lead's person, and what decides whether something stands against calling one.
#[derive(sqlx::FromRow)]
struct NumbersRow {
    id: i64,
    campaign_id: i64,
    /// The day of a consent.
    agreed_on: Option<String>,
    relationship: String,
    phone: String,
    /// The person's other numbers, as JSON.
    further_phones: Option<String>,
}

impl NumbersRow {
    fn phones(&self) -> Result<Vec<String>> {
        let further: Vec<String> = match self.further_phones.as_deref() {
            Some(phones) => Origin::new("client_phone", self.id).json("phone", phones)?,
            None => Vec::new(),
        };
        Ok(std::iter::once(self.phone.clone()).chain(further).collect())
    }
}

/// Those of the leads whose person must not be called for their campaign, whatever the calling rules say.
async fn objected(connection: &mut Connection, keys: &SuppressionKeys, leads: &[LeadId]) -> Result<HashSet<LeadId>> {
    // Planned anew each time: a plan that was made for small tables reads them whole when they have become large.
    let rows = sqlx::query_as::<Engine, NumbersRow>(concat!(
        "-- objection: the campaigns, the days of consents, what people are to the seller, and their numbers
        SELECT lead.id, lead.campaign_id, CASE WHEN lead.consent = 'yes' THEN lead.consent_on END AS agreed_on, list.relationship,
            client.phone, (SELECT ",
        dialect::gathered!("phone"),
        " FROM client_phone WHERE client_phone.client_id = client.id) AS further_phones
        FROM ",
        dialect::sent!("$1"),
        " JOIN lead ON lead.id = CAST(sent.value AS BIGINT)
        JOIN list ON list.id = lead.list_id
        JOIN client ON client.id = lead.client_id"
    ))
    .persistent(false)
    .bind(to_json(&leads))
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let mut of_campaign: BTreeMap<i64, Vec<(&NumbersRow, Vec<String>)>> = BTreeMap::new();
    for row in &rows {
        of_campaign.entry(row.campaign_id).or_default().push((row, row.phones()?));
    }
    let mut objected = HashSet::new();
    for (campaign, rows) in of_campaign {
        let origin = Origin::new("campaign", campaign);
        let asked = Asked::about(keys, origin, rows.iter().flat_map(|(_, phones)| phones).map(String::as_str))?;
        let against = standing(&mut *connection, keys, &asked, campaign).await?.against;
        for (row, phones) in &rows {
            let origin = Origin::new("lead", row.id);
            let agreed_on = origin.parse_some("consent_on", row.agreed_on.as_deref())?;
            let relationship = origin.word("relationship", &row.relationship)?;
            let stands =
                |phone: &String| against.get(phone.as_str()).is_some_and(|one| one.holds(agreed_on, relationship));
            if phones.iter().any(stands) {
                objected.insert(LeadId(row.id));
            }
        }
    }
    Ok(objected)
}
