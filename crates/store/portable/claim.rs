//! Handing leads out: one transaction for a batch of operators who wait.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use relance_domain::assignment::HAND_BACK_REST;
use relance_domain::calling_hours::Opening;
use relance_domain::eligibility::{self, Clearance, Facts, Verdict};
use relance_domain::lead::{Block, LeadEvent, LeadState};
use relance_domain::queue::{self, Place};
use relance_domain::{AssignmentId, CampaignId, ClientId, LeadId, Money, ReopeningId, Span, UserId, ZoneName};
use relance_store::claim::{Answer, Batch, Claimed, Decision, ReopeningDecision, Request, RunningCampaign, Why};
use relance_store::{Result, StoreError};

use super::rows::{Origin, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Candidates looked at for one batch before the transaction ends and the operators ask again.
const CANDIDATES_MAX: usize = 500;
/// Leads read from the front of a lane, and promises looked up, at a time.
const FRONT: usize = 16;

pub(super) async fn claim(connection: &mut Connection, batch: &Batch, now: Timestamp) -> Result<Answer> {
    let running = sqlx::query_as::<Engine, (i64, i64)>(dialect::RUNNING_CAMPAIGNS)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    if !running.iter().copied().eq(batch.campaigns.iter().map(|c| (c.id.0, c.version))) {
        return Ok(Answer::Outdated);
    }
    let mut floor = Floor::new(connection, batch, now).await?;
    let mut answers = Vec::with_capacity(batch.requests.len());
    for request in &batch.requests {
        answers.push(floor.serve(request).await?);
    }
    Ok(Answer::Served(answers))
}

/// A candidate: a lead that the search found, not yet checked.
#[derive(Debug, Clone)]
struct Candidate {
    place: Place,
    campaign: usize,
    promise: Option<Promise>,
}

#[derive(Debug, Clone, Copy)]
struct Promise {
    callback: i64,
    personal: bool,
}

/// An open lane and what was read of its front.
struct OpenLane {
    id: i64,
    campaign: usize,
    front: VecDeque<Candidate>,
    read_to_end: bool,
}

impl OpenLane {
    fn is_used_up(&self) -> bool {
        self.front.is_empty() && !self.read_to_end
    }
}

/// The leads that are before the operators of one batch.
struct Floor<'a> {
    connection: &'a mut Connection,
    campaigns: &'a [Arc<RunningCampaign>],
    lanes: Vec<OpenLane>,
    now: Timestamp,
    /// Leads this transaction has looked at.
    seen: HashSet<LeadId>,
    /// Those among them that are still in the queue, because another node holds them.
    held_by_others: usize,
}

impl<'a> Floor<'a> {
    async fn new(connection: &'a mut Connection, batch: &'a Batch, now: Timestamp) -> Result<Self> {
        let mut lanes = Vec::new();
        for (index, campaign) in batch.campaigns.iter().enumerate() {
            for lane in super::campaign::lanes(&mut *connection, campaign.id).await? {
                let zone = lane.zone.rules().map_err(|_| Origin::new("lane", lane.id.0).corrupt("time_zone"))?;
                if matches!(campaign.definition.calling.hours.at(now, &zone), Opening::Open { .. }) {
                    let front = VecDeque::new();
                    lanes.push(OpenLane { id: lane.id.0, campaign: index, front, read_to_end: false });
                }
            }
        }
        Ok(Self { connection, campaigns: &batch.campaigns, lanes, now, seen: HashSet::new(), held_by_others: 0 })
    }

    async fn serve(&mut self, request: &Request) -> Result<Claimed> {
        let (disabled, open) = self.present_assignment(request.operator).await?;
        if disabled {
            return Ok(Claimed::Disabled);
        }
        if let Some(assignment) = open {
            return Ok(Claimed::Assignment(assignment));
        }
        for promise in self.due_promises(request).await? {
            if let Some(assignment) = self.try_candidate(request, &promise).await? {
                return Ok(Claimed::Assignment(assignment));
            }
        }
        while let Some(candidate) = self.next_in_queue(request).await? {
            if let Some(assignment) = self.try_candidate(request, &candidate).await? {
                return Ok(Claimed::Assignment(assignment));
            }
            if self.seen.len() >= CANDIDATES_MAX {
                return Ok(Claimed::AskAgain);
            }
        }
        Ok(Claimed::Nobody)
    }

