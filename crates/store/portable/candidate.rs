//! One candidate: checked as it stands now, then handed out, or moved to where the next search does not meet it.

use std::sync::Arc;

use jiff::Timestamp;
use relance_domain::eligibility::{self, Callee, Clearance, Facts, Verdict};
use relance_domain::lead::{Block, LeadEvent, LeadState};
use relance_domain::list::ListedConsent;
use relance_domain::phone::{self, NumberTried};
use relance_domain::rules::Whereabouts;
use relance_domain::{AssignmentId, ClientId, LeadId, ReopeningId, Span, ZoneName};
use relance_store::claim::{Decision, ReopeningDecision, RunningCampaign};
use relance_store::{Result, StoreError};

use super::claim::Asking;
use super::facts::{Person, facts_of};
use super::floor::{Candidate, Floor};
use super::lead::{change_lead, drop_promise};
use super::rows::{Origin, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// After which time a promise is looked at again that waits for something else than time.
const PROMISE_LOOK_AGAIN: Span = Span::minutes(60);

#[derive(sqlx::FromRow)]
struct CandidateRow {
    client_id: i64,
    list_id: i64,
    state: String,
    due_at_ms: i64,
    block: Option<String>,
    closed_reason: Option<String>,
    priority: i64,
    reopening_id: Option<i64>,
    reserved_for: Option<i64>,
    phone: String,
    further_phones: i64,
    country: String,
    region: Option<String>,
    time_zone: Option<String>,
    consent: Option<String>,
    consent_on: Option<String>,
    consent_wording: Option<String>,
    hours_waiver: Option<String>,
    relationship: String,
    source: String,
    consent_basis: Option<String>,
    licence_until: Option<String>,
}

/// Tries to hand a candidate out to the operator who asks.
pub(super) async fn try_one(
    floor: &mut Floor<'_>,
    asking: &Asking<'_>,
    candidate: &Candidate,
) -> Result<Option<AssignmentId>> {
    let lead = candidate.head.lead;
    floor.seen.insert(lead);
    let row = sqlx::query_as::<Engine, CandidateRow>(dialect::LOCK_CANDIDATE)
        .bind(lead.0)
        .fetch_optional(&mut *floor.connection)
        .await
        .map_err(failed)?;
    let Some(row) = row else {
        floor.held_by_others += 1;
        return Ok(None);
    };
    let origin = Origin::new("lead", lead.0);
    let state = origin.lead_state(&row.state, row.due_at_ms, row.block.as_deref(), row.closed_reason.as_deref())?;
    let is_wanted = match candidate.promise {
        Some(_) => matches!(state, LeadState::Scheduled { block: Block::Callback, .. }),
        None => state == LeadState::Ready,
    };
    let is_theirs = row.reserved_for.is_none_or(|operator| operator == asking.request.operator.0);
    if !is_wanted || !(is_theirs || candidate.promise.is_some()) {
        return Ok(None);
    }
    let campaign = Arc::clone(&floor.campaigns[candidate.campaign]);
    let (verdict, phone_position) = verdict(floor, &row, candidate, &campaign).await?;
    match verdict {
        Verdict::Callable(clearance) => {
            let call = Call { candidate, row: &row, campaign: &campaign, state, phone_position };
            assign(floor, asking, call, *clearance).await.map(Some)
        }
        Verdict::Wait { block, until } => postpone(floor, candidate, state, block, until).await.map(|()| None),
        Verdict::Never(reason) => leave_queue(floor, lead, state, LeadEvent::Close(reason)).await.map(|()| None),
    }
}

/// What the law says of the candidate, and of which number: the first in turn that may be called; where none may, the one that may
/// be called first.
async fn verdict(
    floor: &mut Floor<'_>,
    row: &CandidateRow,
    candidate: &Candidate,
    campaign: &RunningCampaign,
) -> Result<(Verdict, i64)> {
    // A zone that this node's time-zone database does not know is one that nobody knows here.
    let zone: Option<ZoneName> = row.time_zone.as_deref().and_then(|zone| zone.parse().ok());
    let mut held: Option<(Block, Timestamp, i64)> = None;
    for phone in dialled(floor.connection, row, candidate).await? {
        let facts = facts(floor, row, candidate, campaign, &phone).await?;
        let callee = row.callee(zone.as_ref(), &phone)?;
        match eligibility::decide(floor.now, &campaign.law, &callee, &facts) {
            Verdict::Wait { block, until } => {
                if held.is_none_or(|(_, earliest, _)| until < earliest) {
                    held = Some((block, until, phone.position));
                }
            }
            decided => return Ok((decided, phone.position)),
        }
    }
    let (block, until, position) = held.ok_or_else(|| Origin::new("client", row.client_id).corrupt("phone"))?;
    Ok((Verdict::Wait { block, until }, position))
}

impl CandidateRow {
    /// The person as the law looks at them, on the number that would be dialled.
    fn callee<'a>(&'a self, zone: Option<&'a ZoneName>, phone: &'a Dialled) -> Result<Callee<'a>> {
        let (lead, list) = (Origin::new("lead", self.client_id), Origin::new("list", self.list_id));
        let said = ListedConsent {
            given: self.consent.as_deref().map(|word| word == "yes"),
            on: lead.parse_some("consent_on", self.consent_on.as_deref())?,
            wording: self.consent_wording.clone(),
            hours_waiver: self.hours_waiver.as_deref().map(|word| word == "yes"),
        };
        Ok(Callee {
            whereabouts: Whereabouts { number: &phone.number, country: &self.country, region: self.region.as_deref() },
            zone,
            consent: said.for_rules(self.consent_basis.is_some()),
            relationship: list.word("relationship", &self.relationship)?,
        })
    }
}

