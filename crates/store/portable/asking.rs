//! The operators of a batch: what stands of each when they ask, read for all of them at once.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use relance_domain::assignment::HAND_BACK_REST;
use relance_domain::definition::Definition;
use relance_domain::fault::{self, Fault};
use relance_domain::{AssignmentId, CampaignId, LeadId, Span, UserId};
use relance_store::claim::{Batch, Request, RunningCampaign};
use relance_store::{Result, StoreError};

use super::facts::{self, Kept};
use super::rows::{Origin, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// Over which time the new leads of an operator are counted.
const FRESH_WINDOW: Span = Span::minutes(60);

/// Who asks, and what they may be given.
pub(super) struct Asking<'a> {
    pub(super) request: &'a Request,
    pub(super) disabled: bool,
    /// The assignment they had open before.
    pub(super) open: Option<AssignmentId>,
    skills: Vec<String>,
    languages: Vec<String>,
    /// Leads that the operator handed back not long ago: others may have them.
    pub(super) resting: HashSet<LeadId>,
    /// Campaigns of which the operator has had as many new leads as one may have in an hour.
    pub(super) without_fresh: Vec<CampaignId>,
}

impl Asking<'_> {
    /// Whether a lead is to be searched for.
    pub(super) fn waits(&self) -> bool {
        !self.disabled && self.open.is_none()
    }

    /// Whether the operator can do all that a campaign asks for.
    pub(super) fn has_skills_for(&self, definition: &Definition) -> bool {
        definition.skills.iter().all(|skill| self.skills.contains(skill))
    }

    /// Whether the operator speaks with people of a language in a campaign.
    pub(super) fn speaks(&self, language: &String, definition: &Definition) -> bool {
        self.languages.contains(language) || definition.language.as_ref() == Some(language)
    }
}

/// Everybody who asks, and what is read with them because one question to the database is quicker than three.
pub(super) struct Arrival<'a> {
    /// In the order of the batch.
    pub(super) askings: Vec<Asking<'a>>,
    /// Whether anybody was promised a call that is due.
    pub(super) promise_is_due: bool,
    pub(super) registers: Vec<Kept>,
}

/// Everybody who asks.
pub(super) async fn all<'a>(connection: &mut Connection, batch: &'a Batch, now: Timestamp) -> Result<Arrival<'a>> {
    let operators: BTreeSet<i64> = batch.requests.iter().map(|request| request.operator.0).collect();
    let rows = sqlx::query_as::<Engine, OperatorRow>(concat!(
        "-- claim: the operators, the assignments they have open, the leads they handed back not long ago; promises, registers
        SELECT app_user.id, app_user.disabled_at_ms IS NOT NULL AS disabled, app_user.skills, app_user.languages,
            (SELECT id FROM assignment WHERE operator_id = app_user.id AND ending IS NULL) AS open_id,
            (SELECT ",
        dialect::gathered!("lead_id"),
        " FROM assignment WHERE operator_id = app_user.id AND ending = 'returned' AND ended_at_ms > $2) AS resting,
            COALESCE((SELECT MIN(callable_at_ms) FROM callback WHERE state = 'open') <= $3, FALSE) AS promise_is_due,
            (SELECT ",
        dialect::gathered_rows!(id, name, seller, campaign_id, as_of),
        " FROM register WHERE as_of IS NOT NULL) AS registers
        FROM ",
        dialect::sent!("$1"),
        " JOIN app_user ON app_user.id = CAST(sent.value AS BIGINT)"
    ))
    .bind(to_json(&operators))
    .bind(HAND_BACK_REST.before(now).as_millisecond())
    .bind(promises_due_ms(now))
    .fetch_all(&mut *connection)
    .await
    .map_err(failed)?;
    let promise_is_due = rows.iter().any(|row| row.promise_is_due);
    let registers = rows.first().and_then(|row| row.registers.as_deref());
    let registers = registers.map_or(Ok(Vec::new()), |kept| Origin::new("register", 0).json("as_of", kept))?;
    let registers = facts::kept(registers)?;
    let found: HashMap<i64, OperatorRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let fresh = fresh_had(connection, batch, &operators, now).await?;
    let asking = |request: &'a Request| {
        let row = found.get(&request.operator.0).ok_or_else(|| StoreError::not_found("user", request.operator))?;
        let origin = Origin::new("app_user", row.id);
        let resting: Vec<i64> = row.resting.as_deref().map_or(Ok(Vec::new()), |leads| origin.json("resting", leads))?;
        let has_had_enough = |campaign: &&RunningCampaign| {
            let most = campaign.definition.queue.fresh_per_hour;
            let had = fresh.get(&(request.operator, campaign.id)).copied().unwrap_or(0);
            most.is_some_and(|most| had >= i64::from(most))
        };
        let campaigns = batch.campaigns.iter().map(AsRef::as_ref);
        Ok(Asking {
            request,
            disabled: row.disabled,
            open: row.open_id.filter(|_| !fault::is_on(Fault::LostReplySecondLead)).map(AssignmentId),
            skills: origin.json("skills", &row.skills)?,
            languages: origin.json("languages", &row.languages)?,
            resting: resting.into_iter().map(LeadId).collect(),
            without_fresh: campaigns.filter(has_had_enough).map(|campaign| campaign.id).collect(),
        })
    };
    Ok(Arrival { askings: batch.requests.iter().map(asking).collect::<Result<_>>()?, promise_is_due, registers })
}