    async fn present_assignment(&mut self, operator: UserId) -> Result<(bool, Option<AssignmentId>)> {
        let row = sqlx::query_as::<Engine, (Option<i64>, Option<i64>)>(
            "-- claim: the operator, and the assignment they have open
            SELECT app_user.disabled_at_ms, assignment.id FROM app_user
            LEFT JOIN assignment ON assignment.operator_id = app_user.id AND assignment.ended_at_ms IS NULL
            WHERE app_user.id = $1",
        )
        .bind(operator.0)
        .fetch_optional(&mut *self.connection)
        .await
        .map_err(failed)?;
        let (disabled, open) = row.ok_or_else(|| StoreError::not_found("user", operator))?;
        Ok((disabled.is_some(), open.map(AssignmentId)))
    }

    fn wanted(&self, request: &Request, campaign: CampaignId) -> Option<usize> {
        let index = self.campaigns.iter().position(|c| c.id == campaign)?;
        request.campaign.is_none_or(|wanted| wanted == campaign).then_some(index)
    }

    /// Promises that are due: the operator's own first, then those that anybody may keep, the longest due first. Promises of
    /// somebody who is away or disabled are anybody's, before the loop says so; what the operator handed back rests.
    async fn due_promises(&mut self, request: &Request) -> Result<Vec<Candidate>> {
        let rows = sqlx::query_as::<Engine, (i64, Option<i64>, i64, i64, i64, i64)>(
            "-- claim: promises that are due
            SELECT callback.id, CASE WHEN callback.operator_id = $2 THEN callback.operator_id END, callback.lead_id, callback.campaign_id, callback.due_at_ms, lead.priority
            FROM callback
            JOIN lead ON lead.id = callback.lead_id AND lead.state = 'scheduled' AND lead.block = 'callback'
            JOIN campaign ON campaign.id = callback.campaign_id AND campaign.state = 'running'
            WHERE callback.state = 'open' AND callback.callable_at_ms <= $1
                AND (callback.operator_id IS NULL OR callback.operator_id = $2 OR EXISTS (
                    SELECT 1 FROM app_user WHERE app_user.id = callback.operator_id AND (app_user.disabled_at_ms IS NOT NULL
                        OR (app_user.away_from_ms <= $1 AND app_user.away_until_ms > $1))))
                AND ($3 IS NULL OR callback.campaign_id = $3)
                AND NOT EXISTS (SELECT 1 FROM assignment WHERE assignment.lead_id = callback.lead_id
                    AND assignment.operator_id = $2 AND assignment.ending = 'returned' AND assignment.ended_at_ms > $5)
            ORDER BY CASE WHEN callback.operator_id = $2 THEN 0 ELSE 1 END, callback.due_at_ms, callback.id
            LIMIT $4",
        )
        .bind(self.now.as_millisecond())
        .bind(request.operator.0)
        .bind(request.campaign.map(|c| c.0))
        .bind(self.front_size())
        .bind(HAND_BACK_REST.before(self.now).as_millisecond())
        .fetch_all(&mut *self.connection)
        .await
        .map_err(failed)?;
        let mut candidates = Vec::new();
        for (callback, operator, lead, campaign, due_at_ms, priority) in rows {
            let due_at = Origin::new("callback", callback).instant("due_at_ms", due_at_ms)?;
            let place = Place { priority, due_at, lead: LeadId(lead) };
            if let Some(index) = self.wanted(request, CampaignId(campaign)) {
                let promise = Some(Promise { callback, personal: operator.is_some() });
                candidates.push(Candidate { place, campaign: index, promise });
            }
        }
        candidates.retain(|candidate| !self.seen.contains(&candidate.place.lead));
        Ok(candidates)
    }

    fn front_size(&self) -> i64 {
        i64::try_from(FRONT + self.held_by_others).unwrap_or(i64::MAX)
    }