/// What the law looks at in the person besides.
async fn facts(
    floor: &mut Floor<'_>,
    row: &CandidateRow,
    candidate: &Candidate,
    campaign: &RunningCampaign,
    phone: &Dialled,
) -> Result<Facts> {
    let person = Person {
        client: ClientId(row.client_id),
        phone: &row.phone,
        seller: &campaign.definition.seller,
        campaign: campaign.id,
        subject: campaign.definition.subject(),
        phone_position: phone.position,
    };
    let since = campaign.law.looks_back_to(floor.now);
    let mut facts = facts_of(floor.connection, floor.keys, person, since).await?;
    facts.registers.clone_from(&floor.registers[candidate.campaign]);
    facts.licence_until = Origin::new("list", row.list_id).parse_some("licence_until", row.licence_until.as_deref())?;
    Ok(facts)
}

/// A call that may be made.
#[derive(Clone, Copy)]
struct Call<'a> {
    candidate: &'a Candidate,
    row: &'a CandidateRow,
    campaign: &'a RunningCampaign,
    state: LeadState,
    phone_position: i64,
}

async fn assign(
    floor: &mut Floor<'_>,
    asking: &Asking<'_>,
    call: Call<'_>,
    clearance: Clearance,
) -> Result<AssignmentId> {
    let Call { candidate, row, campaign, state, phone_position } = call;
    let lead = candidate.head.lead;
    let next = state.apply(LeadEvent::HandOut).map_err(|error| StoreError::Database(error.into()))?;
    let list = Origin::new("list", row.list_id);
    let decision = Decision {
        why: candidate.class.into(),
        priority: row.priority,
        definition_version: campaign.version,
        clearance,
        list_source: list.word("source", &row.source)?,
        consent_basis: row.consent_basis.clone(),
        licence_until: list.parse_some("licence_until", row.licence_until.as_deref())?,
        reopening: reopening(floor.connection, row.reopening_id).await?,
    };
    // Only what came from a list's turn counts as one.
    let mix_pass = candidate.head.list.and_then(|list| floor.mix.handed_out(list));
    let assignment: i64 = sqlx::query_scalar::<Engine, i64>(
        "-- claim: the assignment
        INSERT INTO assignment (lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
            callback_id, reopening_id, decision, handed_at_ms, lease_until_ms, subject, phone_position, queue_class, mix_pass)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        RETURNING id",
    )
    .bind(lead.0)
    .bind(row.client_id)
    .bind(campaign.id.0)
    .bind(campaign.version)
    .bind(&campaign.definition.seller)
    .bind(row.list_id)
    .bind(asking.request.operator.0)
    .bind(&asking.request.token)
    .bind(candidate.promise.map(|promise| promise.callback))
    .bind(row.reopening_id)
    .bind(to_json(&decision))
    .bind(floor.now.as_millisecond())
    .bind(campaign.definition.lease.after(floor.now).as_millisecond())
    .bind(campaign.definition.subject())
    .bind(phone_position)
    .bind(candidate.class.as_str())
    .bind(mix_pass)
    .fetch_one(&mut *floor.connection)
    .await
    .map_err(failed)?;
    change_lead(floor.connection, lead, state, next).await?;
    Ok(AssignmentId(assignment))
}

/// The number that would be dialled.
struct Dialled {
    position: i64,
    number: String,
}

