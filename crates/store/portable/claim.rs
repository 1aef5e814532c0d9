//! Handing leads out: one transaction for a batch of operators who wait. What decides is read for all of them at once, who gets whom is
//! decided in memory, operator by operator in their order, and what comes of it is written with one statement of each kind.

use std::collections::HashMap;

use jiff::Timestamp;
use relance_domain::eligibility::Verdict;
use relance_domain::fault::{self, Fault};
use relance_domain::lead::LeadEvent;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{ClientId, LeadId};
use relance_store::Result;
use relance_store::claim::{Answer, Batch, Claimed, Decision};

use super::asking::{self, Arrival, Asking};
use super::candidate::{self, Held};
use super::facts::RegisterDays;
use super::floor::{Candidate, Floor, Next};
use super::plan::{NewAssignment, Plan};
use super::rows::{Origin, to_json};
use super::{facts, front, lane};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Candidates looked at for one batch before the transaction ends and the operators ask again.
const CANDIDATES_MAX: usize = 500;
/// Candidates that are held at once beyond those of the operators who wait: as many as the fronts are long when all are blocked.
const AHEAD_MAX: usize = 64;

pub(super) async fn claim(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    batch: &Batch,
    now: Timestamp,
) -> Result<Answer> {
    let running = sqlx::query_as::<Engine, (i64, i64)>(dialect::RUNNING_CAMPAIGNS)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let is_known = running.iter().copied().eq(batch.campaigns.iter().map(|c| (c.id.0, c.version)));
    if !is_known && (batch.campaigns.is_empty() || !fault::is_on(Fault::PausedCampaignCalls)) {
        return Ok(Answer::Outdated);
    }
    let arrival = asking::all(&mut *connection, batch, now).await?;
    let askings = &arrival.askings;
    let mut choice = open(&mut *connection, batch, &arrival, now).await?;
    let mut given = Vec::with_capacity(askings.len());
    let mut ahead = 0;
    while let Some(waiting) = askings.get(given.len()..).filter(|waiting| !waiting.is_empty()) {
        match choice.choose(&waiting[0])? {
            Chosen::Given(one) => given.push(one),
            Chosen::ReadOn(fronts) => {
                front::read_on(&mut *connection, &mut choice.floor, &fronts, waiting.len(), now).await?;
            }
            Chosen::LookAt => match choice.floor.foresee(waiting, ahead) {
                Err(fronts) => {
                    front::read_on(&mut *connection, &mut choice.floor, &fronts, waiting.len(), now).await?;
                }
                Ok(candidates) => {
                    choice.look_at(&mut *connection, keys, candidates).await?;
                    ahead = (2 * ahead + 1).min(AHEAD_MAX);
                }
            },
        }
    }
    let assignments = choice.plan.write(connection).await?;
    let answers = askings.iter().zip(given).map(|(asking, given)| match given {
        Given::Answer(claimed) => claimed,
        Given::Lead => assignments.get(&asking.request.operator).copied().map_or(Claimed::Nobody, Claimed::Assignment),
    });
    Ok(Answer::Served(answers.collect()))
}

/// The floor as it stands: who could be called, and what was read of it.
async fn open<'a>(
    connection: &mut Connection,
    batch: &'a Batch,
    arrival: &Arrival<'_>,
    now: Timestamp,
) -> Result<Choice<'a>> {
    let Arrival { askings, promise_is_due, registers } = arrival;
    let mut floor = Floor::new(&batch.campaigns);
    let mut days = Vec::new();
    let waiting = askings.iter().filter(|asking| asking.waits()).count();
    if waiting > 0 {
        if *promise_is_due {
            let absent = asking::absent_owners(&mut *connection, now).await?;
            floor.open_promises(askings, &absent);
        }
        let of = batch.campaigns.iter();
        days = of.map(|c| facts::days_for(registers, &c.definition.seller, c.id)).collect();
        let lanes = lane::open(&mut *connection, None).await?;
        floor.open_lanes(batch, lanes, &days, now);
        floor.share(&asking::share_credits(&mut *connection, batch).await?);
        front::read_lanes(connection, &mut floor, waiting).await?;
    }
    Ok(Choice { batch, days, now, floor, held: HashMap::new(), plan: Plan::default() })
}

/// Who gets whom, as far as it is decided.
struct Choice<'a> {
    batch: &'a Batch,
    /// The days of the registers that hold for each campaign.
    days: Vec<RegisterDays>,
    now: Timestamp,
    floor: Floor<'a>,
    /// The candidates that were looked at; none where somebody else has the lead.
    held: HashMap<LeadId, Option<Held>>,
    plan: Plan<'a>,
}

/// What can be said of an operator who asks.
enum Chosen {
    /// What they get.
    Given(Given),
    /// Nobody knows before these fronts are read on.
    ReadOn(Vec<usize>),
    /// Nobody knows before who comes next is looked at.
    LookAt,
}

