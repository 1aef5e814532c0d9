//! Outcomes that came late, for review.

use jiff::Timestamp;
use relance_domain::assignment::Ending;
use relance_domain::outcome::OutcomeReport;
use relance_domain::phone::mask;
use relance_domain::{AssignmentId, LateOutcomeId, LeadId};
use relance_store::late::{LateFilter, LateOutcome, NewReview, Review};
use relance_store::{Result, StoreError};

use super::rows::Origin;
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
struct LateRow {
    id: i64,
    received_at_ms: i64,
    operator: String,
    assignment_id: i64,
    ending: Option<String>,
    ended_at_ms: Option<i64>,
    lead_id: i64,
    campaign: String,
    phone: String,
    report: String,
    reviewed_at_ms: Option<i64>,
    reviewer: Option<String>,
    review_note: Option<String>,
}

impl LateRow {
    fn into_late_outcome(self) -> Result<LateOutcome> {
        let origin = Origin::new("late_outcome", self.id);
        let of_assignment = Origin::new("assignment", self.assignment_id);
        let report: OutcomeReport = match self.report.as_str() {
            // The person was erased since.
            super::outcome::EMPTIED => OutcomeReport::default(),
            kept => origin.json("report", kept)?,
        };
        let review = match (origin.instant_some("reviewed_at_ms", self.reviewed_at_ms)?, self.review_note) {
            (Some(at), Some(note)) => Some(Review { at, by: self.reviewer, note }),
            _ => None,
        };
        let ended_at = of_assignment.instant_some("ended_at_ms", self.ended_at_ms)?;
        Ok(LateOutcome {
            id: LateOutcomeId(self.id),
            received_at: origin.instant("received_at_ms", self.received_at_ms)?,
            operator: self.operator,
            assignment: AssignmentId(self.assignment_id),
            ending: of_assignment.need("ending", self.ending.as_deref().and_then(Ending::parse))?,
            ended_at: of_assignment.need("ended_at_ms", ended_at)?,
            lead: LeadId(self.lead_id),
            campaign: self.campaign,
            phone: mask(&self.phone),
            disposition: report.disposition,
            reason: report.refusal.map(|refusal| refusal.reason),
            promised_for: report.callback.map(|promise| promise.due_at),
            tariff_ordered: report.order.map(|order| order.tariff),
            note: report.note,
            review,
        })
    }
}

pub(super) async fn page(connection: &mut Connection, filter: &LateFilter) -> Result<Vec<LateOutcome>> {
    rows(connection, filter, None).await
}

/// Those that fit a filter and, where one is named, are this one; the newest first.
async fn rows(
    connection: &mut Connection,
    filter: &LateFilter,
    only: Option<LateOutcomeId>,
) -> Result<Vec<LateOutcome>> {
    let open = filter.open.map(i64::from);
    sqlx::query_as::<Engine, LateRow>(
        "-- late outcome: the newest first
        SELECT late_outcome.id, late_outcome.received_at_ms, app_user.name AS operator, late_outcome.assignment_id,
            assignment.ending, assignment.ended_at_ms, assignment.lead_id, campaign.campaign, client.phone, late_outcome.report,
            late_outcome.reviewed_at_ms, reviewer.name AS reviewer, late_outcome.review_note
        FROM late_outcome
        JOIN assignment ON assignment.id = late_outcome.assignment_id
        JOIN campaign ON campaign.id = assignment.campaign_id
        JOIN client ON client.id = assignment.client_id
        JOIN app_user ON app_user.id = late_outcome.operator_id
        LEFT JOIN app_user AS reviewer ON reviewer.id = late_outcome.reviewed_by
        WHERE ($1 IS NULL OR (CASE WHEN late_outcome.reviewed_at_ms IS NULL THEN 1 ELSE 0 END) = $1)
            AND ($2 IS NULL OR assignment.campaign_id = $2)
            AND ($3 IS NULL OR late_outcome.id < $3)
            AND ($4 IS NULL OR late_outcome.id = $4)
        ORDER BY late_outcome.id DESC LIMIT $5",
    )
    .bind(open)
    .bind(filter.campaign.map(|campaign| campaign.0))
    .bind(filter.before.map(|before| before.0))
    .bind(only.map(|only| only.0))
    .bind(filter.limit)
    .fetch_all(connection)
    .await
    .map_err(failed)?
    .into_iter()
    .map(LateRow::into_late_outcome)
    .collect()
}

pub(super) async fn review(connection: &mut Connection, new: &NewReview, now: Timestamp) -> Result<LateOutcome> {
    sqlx::query(
        "-- late outcome: reviewed, once; one that is not there or was reviewed before is told below
        UPDATE late_outcome SET reviewed_at_ms = $2, reviewed_by = $3, review_note = $4
        WHERE id = $1 AND reviewed_at_ms IS NULL",
    )
    .bind(new.late_outcome.0)
    .bind(now.as_millisecond())
    .bind(new.by.map(|user| user.0))
    .bind(&new.note)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    let only = LateFilter { limit: 1, ..LateFilter::default() };
    let late = rows(connection, &only, Some(new.late_outcome)).await?.pop();
    let late = late.ok_or_else(|| StoreError::not_found("late outcome", new.late_outcome))?;
    match &late.review {
        Some(review) if review.note != new.note => {
            let by = review.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
            Err(StoreError::Conflict(format!("late outcome {} was reviewed already{by}", late.id)))
        }
        _ => Ok(late),
    }
}
