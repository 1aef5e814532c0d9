//! The leads of two clients who become one: a person is one lead of a campaign.

use std::collections::BTreeMap;

use relance_domain::lead::{Block, ClosedReason, LeadState};
use relance_domain::merging::{self, LeadToMerge, MergedLead, Side};
use relance_domain::suppression::SuppressionKeys;
use relance_domain::{CampaignId, LeadId, RefusalId, ReopeningId};
use relance_store::Result;
use relance_store::client::LeadMerged;

use super::client::in_words;
use super::lane;
use super::lease::close_if_objected;
use super::rows::{Origin, exactly_one, to_json};
use crate::connect::failed;
use crate::{Connection, Engine, dialect};

/// The client who stays, and the one who becomes part of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) kept: i64,
    pub(super) other: i64,
}

/// What became of a lead of the client that is no more.
pub(super) struct Outcome {
    campaign: i64,
    lead: i64,
    /// The lead that is no more, with its place in its list.
    gone: Option<Gone>,
    promises_dropped: i64,
}

struct Gone {
    lead: i64,
    list: i64,
    line: i64,
}

#[derive(sqlx::FromRow)]
struct LeadRow {
    id: i64,
    campaign_id: i64,
    client_id: i64,
    list_id: i64,
    list_line: i64,
    state: String,
    due_at_ms: i64,
    block: Option<String>,
    closed_reason: Option<String>,
    priority: i64,
    facts: String,
    attributes: String,
    consent: Option<String>,
    consent_on: Option<String>,
    consent_wording: Option<String>,
    refusal_id: Option<i64>,
    reopening_id: Option<i64>,
    hand_outs: i64,
    promised_for_ms: Option<i64>,
}

impl LeadRow {
    fn to_merge(&self) -> Result<LeadToMerge> {
        let origin = Origin::new("lead", self.id);
        Ok(LeadToMerge {
            state: origin.lead_state(
                &self.state,
                self.due_at_ms,
                self.block.as_deref(),
                self.closed_reason.as_deref(),
            )?,
            priority: self.priority,
            hand_outs: self.hand_outs,
            promised_for: origin.instant_some("due_at_ms", self.promised_for_ms)?,
            refusal: self.refusal_id.map(RefusalId),
            reopening: self.reopening_id.map(ReopeningId),
        })
    }

    fn consents(&self) -> Option<bool> {
        self.consent.as_deref().map(|word| word == "yes")
    }
}

/// Gives the leads of one client to the other. Where both are leads of a campaign, the two become one.
pub(super) async fn merge(connection: &mut Connection, pair: Pair) -> Result<Vec<Outcome>> {
    let rows = sqlx::query_as::<Engine, LeadRow>(dialect::LEADS_TO_MERGE)
        .bind(pair.kept)
        .bind(pair.other)
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    let (others, kept): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.client_id == pair.other);
    let mut kept: BTreeMap<i64, LeadRow> = kept.into_iter().map(|row| (row.campaign_id, row)).collect();
    let mut outcomes = Vec::with_capacity(others.len());
    for other in others {
        outcomes.push(match kept.remove(&other.campaign_id) {
            None => hand_over(&mut *connection, pair, &other).await?,
            Some(kept) => join(&mut *connection, pair, kept, other).await?,
        });
    }
    lane::settle_client(connection, pair.kept).await?;
    Ok(outcomes)
}

/// A lead of a campaign that only one of them is in.
async fn hand_over(connection: &mut Connection, pair: Pair, lead: &LeadRow) -> Result<Outcome> {
    let moved = sqlx::query(
        "-- merge: the lead is the other client's
        UPDATE lead SET client_id = $2 WHERE id = $1 AND client_id = $3",
    )
    .bind(lead.id)
    .bind(pair.kept)
    .bind(pair.other)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(moved.rows_affected(), "lead")?;
    sqlx::query(
        "-- merge: what lists of the campaign changed of its facts goes along
        UPDATE client_change SET client_id = $1 WHERE client_id = $2 AND field = 'facts'
            AND list_id IN (SELECT id FROM list WHERE campaign_id = $3)",
    )
    .bind(pair.kept)
    .bind(pair.other)
    .bind(lead.campaign_id)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(Outcome { campaign: lead.campaign_id, lead: lead.id, gone: None, promises_dropped: 0 })
}