/// The client's numbers in the order in which they are tried: the one on which the call was promised and no other, else by turns.
async fn dialled(connection: &mut Connection, row: &CandidateRow, candidate: &Candidate) -> Result<Vec<Dialled>> {
    if row.further_phones == 0 {
        return Ok(vec![Dialled { position: 0, number: row.phone.clone() }]);
    }
    let mut numbers = numbers_tried(&mut *connection, row.client_id, candidate.head.lead).await?;
    if let Some(promise) = candidate.promise
        && numbers.iter().any(|number| number.position == promise.phone_position && !number.wrong)
    {
        numbers.retain(|number| number.position == promise.phone_position);
    }
    let mut in_turn = Vec::new();
    while in_turn.is_empty() || numbers.iter().any(|number| !number.wrong) {
        let position = phone::turn(&numbers);
        numbers.retain(|number| number.position != position);
        let further = number_at(&mut *connection, row.client_id, position).await?;
        in_turn.push(Dialled { position, number: further.unwrap_or_else(|| row.phone.clone()) });
    }
    Ok(in_turn)
}

/// A further number of a client, by its position.
pub(super) async fn number_at(connection: &mut Connection, client: i64, position: i64) -> Result<Option<String>> {
    sqlx::query_scalar::<Engine, String>(
        "-- claim: a further number
        SELECT phone FROM client_phone WHERE client_id = $1 AND position = $2",
    )
    .bind(client)
    .bind(position)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

/// The client's numbers and how often each was dialled for a lead, the first to be dialled first.
pub(super) async fn numbers_tried(connection: &mut Connection, client: i64, lead: LeadId) -> Result<Vec<NumberTried>> {
    let rows = sqlx::query_as::<Engine, (i64, bool, i64)>(
        "-- claim: the client's numbers, and how often each was dialled for the lead
        SELECT number.position, number.wrong, (SELECT COUNT(*) FROM assignment
            WHERE assignment.lead_id = $2 AND assignment.phone_position = number.position)
        FROM (
            SELECT CAST(0 AS BIGINT) AS position, phone_wrong_at_ms IS NOT NULL AS wrong FROM client WHERE id = $1
            UNION ALL SELECT position, wrong_at_ms IS NOT NULL FROM client_phone WHERE client_id = $1) AS number
        ORDER BY number.position",
    )
    .bind(client)
    .bind(lead.0)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let number = |(position, wrong, tries)| NumberTried { position, wrong, tries };
    Ok(rows.into_iter().map(number).collect())
}

async fn reopening(connection: &mut Connection, reopening: Option<i64>) -> Result<Option<ReopeningDecision>> {
    let Some(id) = reopening else { return Ok(None) };
    let (tariff, definition, because) = sqlx::query_as::<Engine, (String, String, String)>(
        "-- claim: which tariff reopened the lead
        SELECT tariff.tariff, tariff_version.definition, reopening.because
        FROM reopening JOIN tariff ON tariff.id = reopening.tariff_id
        JOIN tariff_version ON tariff_version.tariff_id = reopening.tariff_id AND tariff_version.version = reopening.tariff_version
        WHERE reopening.id = $1",
    )
    .bind(id)
    .fetch_one(connection)
    .await
    .map_err(failed)?;
    let offer: relance_domain::tariff::Tariff = Origin::new("reopening", id).json("definition", &definition)?;
    Ok(Some(ReopeningDecision { id: ReopeningId(id), tariff, price: offer.price, because }))
}

/// Moves a candidate to the moment at which it could pass. A promise stays a promise, only later; what it waits for may come though
/// time alone does not bring it, as a register's new file, so that it is looked at again before long.
async fn postpone(
    floor: &mut Floor<'_>,
    candidate: &Candidate,
    state: LeadState,
    block: Block,
    until: Timestamp,
) -> Result<()> {
    let Some(promise) = candidate.promise else {
        return leave_queue(floor, candidate.head.lead, state, LeadEvent::Postpone { until, block }).await;
    };
    let until = if until == Timestamp::MAX { PROMISE_LOOK_AGAIN.after(floor.now) } else { until };
    let moved = sqlx::query(
        "-- claim: a promise that the rules hold back
        UPDATE callback SET callable_at_ms = $2 WHERE id = $1 AND state = 'open'",
    )
    .bind(promise.callback)
    .bind(until.as_millisecond())
    .execute(&mut *floor.connection)
    .await
    .map_err(failed)?;
    exactly_one(moved.rows_affected(), "callback")?;
    let event = LeadEvent::Postpone { until, block: Block::Callback };
    leave_queue(floor, candidate.head.lead, state, event).await
}

/// Applies an event that takes the lead out of the queue, for a time or for good; a promise to somebody who must not be called is
/// dropped.
async fn leave_queue(floor: &mut Floor<'_>, lead: LeadId, state: LeadState, event: LeadEvent) -> Result<()> {
    let next = state.apply(event).map_err(|error| StoreError::Database(error.into()))?;
    change_lead(floor.connection, lead, state, next).await?;
    if matches!(next, LeadState::Closed(_)) {
        drop_promise(floor.connection, lead).await?;
    }
    Ok(())
}
