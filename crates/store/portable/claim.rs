//! Handing leads out: one transaction for a batch of operators who wait.

use std::collections::HashSet;

use jiff::Timestamp;
use relance_domain::assignment::HAND_BACK_REST;
use relance_domain::definition::Definition;
use relance_domain::fault::{self, Fault};
use relance_domain::queue::{self, QueueClass};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{AssignmentId, CampaignId, LeadId, Span, UserId};
use relance_store::claim::{Answer, Batch, Claimed, Request};
use relance_store::{Result, StoreError};

use super::floor::{Candidate, Floor, Promise};
use super::rows::{Origin, to_json};
use super::{facts, lane};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Candidates looked at for one batch before the transaction ends and the operators ask again.
const CANDIDATES_MAX: usize = 500;
/// Over which time the new leads of an operator are counted.
const FRESH_WINDOW: Span = Span::minutes(60);

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
    let lanes = lane::open(&mut *connection, None).await?;
    let registers = facts::registers(&mut *connection).await?;
    let mut floor = Floor::new(connection, keys, batch, &registers, now);
    floor.open(lanes);
    let mut answers = Vec::with_capacity(batch.requests.len());
    for request in &batch.requests {
        answers.push(serve(&mut floor, request).await?);
    }
    Ok(Answer::Served(answers))
}

/// Who asks, and what they may be given.
pub(super) struct Asking<'a> {
    pub(super) request: &'a Request,
    pub(super) skills: Vec<String>,
    pub(super) languages: Vec<String>,
    /// Leads that the operator handed back not long ago: others may have them.
    pub(super) resting: HashSet<LeadId>,
    /// Campaigns of which the operator has had as many new leads as one may have in an hour.
    pub(super) without_fresh: Vec<CampaignId>,
}

impl Asking<'_> {
    /// Whether the operator can do all that a campaign asks for.
    pub(super) fn has_skills_for(&self, definition: &Definition) -> bool {
        definition.skills.iter().all(|skill| self.skills.contains(skill))
    }

    /// Whether the operator speaks with people of a language in a campaign.
    pub(super) fn speaks(&self, language: &String, definition: &Definition) -> bool {
        self.languages.contains(language) || definition.language.as_ref() == Some(language)
    }
}

/// What stands of an operator when they ask.
struct Present {
    disabled: bool,
    open: Option<AssignmentId>,
    skills: Vec<String>,
    languages: Vec<String>,
}

async fn serve(floor: &mut Floor<'_>, request: &Request) -> Result<Claimed> {
    let Present { disabled, open, skills, languages } = present(floor.connection, request.operator).await?;
    if disabled {
        return Ok(Claimed::Disabled);
    }
    if let Some(assignment) = open.filter(|_| !fault::is_on(Fault::LostReplySecondLead)) {
        return Ok(Claimed::Assignment(assignment));
    }
    let without_fresh = without_fresh(floor, request).await?;
    let resting = handed_back(floor, request).await?;
    let asking = Asking { request, skills, languages, resting, without_fresh };
    let mut promises = due_promises(floor, &asking).await?;
    let mut is_last_page = promises.is_empty();
    loop {
        // Those that were held back are not due any more: there may be others behind them.
        if promises.is_empty() && !is_last_page {
            promises = due_promises(floor, &asking).await?;
            is_last_page = promises.is_empty();
        }
        floor.refill(&asking).await?;
        let Some(candidate) = floor.next(&asking, &mut promises) else { return Ok(Claimed::Nobody) };
        if let Some(assignment) = super::candidate::try_one(floor, &asking, &candidate).await? {
            return Ok(Claimed::Assignment(assignment));
        }
        if floor.seen.len() >= CANDIDATES_MAX {
            return Ok(Claimed::AskAgain);
        }
    }
}