    /// The best candidate of the open lanes that the operator works in: a merge of the lanes' fronts in queue order.
    async fn next_in_queue(&mut self, request: &Request) -> Result<Option<Candidate>> {
        let wanted = |lane: &OpenLane, campaigns: &[Arc<RunningCampaign>]| {
            request.campaign.is_none_or(|wanted| wanted == campaigns[lane.campaign].id)
        };
        let used_up: Vec<usize> = (0..self.lanes.len())
            .filter(|at| wanted(&self.lanes[*at], self.campaigns) && self.lanes[*at].is_used_up())
            .collect();
        self.refill(&used_up).await?;
        let lanes = self.lanes.iter_mut().filter(|lane| wanted(lane, self.campaigns));
        let first = lanes.filter(|lane| !lane.front.is_empty()).min_by_key(|lane| lane.front.front().map(|c| c.place));
        Ok(first.and_then(|lane| lane.front.pop_front()))
    }

    /// Reads on in lanes whose fronts are used up. Leads that were handed out or moved away have left the queue.
    async fn refill(&mut self, used_up: &[usize]) -> Result<()> {
        if used_up.is_empty() {
            return Ok(());
        }
        let size = self.front_size();
        let ids: Vec<i64> = used_up.iter().map(|at| self.lanes[*at].id).collect();
        let rows = sqlx::query_as::<Engine, (i64, i64, i64, i64)>(dialect::FRONTS)
            .bind(to_json(&ids))
            .bind(size)
            .fetch_all(&mut *self.connection)
            .await
            .map_err(failed)?;
        for at in used_up {
            let lane = &mut self.lanes[*at];
            let mut read = 0;
            for (_, lead, priority, due_at_ms) in rows.iter().filter(|(id, ..)| *id == lane.id) {
                read += 1;
                let due_at = Origin::new("lead", *lead).instant("due_at_ms", *due_at_ms)?;
                let place = Place { priority: *priority, due_at, lead: LeadId(*lead) };
                if !self.seen.contains(&place.lead) {
                    lane.front.push_back(Candidate { place, campaign: lane.campaign, promise: None });
                }
            }
            // A front of nothing but leads that others hold: what lies behind is theirs to find too, so this lane is done.
            lane.read_to_end = read < size || lane.front.is_empty();
        }
        Ok(())
    }

    /// Checks a candidate as it stands now; hands it out, or moves it to where the next search does not meet it.
    async fn try_candidate(&mut self, request: &Request, candidate: &Candidate) -> Result<Option<AssignmentId>> {
        let lead = candidate.place.lead;
        self.seen.insert(lead);
        let row = sqlx::query_as::<Engine, CandidateRow>(dialect::LOCK_CANDIDATE)
            .bind(lead.0)
            .fetch_optional(&mut *self.connection)
            .await
            .map_err(failed)?;
        let Some(row) = row else {
            self.held_by_others += 1;
            return Ok(None);
        };
        let origin = Origin::new("lead", lead.0);
        let state = origin.lead_state(&row.state, row.due_at_ms, row.block.as_deref(), row.closed_reason.as_deref())?;
        let wanted = match candidate.promise {
            Some(_) => matches!(state, LeadState::Scheduled { block: Block::Callback, .. }),
            None => state == LeadState::Ready,
        };
        let Some(zone) = origin.parse_some::<ZoneName>("time_zone", row.time_zone.as_deref())? else { return Ok(None) };
        if !wanted {
            return Ok(None);
        }
        let campaign = Arc::clone(&self.campaigns[candidate.campaign]);
        let facts = self.facts(&row, &campaign).await?;
        let rules = zone.rules().map_err(|_| origin.corrupt("time_zone"))?;
        match eligibility::decide(self.now, &facts, &campaign.definition.calling, &zone, &rules) {
            Verdict::Callable(clearance) => {
                self.assign(request, candidate, &row, &campaign, state, clearance).await.map(Some)
            }
            Verdict::Wait { block, until } => self.postpone(candidate, state, block, until).await.map(|()| None),
            Verdict::Never(reason) => self.leave_queue(lead, state, LeadEvent::Close(reason)).await.map(|()| None),
        }
    }

    async fn facts(&mut self, row: &CandidateRow, campaign: &RunningCampaign) -> Result<Facts> {
        let longest = campaign.definition.calling.caps.iter().map(|cap| cap.window).max().unwrap_or(Span::ZERO);
        let since = longest.before(self.now);
        let seller = &campaign.definition.seller;
        let person = Person { client: ClientId(row.client_id), phone: &row.phone, seller, campaign: campaign.id };
        let mut facts = facts_of(self.connection, person, since).await?;
        let origin = Origin::new("list", row.list_id);
        facts.licence_until = origin.parse_some("licence_until", row.licence_until.as_deref())?;
        Ok(facts)
    }

