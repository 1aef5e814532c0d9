//! Leads that a supervisor takes from their operators, and hands to others.

use jiff::Timestamp;
use relance_domain::assignment::Ending;
use relance_domain::campaign::state::CampaignState;
use relance_domain::eligibility::{Clearance, Verdict, decide};
use relance_domain::funnel::{LaneOpening, Surroundings, standing};
use relance_domain::lead::LeadState;
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{AssignmentId, LeadId, UserId};
use relance_store::assignment::{HandOver, Take, Taken};
use relance_store::claim::{Decision, RunningCampaign, Why};
use relance_store::question::CallInQuestion;
use relance_store::{Result, StoreError};

use super::lease::give_back;
use super::person;
use super::rows::{Origin, exactly_one, to_json};
use super::suppression::lock_client;
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

#[derive(sqlx::FromRow)]
struct TakenRow {
    lead_id: i64,
    client_id: i64,
    campaign_id: i64,
    operator_id: i64,
    handed_at_ms: i64,
    ending: Option<String>,
    decision: String,
}

pub(super) async fn take(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    take: &Take,
    now: Timestamp,
) -> Result<Taken> {
    let row = sqlx::query_as::<Engine, TakenRow>(
        "-- take: the assignment
        SELECT lead_id, client_id, campaign_id, operator_id, handed_at_ms, ending, decision FROM assignment WHERE id = $1",
    )
    .bind(take.assignment.0)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("assignment", take.assignment))?;
    if let Some(ending) = &row.ending {
        let ending = Ending::parse(ending);
        return Ok(Taken::Ended(Origin::new("assignment", take.assignment.0).need("ending", ending)?));
    }
    // Not before it was handed out, should this node's clock run behind.
    let now = now.max(Origin::new("assignment", take.assignment.0).instant("handed_at_ms", row.handed_at_ms)?);
    // Campaigns are held before people, as a hand-out does.
    if let Some(to) = &take.to
        && !is_present(&mut *connection, &row, to).await?
    {
        return Ok(Taken::Outdated);
    }
    lock_client(&mut *connection, row.client_id).await?;
    revoke(&mut *connection, take, now).await?;
    let lead = LeadId(row.lead_id);
    match &take.to {
        None => {
            let state = give_back(connection, keys, lead, now).await?;
            Ok(Taken::Done { lead, lead_state: state.as_str().to_owned(), handed: None })
        }
        Some(to) => {
            let handed = hand_over(connection, keys, take.assignment, &row, to, now).await?;
            Ok(Taken::Done { lead, lead_state: LeadState::Assigned.as_str().to_owned(), handed: Some(handed) })
        }
    }
}

/// Ends the assignment that is taken.
async fn revoke(connection: &mut Connection, take: &Take, now: Timestamp) -> Result<()> {
    let ended = sqlx::query(
        "-- take: the assignment ends, once
        UPDATE assignment SET ended_at_ms = $2, ending = 'revoked',
            ended_because = $3, ended_by = $4
        WHERE id = $1 AND ended_at_ms IS NULL",
    )
    .bind(take.assignment.0)
    .bind(now.as_millisecond())
    .bind(&take.reason)
    .bind(take.by.map(|user| user.0))
    .execute(connection)
    .await
    .map_err(failed)?;
    // Ended by somebody else since it was read: the call is tried again and reads how.
    exactly_one(ended.rows_affected(), "assignment")
}

/// Whether the campaign has the definition that the caller knows. One that does not run hands nobody out.
async fn is_present(connection: &mut Connection, row: &TakenRow, to: &HandOver) -> Result<bool> {
    let running =
        sqlx::query_as::<Engine, (i64, i64)>(dialect::RUNNING_CAMPAIGNS).fetch_all(connection).await.map_err(failed)?;
    match running.into_iter().find(|(id, _)| *id == row.campaign_id) {
        Some((id, version)) => Ok((id, version) == (to.campaign.id.0, to.campaign.version)),
        None => Err(StoreError::Conflict(
            "the lead's campaign does not run, so that nobody is handed out: take the lead without naming an operator"
                .to_owned(),
        )),
    }
}

