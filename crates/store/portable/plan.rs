//! What a batch comes to: decided in memory, then written with one statement of each kind.

use std::collections::HashMap;

use jiff::Timestamp;
use relance_domain::lead::{Block, LeadEvent, LeadState};
use relance_domain::{AssignmentId, ClientId, LeadId, Span, UserId};
use relance_store::Result;
use relance_store::StoreError;
use serde::Serialize;

use super::floor::{Candidate, Promise};
use super::lead::{Change, change_leads, drop_promises};
use super::rows::{all_of, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// After which time a promise is looked at again that waits for something else than time.
const PROMISE_LOOK_AGAIN: Span = Span::minutes(60);

/// An assignment to be made, as the statement takes it.
#[derive(Serialize)]
pub(super) struct NewAssignment<'a> {
    pub(super) lead: LeadId,
    pub(super) client: ClientId,
    pub(super) campaign: i64,
    pub(super) campaign_version: i64,
    pub(super) seller: &'a str,
    pub(super) list: i64,
    pub(super) operator: UserId,
    pub(super) token: &'a str,
    pub(super) callback: Option<i64>,
    pub(super) reopening: Option<i64>,
    pub(super) decision: String,
    pub(super) handed_at_ms: i64,
    pub(super) lease_until_ms: i64,
    pub(super) subject: &'a str,
    pub(super) phone_position: i64,
    pub(super) queue_class: &'static str,
    pub(super) mix_pass: Option<i64>,
    pub(super) share_credit: Option<i64>,
}

/// A promise that the rules hold back.
#[derive(Serialize)]
struct HeldBack {
    callback: i64,
    callable_at_ms: i64,
}

/// What is to be written.
#[derive(Default)]
pub(super) struct Plan<'a> {
    assignments: Vec<NewAssignment<'a>>,
    changes: Vec<Change>,
    held_back: Vec<HeldBack>,
    closed: Vec<LeadId>,
    /// People who are with an operator by this batch, until when.
    open: HashMap<ClientId, Timestamp>,
}

impl<'a> Plan<'a> {
    /// Whether the operator has a lead by this batch already.
    pub(super) fn serves(&self, operator: UserId) -> bool {
        self.assignments.iter().any(|assignment| assignment.operator == operator)
    }

    /// Until when a person is with an operator by this batch.
    pub(super) fn open_until(&self, client: ClientId) -> Option<Timestamp> {
        self.open.get(&client).copied()
    }

    /// Hands a lead out.
    pub(super) fn assign(
        &mut self,
        assignment: NewAssignment<'a>,
        from: LeadState,
        lease_until: Timestamp,
    ) -> Result<()> {
        self.change(assignment.lead, from, LeadEvent::HandOut)?;
        self.open.insert(assignment.client, lease_until);
        self.assignments.push(assignment);
        Ok(())
    }

    /// Moves a candidate to the moment at which it could pass. A promise stays a promise, only later; what it waits for may come
    /// though time alone does not bring it, as a register's new file, so that it is looked at again before long.
    pub(super) fn postpone(
        &mut self,
        candidate: &Candidate,
        from: LeadState,
        block: Block,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<()> {
        let Some(Promise { callback, .. }) = candidate.promise else {
            return self.change(candidate.head.lead, from, LeadEvent::Postpone { until, block });
        };
        let until = if until == Timestamp::MAX { PROMISE_LOOK_AGAIN.after(now) } else { until };
        self.held_back.push(HeldBack { callback, callable_at_ms: until.as_millisecond() });
        self.change(candidate.head.lead, from, LeadEvent::Postpone { until, block: Block::Callback })
    }

    /// Applies an event to a lead; a promise to somebody who must not be called is dropped.
    pub(super) fn change(&mut self, lead: LeadId, from: LeadState, event: LeadEvent) -> Result<()> {
        let to = from.apply(event).map_err(|error| StoreError::Database(error.into()))?;
        if matches!(to, LeadState::Closed(_)) {
            self.closed.push(lead);
        }
        self.changes.push(Change::new(lead, from, to));
        Ok(())
    }

    /// Writes all of it; tells the assignments by operator.
    pub(super) async fn write(&self, connection: &mut Connection) -> Result<HashMap<UserId, AssignmentId>> {
        let assignments = insert_assignments(&mut *connection, &self.assignments).await?;
        change_leads(&mut *connection, &self.changes).await?;
        hold_back(&mut *connection, &self.held_back).await?;
        drop_promises(connection, &self.closed).await?;
        Ok(assignments)
    }
}

async fn insert_assignments(
    connection: &mut Connection,
    assignments: &[NewAssignment<'_>],
) -> Result<HashMap<UserId, AssignmentId>> {
    if assignments.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = sqlx::query_as::<Engine, (i64, i64)>(concat!(
        "-- claim: the assignments
        INSERT INTO assignment (lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
            callback_id, reopening_id, decision, handed_at_ms, lease_until_ms, subject, phone_position, queue_class, mix_pass,
            share_credit)
        SELECT CAST(sent.value ->> 'lead' AS BIGINT), CAST(sent.value ->> 'client' AS BIGINT),
            CAST(sent.value ->> 'campaign' AS BIGINT), CAST(sent.value ->> 'campaign_version' AS BIGINT), sent.value ->> 'seller',
            CAST(sent.value ->> 'list' AS BIGINT), CAST(sent.value ->> 'operator' AS BIGINT), sent.value ->> 'token',
            CAST(sent.value ->> 'callback' AS BIGINT), CAST(sent.value ->> 'reopening' AS BIGINT), sent.value ->> 'decision',
            CAST(sent.value ->> 'handed_at_ms' AS BIGINT), CAST(sent.value ->> 'lease_until_ms' AS BIGINT),
            sent.value ->> 'subject', CAST(sent.value ->> 'phone_position' AS BIGINT), sent.value ->> 'queue_class',
            CAST(sent.value ->> 'mix_pass' AS BIGINT), CAST(sent.value ->> 'share_credit' AS BIGINT)
        FROM ",
        dialect::sent!("$1"),
        "
        RETURNING id, operator_id"
    ))
    .bind(to_json(&assignments))
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    Ok(rows.into_iter().map(|(id, operator)| (UserId(operator), AssignmentId(id))).collect())
}

async fn hold_back(connection: &mut Connection, held_back: &[HeldBack]) -> Result<()> {
    if held_back.is_empty() {
        return Ok(());
    }
    let moved = sqlx::query(concat!(
        "-- claim: promises that the rules hold back
        UPDATE callback SET callable_at_ms = CAST(sent.value ->> 'callable_at_ms' AS BIGINT)
        FROM ",
        dialect::sent!("$1"),
        " WHERE callback.id = CAST(sent.value ->> 'callback' AS BIGINT) AND callback.state = 'open'"
    ))
    .bind(to_json(&held_back))
    .execute(connection)
    .await
    .map_err(failed)?;
    all_of(moved.rows_affected(), held_back.len(), "callback")
}