/// What an operator gets.
#[derive(Clone, Copy)]
enum Given {
    /// No lead of this batch.
    Answer(Claimed),
    /// A lead; its assignment is to be made.
    Lead,
}

impl<'a> Choice<'a> {
    /// Goes through those who come next for an operator until one may be called.
    fn choose(&mut self, asking: &Asking<'a>) -> Result<Chosen> {
        if asking.disabled {
            return Ok(Chosen::Given(Given::Answer(Claimed::Disabled)));
        }
        if let Some(assignment) = asking.open {
            return Ok(Chosen::Given(Given::Answer(Claimed::Assignment(assignment))));
        }
        if self.plan.serves(asking.request.operator) {
            return Ok(Chosen::Given(Given::Lead));
        }
        loop {
            let candidate = match self.floor.next(asking) {
                Next::Candidate(candidate) => candidate,
                Next::ReadOn(fronts) => return Ok(Chosen::ReadOn(fronts)),
                Next::Nobody => return Ok(Chosen::Given(Given::Answer(Claimed::Nobody))),
            };
            if !self.held.contains_key(&candidate.head.lead) {
                return Ok(Chosen::LookAt);
            }
            self.floor.take(&candidate);
            if self.hand_out(asking, &candidate)? {
                return Ok(Chosen::Given(Given::Lead));
            }
            if self.floor.looked_at() >= CANDIDATES_MAX {
                return Ok(Chosen::Given(Given::Answer(Claimed::AskAgain)));
            }
        }
    }

    /// Holds candidates, and reads what decides about them.
    async fn look_at(
        &mut self,
        connection: &mut Connection,
        keys: &SuppressionKeys,
        mut candidates: Vec<Candidate>,
    ) -> Result<()> {
        candidates.retain(|candidate| !self.held.contains_key(&candidate.head.lead));
        let mut held = candidate::hold(connection, keys, &self.batch.campaigns, &candidates, self.now).await?;
        for lead in candidates.iter().map(|candidate| candidate.head.lead) {
            self.held.insert(lead, held.remove(&lead));
        }
        Ok(())
    }

    /// Hands a candidate out, if it may be called; else moves it to where the next search does not meet it.
    fn hand_out(&mut self, asking: &Asking<'a>, candidate: &Candidate) -> Result<bool> {
        let lead = candidate.head.lead;
        let Some(held) = self.held.get(&lead).and_then(Option::as_ref) else { return Ok(false) };
        let is_theirs = held.row.reserved_for.is_none_or(|operator| operator == asking.request.operator.0);
        if !held.is_still(candidate, self.now) || !(is_theirs || candidate.promise.is_some()) {
            return Ok(false);
        }
        let batch = self.batch;
        let campaign = batch.campaigns[candidate.campaign].as_ref();
        let client = ClientId(held.row.client_id);
        let (open_until, days) = (self.plan.open_until(client), &self.days[candidate.campaign]);
        let (verdict, phone_position) = held.verdict(candidate, campaign, days, open_until, self.now)?;
        let clearance = match verdict {
            Verdict::Callable(clearance) => *clearance,
            Verdict::Wait { block, until } => {
                let until = if fault::is_on(Fault::PostponedForEver) { Timestamp::MAX } else { until };
                self.plan.postpone(candidate, held.state, block, until, self.now)?;
                return Ok(false);
            }
            Verdict::Never(reason) => {
                self.plan.change(lead, held.state, LeadEvent::Close(reason))?;
                return Ok(false);
            }
        };
        let list = Origin::new("list", held.row.list_id);
        let decision = Decision {
            why: candidate.class.into(),
            priority: held.row.priority,
            definition_version: campaign.version,
            clearance,
            list_source: list.word("source", &held.row.source)?,
            consent_basis: held.row.consent_basis.clone(),
            licence_until: list.parse_some("licence_until", held.row.licence_until.as_deref())?,
            reopening: held.reopening.clone(),
        };
        let lease_until = campaign.definition.lease.after(self.now);
        let assignment = NewAssignment {
            lead,
            client,
            campaign: campaign.id.0,
            campaign_version: campaign.version,
            seller: &campaign.definition.seller,
            list: held.row.list_id,
            operator: asking.request.operator,
            token: &asking.request.token,
            callback: candidate.promise.map(|promise| promise.callback),
            reopening: held.row.reopening_id,
            decision: to_json(&decision),
            handed_at_ms: self.now.as_millisecond(),
            lease_until_ms: lease_until.as_millisecond(),
            subject: campaign.definition.subject(),
            phone_position,
            queue_class: candidate.class.as_str(),
            // Only what came from a list's turn counts as one.
            mix_pass: self.floor.handed_out(candidate),
            share_credit: self.floor.shared_out(candidate),
        };
        self.plan.assign(assignment, held.state, lease_until)?;
        Ok(true)
    }
}