    async fn assign(
        &mut self,
        request: &Request,
        candidate: &Candidate,
        row: &CandidateRow,
        campaign: &RunningCampaign,
        state: LeadState,
        clearance: Clearance,
    ) -> Result<AssignmentId> {
        let lead = candidate.place.lead;
        let next = state.apply(LeadEvent::HandOut).map_err(|error| StoreError::Database(error.into()))?;
        let decision = Decision {
            why: why(candidate, row),
            priority: row.priority,
            definition_version: campaign.version,
            clearance,
            list_source: Origin::new("list", row.list_id).word("source", &row.source)?,
            consent_basis: row.consent_basis.clone(),
            licence_until: Origin::new("list", row.list_id)
                .parse_some("licence_until", row.licence_until.as_deref())?,
            reopening: self.reopening(row.reopening_id).await?,
        };
        let assignment: i64 = sqlx::query_scalar::<Engine, i64>(
            "-- claim: the assignment
            INSERT INTO assignment (lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
                callback_id, reopening_id, decision, handed_at_ms, lease_until_ms)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            RETURNING id",
        )
        .bind(lead.0)
        .bind(row.client_id)
        .bind(campaign.id.0)
        .bind(campaign.version)
        .bind(&campaign.definition.seller)
        .bind(row.list_id)
        .bind(request.operator.0)
        .bind(&request.token)
        .bind(candidate.promise.map(|promise| promise.callback))
        .bind(row.reopening_id)
        .bind(to_json(&decision))
        .bind(self.now.as_millisecond())
        .bind(campaign.definition.lease.after(self.now).as_millisecond())
        .fetch_one(&mut *self.connection)
        .await
        .map_err(failed)?;
        change_lead(self.connection, lead, state, next).await?;
        Ok(AssignmentId(assignment))
    }

    async fn reopening(&mut self, reopening: Option<i64>) -> Result<Option<ReopeningDecision>> {
        let Some(id) = reopening else { return Ok(None) };
        let (tariff, definition, because) = sqlx::query_as::<Engine, (String, String, String)>(
            "-- claim: which tariff reopened the lead
            SELECT tariff.tariff, tariff.definition, reopening.because
            FROM reopening JOIN tariff ON tariff.id = reopening.tariff_id WHERE reopening.id = $1",
        )
        .bind(id)
        .fetch_one(&mut *self.connection)
        .await
        .map_err(failed)?;
        let offer: relance_domain::tariff::Tariff = Origin::new("reopening", id).json("definition", &definition)?;
        let price: Money = offer.price;
        Ok(Some(ReopeningDecision { id: ReopeningId(id), tariff, price, because }))
    }

    /// Moves a candidate to the moment at which it could pass. A promise stays a promise, only later.
    async fn postpone(
        &mut self,
        candidate: &Candidate,
        state: LeadState,
        block: Block,
        until: Timestamp,
    ) -> Result<()> {
        let Some(promise) = candidate.promise else {
            return self.leave_queue(candidate.place.lead, state, LeadEvent::Postpone { until, block }).await;
        };
        let moved = sqlx::query(
            "-- claim: a promise that the rules hold back
            UPDATE callback SET callable_at_ms = $2 WHERE id = $1 AND state = 'open'",
        )
        .bind(promise.callback)
        .bind(until.as_millisecond())
        .execute(&mut *self.connection)
        .await
        .map_err(failed)?;
        exactly_one(moved.rows_affected(), "callback")?;
        let event = LeadEvent::Postpone { until, block: Block::Callback };
        self.leave_queue(candidate.place.lead, state, event).await
    }

    /// Applies an event that takes the lead out of the queue, for a time or for good; a promise to somebody who must not be called is dropped.
    async fn leave_queue(&mut self, lead: LeadId, state: LeadState, event: LeadEvent) -> Result<()> {
        let next = state.apply(event).map_err(|error| StoreError::Database(error.into()))?;
        change_lead(self.connection, lead, state, next).await?;
        if matches!(next, LeadState::Closed(_)) {
            drop_promise(self.connection, lead).await?;
        }
        Ok(())
    }
}

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
    phone: String,
    time_zone: Option<String>,
    source: String,
    consent_basis: Option<String>,
    licence_until: Option<String>,
}