/// Which promises are due.
pub(super) fn promises_due_ms(now: Timestamp) -> i64 {
    now.as_millisecond() + i64::from(fault::is_on(Fault::PromiseTooEarly)) * 21_600_000
}

#[derive(sqlx::FromRow)]
struct OperatorRow {
    id: i64,
    disabled: bool,
    skills: String,
    languages: String,
    open_id: Option<i64>,
    resting: Option<String>,
    promise_is_due: bool,
    registers: Option<String>,
}

/// How many new leads the operators have had within the hour, of the campaigns that give only so many.
async fn fresh_had(
    connection: &mut Connection,
    batch: &Batch,
    operators: &BTreeSet<i64>,
    now: Timestamp,
) -> Result<HashMap<(UserId, CampaignId), i64>> {
    if batch.campaigns.iter().all(|campaign| campaign.definition.queue.fresh_per_hour.is_none()) {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as::<Engine, (i64, i64, i64)>(concat!(
        "-- claim: new leads that the operators have had within the hour
        SELECT assignment.operator_id, assignment.campaign_id, COUNT(*)
        FROM ",
        dialect::sent!("$1"),
        " JOIN assignment ON assignment.operator_id = CAST(sent.value AS BIGINT) AND assignment.queue_class = 'fresh'
            AND assignment.handed_at_ms > $2
        GROUP BY assignment.operator_id, assignment.campaign_id"
    ))
    .bind(to_json(operators))
    .bind(FRESH_WINDOW.before(now).as_millisecond())
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|(operator, campaign, had)| ((UserId(operator), CampaignId(campaign)), had)).collect())
}

/// The credit that reopened leads had after the last hand-out by their share, of the campaigns that declare one.
pub(super) async fn share_credits(connection: &mut Connection, batch: &Batch) -> Result<HashMap<CampaignId, i64>> {
    let divided = batch.campaigns.iter().filter(|campaign| campaign.definition.queue.reopened_share.is_some());
    let divided: Vec<i64> = divided.map(|campaign| campaign.id.0).collect();
    if divided.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as::<Engine, (i64, Option<i64>)>(concat!(
        "-- claim: how far the share of reopened leads has come
        SELECT CAST(sent.value AS BIGINT), (
            SELECT share_credit FROM assignment
            WHERE campaign_id = CAST(sent.value AS BIGINT) AND share_credit IS NOT NULL ORDER BY id DESC LIMIT 1)
        FROM ",
        dialect::sent!("$1")
    ))
    .bind(to_json(&divided))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().filter_map(|(campaign, credit)| Some((CampaignId(campaign), credit?))).collect())
}

/// Those whose promises are anybody's, because they are away or disabled.
pub(super) async fn absent_owners(connection: &mut Connection, now: Timestamp) -> Result<Vec<UserId>> {
    let absent = sqlx::query_scalar::<Engine, i64>(
        "-- claim: who of those who promised is not there?
        SELECT absent.id FROM app_user AS absent
        WHERE (absent.disabled_at_ms IS NOT NULL OR (absent.away_from_ms <= $1 AND absent.away_until_ms > $1))
            AND (SELECT MIN(callback.id) FROM callback WHERE callback.operator_id = absent.id AND callback.state = 'open') IS NOT NULL",
    )
    .bind(promises_due_ms(now))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(absent.into_iter().map(UserId).collect())
}