/// Hands a lead that was just taken to another operator. The lead stays with an operator throughout, so that its own row
/// does not change; everything that decides about a hand-out is looked at again.
async fn hand_over(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    from: AssignmentId,
    row: &TakenRow,
    to: &HandOver,
    now: Timestamp,
) -> Result<AssignmentId> {
    free_to_call(&mut *connection, UserId(row.operator_id), to.operator).await?;
    let clearance = clearance(&mut *connection, keys, LeadId(row.lead_id), to, now).await?;
    let taken: Decision = Origin::new("assignment", from.0).json("decision", &row.decision)?;
    let definition = &to.campaign.definition;
    let decision = Decision { why: Why::HandedOver, definition_version: to.campaign.version, clearance, ..taken };
    sqlx::query_scalar::<Engine, i64>(
        "-- take: the assignment of whoever has the lead now
        INSERT INTO assignment (lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
            callback_id, reopening_id, decision, handed_at_ms, lease_until_ms, taken_from_id, subject, phone_position,
            queue_class)
        SELECT lead_id, client_id, campaign_id, $2, seller, list_id, $3, $4, callback_id, reopening_id, $5, $6, $7, id, subject,
            phone_position, queue_class
        FROM assignment WHERE id = $1
        RETURNING id",
    )
    .bind(from.0)
    .bind(to.campaign.version)
    .bind(to.operator.0)
    .bind(&to.token)
    .bind(to_json(&decision))
    .bind(now.as_millisecond())
    .bind(definition.lease.after(now).as_millisecond())
    .fetch_one(connection)
    .await
    .map(AssignmentId)
    .map_err(failed)
}

/// Refuses an operator who has a lead already or is disabled.
async fn free_to_call(connection: &mut Connection, from: UserId, to: UserId) -> Result<()> {
    let (name, disabled_at_ms, open) = sqlx::query_as::<Engine, (String, Option<i64>, Option<i64>)>(
        "-- take: the operator who is to have the lead, and the assignment they have open
        SELECT app_user.name, app_user.disabled_at_ms, assignment.id FROM app_user
        LEFT JOIN assignment ON assignment.operator_id = app_user.id AND assignment.ending IS NULL
        WHERE app_user.id = $1",
    )
    .bind(to.0)
    .fetch_optional(connection)
    .await
    .map_err(failed)?
    .ok_or_else(|| StoreError::not_found("user", to))?;
    let refused = match (disabled_at_ms, open) {
        _ if from == to => format!("{name} has this lead: name another operator"),
        (Some(_), _) => format!("{name} is disabled: name an operator who is not"),
        (None, Some(open)) => {
            format!("{name} has assignment {open} open: that one ends first, or name another operator")
        }
        (None, None) => return Ok(()),
    };
    Err(StoreError::Conflict(refused))
}

/// What allows the call, by the same rules as every hand-out. The one that was taken is among the tries.
async fn clearance(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    lead: LeadId,
    to: &HandOver,
    now: Timestamp,
) -> Result<Clearance> {
    let RunningCampaign { definition, law, .. } = &to.campaign;
    let call = CallInQuestion::new(lead, definition.subject(), law.looks_back_to(now));
    let person = person::one(connection, keys, &call).await?;
    let state = match decide(now, law, &person.callee(), &person.facts) {
        Verdict::Callable(clearance) => return Ok(*clearance),
        Verdict::Wait { block, until } => LeadState::Scheduled { due_at: until, block },
        Verdict::Never(reason) => LeadState::Closed(reason),
    };
    let around = Surroundings { campaign: CampaignState::Running, lane: LaneOpening::Open };
    let (refused, until) = standing(state, around, now);
    let until = until.map_or_else(String::new, |at| format!(", until {at}"));
    Err(StoreError::Conflict(format!(
        "lead {lead} cannot be handed out now ({}{until}): take it without naming an operator",
        refused.in_words()
    )))
}