fn why(candidate: &Candidate, row: &CandidateRow) -> Why {
    match (candidate.promise, row.priority) {
        (Some(promise), _) if promise.personal => Why::PersonalCallback,
        (Some(_), _) => Why::AnyCallback,
        (None, queue::REOPENED) => Why::Reopened,
        (None, queue::FRESH) => Why::Fresh,
        (None, _) => Why::Retry,
    }
}

/// Whom the facts are about.
pub(super) struct Person<'a> {
    pub(super) client: ClientId,
    pub(super) phone: &'a str,
    pub(super) seller: &'a str,
    pub(super) campaign: CampaignId,
}

/// What the calling rules look at, except the licence of the lead's list.
pub(super) async fn facts_of(connection: &mut Connection, person: Person<'_>, tries_since: Timestamp) -> Result<Facts> {
    let (suppressed, open_until, refused_at) = sqlx::query_as::<Engine, (bool, Option<i64>, Option<i64>)>(
        "-- facts: suppression, open assignment, last refusal of the seller
        SELECT
            EXISTS (SELECT 1 FROM suppression
                WHERE phone IN (SELECT $1 UNION ALL SELECT client_phone.phone FROM client_phone WHERE client_id = $4)
                AND (seller IS NULL OR seller = $2)
                AND (campaign_id IS NULL OR campaign_id = $3)),
            (SELECT lease_until_ms FROM assignment WHERE client_id = $4 AND ended_at_ms IS NULL),
            (SELECT MAX(recorded_at_ms) FROM attempt WHERE client_id = $4 AND seller = $2 AND class = 'refusal')",
    )
    .bind(person.phone)
    .bind(person.seller)
    .bind(person.campaign.0)
    .bind(person.client.0)
    .fetch_one(&mut *connection)
    .await
    .map_err(failed)?;
    let tries: Vec<i64> = sqlx::query_scalar::<Engine, i64>(
        "-- facts: tries of the person for the seller; an assignment taken back counts, for nobody knows, and one handed back as
        -- not called does not, unless an outcome came in late after all
        SELECT handed_at_ms FROM assignment WHERE client_id = $1 AND seller = $2 AND handed_at_ms > $3
            AND (ending IS NULL OR ending <> 'returned'
                OR EXISTS (SELECT 1 FROM late_outcome WHERE late_outcome.assignment_id = assignment.id))",
    )
    .bind(person.client.0)
    .bind(person.seller)
    .bind(tries_since.as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    let origin = Origin::new("client", person.client.0);
    Ok(Facts {
        suppressed,
        open_elsewhere_until: origin.instant_some("lease_until_ms", open_until)?,
        tries: tries.into_iter().map(|ms| origin.instant("handed_at_ms", ms)).collect::<Result<_>>()?,
        last_refusal: origin.instant_some("recorded_at_ms", refused_at)?,
        licence_until: None,
    })
}

/// Writes a lead's next state, if it is still in the state that was read.
pub(super) async fn change_lead(
    connection: &mut Connection,
    lead: LeadId,
    from: LeadState,
    to: LeadState,
) -> Result<()> {
    let (word, due_at_ms, block, closed_reason) = to.columns();
    let changed = sqlx::query(
        "-- lead: change its state
        UPDATE lead SET state = $3, due_at_ms = COALESCE($4, due_at_ms), block = $5, closed_reason = $6
        WHERE id = $1 AND state = $2",
    )
    .bind(lead.0)
    .bind(from.as_str())
    .bind(word)
    .bind(due_at_ms)
    .bind(block)
    .bind(closed_reason)
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(changed.rows_affected(), "lead")
}

/// Drops the open promise of a lead that is closed for good.
pub(super) async fn drop_promise(connection: &mut Connection, lead: LeadId) -> Result<()> {
    sqlx::query(
        "-- callback: the lead is closed for good
        UPDATE callback SET state = 'dropped' WHERE lead_id = $1 AND state = 'open'",
    )
    .bind(lead.0)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