async fn present(connection: &mut Connection, operator: UserId) -> Result<Present> {
    let row = sqlx::query_as::<Engine, (Option<i64>, Option<i64>, String, String)>(
        "-- claim: the operator, and the assignment they have open
        SELECT app_user.disabled_at_ms, assignment.id, app_user.skills, app_user.languages FROM app_user
        LEFT JOIN assignment ON assignment.operator_id = app_user.id AND assignment.ended_at_ms IS NULL
        WHERE app_user.id = $1",
    )
    .bind(operator.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?;
    let (disabled, open, skills, languages) = row.ok_or_else(|| StoreError::not_found("user", operator))?;
    let origin = Origin::new("app_user", operator.0);
    Ok(Present {
        disabled: disabled.is_some(),
        open: open.map(AssignmentId),
        skills: origin.json("skills", &skills)?,
        languages: origin.json("languages", &languages)?,
    })
}

/// The campaigns of which the operator has had enough new leads within the hour.
async fn without_fresh(floor: &mut Floor<'_>, request: &Request) -> Result<Vec<CampaignId>> {
    let mut reached = Vec::new();
    for campaign in floor.campaigns {
        let Some(most) = campaign.definition.queue.fresh_per_hour else { continue };
        let had: i64 = sqlx::query_scalar::<Engine, i64>(
            "-- claim: new leads that the operator has had within the hour
            SELECT COUNT(*) FROM assignment
            WHERE operator_id = $1 AND campaign_id = $2 AND queue_class = 'fresh' AND handed_at_ms > $3",
        )
        .bind(request.operator.0)
        .bind(campaign.id.0)
        .bind(FRESH_WINDOW.before(floor.now).as_millisecond())
        .fetch_one(&mut *floor.connection)
        .await
        .map_err(failed)?;
        if had >= i64::from(most) {
            reached.push(campaign.id);
        }
    }
    Ok(reached)
}

/// The leads that the operator handed back not long ago.
async fn handed_back(floor: &mut Floor<'_>, request: &Request) -> Result<HashSet<LeadId>> {
    let leads = sqlx::query_scalar::<Engine, i64>(
        "-- claim: leads that the operator handed back not long ago
        SELECT lead_id FROM assignment WHERE operator_id = $1 AND ending = 'returned' AND ended_at_ms > $2",
    )
    .bind(request.operator.0)
    .bind(HAND_BACK_REST.before(floor.now).as_millisecond())
    .fetch_all(&mut *floor.connection)
    .await
    .map_err(failed)?;
    Ok(leads.into_iter().map(LeadId).collect())
}

type PromiseRow = (i64, Option<i64>, i64, i64, i64, i64);

/// Promises that are due: the operator's own and those that anybody may keep, the longest due first. Promises of somebody who is away
/// or disabled are anybody's, before the loop says so; what the operator handed back rests. Others keep a promise only where they
/// would be given the lead: they speak its language, have the skills, and it is kept for nobody else who is there.
async fn due_promises(floor: &mut Floor<'_>, asking: &Asking<'_>) -> Result<Vec<Candidate>> {
    let request = asking.request;
    let rows = sqlx::query_as::<Engine, PromiseRow>(concat!(
        "-- claim: promises that are due
        SELECT callback.id, CASE WHEN callback.operator_id = $2 THEN callback.operator_id END, callback.lead_id, callback.campaign_id, callback.due_at_ms,
            (SELECT assignment.phone_position FROM attempt JOIN assignment ON assignment.id = attempt.assignment_id
             WHERE attempt.id = callback.attempt_id)
        FROM callback
        JOIN lead ON lead.id = callback.lead_id AND lead.state = 'scheduled' AND lead.block = 'callback'
        JOIN client ON client.id = lead.client_id
        JOIN campaign ON campaign.id = callback.campaign_id AND campaign.state = 'running'
        WHERE callback.state = 'open' AND callback.callable_at_ms <= $1
            AND (callback.operator_id IS NULL OR callback.operator_id = $2 OR EXISTS (
                SELECT 1 FROM app_user WHERE app_user.id = callback.operator_id AND (app_user.disabled_at_ms IS NOT NULL
                    OR (app_user.away_from_ms <= $1 AND app_user.away_until_ms > $1))))
            AND ($3 IS NULL OR callback.campaign_id = $3)
            AND (callback.operator_id = $2 OR (",
        dialect::among!("callback.campaign_id || ' ' || COALESCE(client.language, '')", "$5"),
        "
                AND (lead.reserved_for IS NULL OR lead.reserved_for = $2 OR EXISTS (
                    SELECT 1 FROM app_user WHERE app_user.id = lead.reserved_for AND (app_user.disabled_at_ms IS NOT NULL
                        OR (app_user.away_from_ms <= $1 AND app_user.away_until_ms > $1))))))
        ORDER BY CASE WHEN callback.operator_id = $2 THEN 0 ELSE 1 END, callback.due_at_ms, callback.id
        LIMIT $4"
    ))
    .bind(floor.now.as_millisecond() + i64::from(fault::is_on(Fault::PromiseTooEarly)) * 21_600_000)
    .bind(request.operator.0)
    .bind(request.campaign.map(|c| c.0))
    .bind(floor.front_size(asking))
    .bind(to_json(&able_to_keep(floor, asking)))
    .fetch_all(&mut *floor.connection)
    .await
    .map_err(failed)?;
    let mut candidates = Vec::new();
    for (callback, operator, lead, campaign, due_at_ms, phone_position) in rows {
        let Some(index) = floor.campaigns.iter().position(|c| c.id.0 == campaign) else { continue };
        let class = if operator.is_some() { QueueClass::PersonalCallback } else { QueueClass::AnyCallback };
        let head = queue::Head {
            rank: floor.campaigns[index].definition.queue.order.rank(class),
            due_at: Origin::new("callback", callback).instant("due_at_ms", due_at_ms)?,
            lead: LeadId(lead),
            campaign: CampaignId(campaign),
            list: None,
        };
        let promise = Some(Promise { callback, phone_position });
        candidates.push(Candidate { head, class, campaign: index, promise });
    }
    let is_out = |lead: &LeadId| floor.seen.contains(lead) || asking.resting.contains(lead);
    candidates.retain(|candidate| !is_out(&candidate.head.lead));
    Ok(candidates)
}

/// The campaigns whose leads the operator may be given, each with every language that does, and with none.
fn able_to_keep(floor: &Floor<'_>, asking: &Asking<'_>) -> Vec<String> {
    let campaigns = floor.campaigns.iter().filter(|campaign| asking.has_skills_for(&campaign.definition));
    let each = campaigns.flat_map(|campaign| {
        let languages = asking.languages.iter().chain(&campaign.definition.language);
        let languages = std::iter::once("").chain(languages.map(String::as_str));
        languages.map(|language| format!("{} {language}", campaign.id))
    });
    each.collect()
}