/// Two leads of a campaign become one.
async fn join(connection: &mut Connection, pair: Pair, kept: LeadRow, other: LeadRow) -> Result<Outcome> {
    let one = merging::leads(&kept.to_merge()?, &other.to_merge()?);
    let promised = one.promise.map(|side| if side == Side::Kept { kept.id } else { other.id });
    let promises_dropped = drop_promises(&mut *connection, [kept.id, other.id], promised).await?;
    let (stays, goes) = match one.stays {
        Side::Kept => (kept, other),
        Side::Other => (other, kept),
    };
    for statement in [
        "-- merge: hand-outs of the lead that goes
        UPDATE assignment SET lead_id = $2 WHERE lead_id = $1",
        "-- merge: attempts of the lead that goes
        UPDATE attempt SET lead_id = $2 WHERE lead_id = $1",
        "-- merge: refusals of the lead that goes
        UPDATE refusal SET lead_id = $2 WHERE lead_id = $1",
        "-- merge: reopenings of the lead that goes
        UPDATE reopening SET lead_id = $2 WHERE lead_id = $1",
        "-- merge: promises made for the lead that goes
        UPDATE callback SET lead_id = $2 WHERE lead_id = $1",
        "-- merge: orders of the lead that goes
        UPDATE orders SET lead_id = $2 WHERE lead_id = $1",
    ] {
        sqlx::query(statement).bind(goes.id).bind(stays.id).execute(&mut *connection).await.map_err(failed)?;
    }
    let removed = sqlx::query(
        "-- merge: the lead that goes
        DELETE FROM lead WHERE id = $1",
    )
    .bind(goes.id)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    exactly_one(removed.rows_affected(), "lead")?;
    write_lead(connection, pair, &stays, &goes, &one).await?;
    let gone = Some(Gone { lead: goes.id, list: goes.list_id, line: goes.list_line });
    Ok(Outcome { campaign: stays.campaign_id, lead: stays.id, gone, promises_dropped })
}

/// A lead has one open promise, and one only where it waits for it.
async fn drop_promises(connection: &mut Connection, leads: [i64; 2], but: Option<i64>) -> Result<i64> {
    let dropped = sqlx::query(
        "-- merge: promises that the one lead does not wait for
        UPDATE callback SET state = 'dropped' WHERE state = 'open' AND lead_id IN ($1, $2) AND lead_id <> COALESCE($3, 0)",
    )
    .bind(leads[0])
    .bind(leads[1])
    .bind(but)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(i64::try_from(dropped.rows_affected()).unwrap_or(i64::MAX))
}

/// Writes the one lead that two became.
async fn write_lead(
    connection: &mut Connection,
    pair: Pair,
    stays: &LeadRow,
    goes: &LeadRow,
    one: &MergedLead,
) -> Result<()> {
    let map = |row: &LeadRow, column, text: &str| -> Result<BTreeMap<String, String>> {
        Origin::new("lead", row.id).json(column, text)
    };
    let facts = merging::facts(map(stays, "facts", &stays.facts)?, map(goes, "facts", &goes.facts)?);
    let attributes =
        merging::facts(map(stays, "attributes", &stays.attributes)?, map(goes, "attributes", &goes.attributes)?);
    let consent = if merging::takes_other_consent(stays.consents(), goes.consents()) { goes } else { stays };
    let (word, due_at_ms, block, closed_reason) = one.state.columns();
    let written = sqlx::query(
        "-- merge: the one lead that two became
        UPDATE lead SET client_id = $2, state = $3, due_at_ms = COALESCE($4, due_at_ms), block = $5, closed_reason = $6,
            priority = $7, refusal_id = $8, reopening_id = $9, facts = $10, attributes = $11, consent = $12, consent_on = $13,
            consent_wording = $14
        WHERE id = $1",
    )
    .bind(stays.id)
    .bind(pair.kept)
    .bind(word)
    .bind(due_at_ms)
    .bind(block)
    .bind(closed_reason)
    .bind(one.priority)
    .bind(one.refusal.map(|refusal| refusal.0))
    .bind(one.reopening.map(|reopening| reopening.0))
    .bind(to_json(&facts))
    .bind(to_json(&attributes))
    .bind(&consent.consent)
    .bind(&consent.consent_on)
    .bind(&consent.consent_wording)
    .execute(connection)
    .await
    .map_err(failed)?;
    exactly_one(written.rows_affected(), "lead")
}

/// Closes what must not be called now that the numbers are one person's; tells how many leads, and how many promises were dropped
/// by the merge in all.
pub(super) async fn settle(
    connection: &mut Connection,
    keys: &SuppressionKeys,
    client: i64,
    outcomes: &[Outcome],
) -> Result<(i64, i64)> {
    let mut dropped = outcomes.iter().map(|outcome| outcome.promises_dropped).sum();
    let mut suppressed = 0;
    let may_be_called =
        |state| !matches!(state, LeadState::Closed(_)) || state == LeadState::Closed(ClosedReason::Refused);
    for (lead, state) in states(&mut *connection, client).await?.into_iter().filter(|(_, state)| may_be_called(*state))
    {
        let after = close_if_objected(&mut *connection, keys, LeadId(lead), state).await?;
        if after != state {
            suppressed += 1;
            dropped += i64::from(matches!(state, LeadState::Scheduled { block: Block::Callback, .. }));
        }
    }
    Ok((suppressed, dropped))
}

/// Where the client's leads stand.
pub(super) async fn states(connection: &mut Connection, client: i64) -> Result<Vec<(i64, LeadState)>> {
    let rows = sqlx::query_as::<Engine, (i64, String, i64, Option<String>, Option<String>)>(
        "-- merge: where the leads stand
        SELECT id, state, due_at_ms, block, closed_reason FROM lead WHERE client_id = $1 ORDER BY id",
    )
    .bind(client)
    .fetch_all(connection)
    .await
    .map_err(failed)?;
    rows.into_iter()
        .map(|(id, state, due_at_ms, block, closed)| {
            let origin = Origin::new("lead", id);
            Ok((id, origin.lead_state(&state, due_at_ms, block.as_deref(), closed.as_deref())?))
        })
        .collect()
}

/// What became of the leads, as it is answered.
pub(super) async fn told(connection: &mut Connection, client: i64, outcomes: &[Outcome]) -> Result<Vec<LeadMerged>> {
    let states: BTreeMap<i64, LeadState> = states(connection, client).await?.into_iter().collect();
    outcomes
        .iter()
        .map(|outcome| {
            let state = Origin::new("lead", outcome.lead).need("state", states.get(&outcome.lead).copied())?;
            let (state, reason) = in_words(state);
            Ok(LeadMerged {
                campaign: CampaignId(outcome.campaign),
                lead: LeadId(outcome.lead),
                merged: outcome.gone.as_ref().map(|gone| LeadId(gone.lead)),
                state,
                reason,
            })
        })
        .collect()
}

/// Keeps the keys of the leads that are no more: a list counts them, and whoever asks for one is told of the other.
pub(super) async fn write_down(connection: &mut Connection, merge: i64, outcomes: &[Outcome]) -> Result<()> {
    for (outcome, gone) in outcomes.iter().filter_map(|outcome| Some((outcome, outcome.gone.as_ref()?))) {
        sqlx::query(
            "-- merge: leads that had become one with the lead that goes
            UPDATE lead_merge SET kept_lead_id = $2 WHERE kept_lead_id = $1",
        )
        .bind(gone.lead)
        .bind(outcome.lead)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
        sqlx::query(
            "-- merge: the lead that goes
            INSERT INTO lead_merge (merged_lead_id, kept_lead_id, list_id, list_line, client_merge_id)
            VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(gone.lead)
        .bind(outcome.lead)
        .bind(gone.list)
        .bind(gone.line)
        .bind(merge)
        .execute(&mut *connection)
        .await
        .map_err(failed)?;
    }
    Ok(())
}
