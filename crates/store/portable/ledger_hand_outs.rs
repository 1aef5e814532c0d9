//! The hand-outs of people, with everything on record that their promises are held against.

use relance_domain::ledger::{AttemptRecord, HandOutRecord, LeadRecord, PromiseMade, RefusalMade};
use relance_store::Result;

use super::ledger_people::Range;
use crate::connect::failed;
use crate::{Connection, Engine};

#[derive(sqlx::FromRow)]
pub(super) struct HandOutRow {
    id: i64,
    lead_id: i64,
    pub(super) client_id: i64,
    campaign_id: i64,
    campaign_version: i64,
    seller: String,
    list_id: i64,
    operator_id: i64,
    reopening_id: Option<i64>,
    decision: String,
    handed_at_ms: i64,
    lease_until_ms: i64,
    ended_at_ms: Option<i64>,
    ending: Option<String>,
    is_forbidden: bool,
    report: Option<String>,
    subject: String,
    phone_position: i64,
    late_at_ms: Option<i64>,
    reopened_lead_id: Option<i64>,
    reopened_at_ms: Option<i64>,
    reopened_tariff_id: Option<i64>,
    reopened_tariff_version: Option<i64>,
    reopening_untold: bool,
    attempt_id: Option<i64>,
    attempt_client_id: Option<i64>,
    attempt_lead_id: Option<i64>,
    attempt_campaign_id: Option<i64>,
    attempt_seller: Option<String>,
    attempt_list_id: Option<i64>,
    attempt_operator_id: Option<i64>,
    attempt_reopening_id: Option<i64>,
    disposition: Option<String>,
    class: Option<String>,
    counts_as: Option<String>,
    order_cancelled: bool,
    recorded_at_ms: Option<i64>,
    refusal_id: Option<i64>,
    reason: Option<String>,
    price_ceiling_minor: Option<i64>,
    max_months: Option<i64>,
    wanted_features: Option<String>,
    coverage: Option<String>,
    competitor_price_minor: Option<i64>,
    contract_end: Option<String>,
    call_after: Option<String>,
    refusal_currency: Option<String>,
    promise_id: Option<i64>,
    promised_by: Option<i64>,
    owner_id: Option<i64>,
    promised_for_ms: Option<i64>,
    promised_call_ms: Option<i64>,
    escalated_at_ms: Option<i64>,
    lead_client_id: Option<i64>,
    lead_campaign_id: Option<i64>,
    lead_list_id: Option<i64>,
    lead_state: Option<String>,
    block: Option<String>,
    due_at_ms: Option<i64>,
    closed_reason: Option<String>,
    lead_refusal_id: Option<i64>,
    back_for_refusal_id: Option<i64>,
    taken_back: bool,
    consent: Option<String>,
    consent_on: Option<String>,
    consent_wording: Option<String>,
    hours_waiver: Option<String>,
    is_merged: bool,
    consent_basis: Option<String>,
    relationship: Option<String>,
    licence_until: Option<String>,
}

/// The hand-outs of some people, by person and key.
pub(super) async fn hand_outs(connection: &mut Connection, range: Range) -> Result<Vec<HandOutRow>> {
    // Planned anew for each page: a plan for any range would read whole tables.
    sqlx::query_as::<Engine, HandOutRow>(
        "-- verify: the hand-outs of some people, with their ends and their leads
        SELECT assignment.id, assignment.lead_id, assignment.client_id, assignment.campaign_id, assignment.campaign_version,
            assignment.seller, assignment.list_id, assignment.operator_id, assignment.reopening_id, assignment.decision,
            assignment.handed_at_ms, assignment.lease_until_ms, assignment.ended_at_ms, assignment.ending,
            COALESCE(assignment.ending = 'revoked' AND assignment.ended_because = 'the person must not be called any more'
                AND assignment.ended_by IS NULL, FALSE) AS is_forbidden, assignment.report,
            assignment.subject, assignment.phone_position,
            (SELECT MIN(received_at_ms) FROM late_outcome WHERE late_outcome.assignment_id = assignment.id) AS late_at_ms,
            reopening.lead_id AS reopened_lead_id, reopening.reopened_at_ms, reopening.tariff_id AS reopened_tariff_id,
            reopening.tariff_version AS reopened_tariff_version,
            COALESCE(reopening.hold_out = 'without_offer' AND reopening.hold_out_until_ms > assignment.handed_at_ms, FALSE)
                AS reopening_untold,
            attempt.id AS attempt_id, attempt.client_id AS attempt_client_id, attempt.lead_id AS attempt_lead_id,
            attempt.campaign_id AS attempt_campaign_id, attempt.seller AS attempt_seller, attempt.list_id AS attempt_list_id,
            attempt.operator_id AS attempt_operator_id, attempt.reopening_id AS attempt_reopening_id, attempt.disposition,
            attempt.class, attempt.counts_as, attempt.recorded_at_ms,
            EXISTS (SELECT 1 FROM orders WHERE orders.attempt_id = attempt.id AND orders.state = 'cancelled') AS order_cancelled,
            refusal.id AS refusal_id, refusal.reason, refusal.price_ceiling_minor, refusal.max_months, refusal.wanted_features,
            refusal.coverage, refusal.competitor_price_minor, refusal.contract_end, refusal.call_after,
            refusal.currency AS refusal_currency,
            callback.id AS promise_id, callback.promised_by, callback.operator_id AS owner_id,
            callback.due_at_ms AS promised_for_ms, callback.escalated_at_ms,
            CASE WHEN callback.state = 'open' THEN callback.callable_at_ms END AS promised_call_ms,
            lead.client_id AS lead_client_id, lead.campaign_id AS lead_campaign_id, lead.list_id AS lead_list_id,
            lead.state AS lead_state, lead.block, lead.due_at_ms, lead.closed_reason, lead.refusal_id AS lead_refusal_id,
            brought.refusal_id AS back_for_refusal_id, brought.taken_back_at_ms IS NOT NULL AS taken_back, lead.consent, lead.consent_on, lead.consent_wording,
            lead.hours_waiver, EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id) AS is_merged,
            list.consent_basis, list.relationship, list.licence_until
        FROM assignment
        LEFT JOIN attempt ON attempt.assignment_id = assignment.id
        LEFT JOIN reopening ON reopening.id = assignment.reopening_id
        LEFT JOIN refusal ON refusal.attempt_id = attempt.id
        LEFT JOIN callback ON callback.attempt_id = attempt.id AND callback.lead_id = attempt.lead_id
        LEFT JOIN lead ON lead.id = assignment.lead_id
        LEFT JOIN reopening AS brought ON brought.id = lead.reopening_id
        LEFT JOIN list ON list.id = assignment.list_id
        WHERE assignment.client_id > $1 AND assignment.client_id <= $2
        ORDER BY assignment.client_id, assignment.id, attempt.id",
    )
    .persistent(false)
    .bind(range.0)
    .bind(range.1)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

impl HandOutRow {
    pub(super) fn into_record(mut self) -> HandOutRecord {
        let tariff = self.reopened_tariff_id.zip(self.reopened_tariff_version);
        let reopened = self.reopened_lead_id.zip(self.reopened_at_ms).zip(tariff);
        let (attempt, lead_now) = (self.attempt(), self.lead());
        HandOutRecord {
            id: self.id,
            lead: self.lead_id,
            campaign: self.campaign_id,
            campaign_version: self.campaign_version,
            seller: self.seller,
            list: self.list_id,
            operator: self.operator_id,
            reopening: self.reopening_id,
            reopened: reopened.map(|((lead, at), tariff)| (lead, at, tariff)),
            reopening_untold: self.reopening_untold,
            decision: self.decision,
            handed_at_ms: self.handed_at_ms,
            lease_until_ms: self.lease_until_ms,
            ended_at_ms: self.ended_at_ms,
            ending: self.ending,
            is_forbidden: self.is_forbidden,
            report: self.report,
            subject: self.subject,
            phone_position: self.phone_position,
            late_at_ms: self.late_at_ms,
            attempt,
            lead_now,
        }
    }

    fn attempt(&mut self) -> Option<AttemptRecord> {
        Some(AttemptRecord {
            id: self.attempt_id?,
            client: self.attempt_client_id.unwrap_or_default(),
            lead: self.attempt_lead_id.unwrap_or_default(),
            campaign: self.attempt_campaign_id.unwrap_or_default(),
            seller: self.attempt_seller.take().unwrap_or_default(),
            list: self.attempt_list_id.unwrap_or_default(),
            operator: self.attempt_operator_id.unwrap_or_default(),
            reopening: self.attempt_reopening_id,
            disposition: self.disposition.take().unwrap_or_default(),
            class: self.class.take().unwrap_or_default(),
            counts_as: self.counts_as.take().unwrap_or_default(),
            order_cancelled: self.order_cancelled,
            recorded_at_ms: self.recorded_at_ms.unwrap_or_default(),
            refusal: self.refusal(),
            promise: self.promise(),
        })
    }

    fn refusal(&mut self) -> Option<RefusalMade> {
        Some(RefusalMade {
            id: self.refusal_id?,
            reason: self.reason.take().unwrap_or_default(),
            price_ceiling_minor: self.price_ceiling_minor,
            max_months: self.max_months,
            wanted_features: self.wanted_features.take().unwrap_or_default(),
            coverage: self.coverage.take(),
            competitor_price_minor: self.competitor_price_minor,
            contract_end: self.contract_end.take(),
            call_after: self.call_after.take(),
            currency: self.refusal_currency.take().unwrap_or_default(),
        })
    }

    fn promise(&self) -> Option<PromiseMade> {
        Some(PromiseMade {
            id: self.promise_id?,
            by: self.promised_by.unwrap_or_default(),
            owner: self.owner_id,
            due_at_ms: self.promised_for_ms.unwrap_or_default(),
            callable_at_ms: self.promised_call_ms,
            escalated: self.escalated_at_ms.is_some(),
        })
    }

    fn lead(&mut self) -> Option<LeadRecord> {
        Some(LeadRecord {
            client: self.lead_client_id?,
            campaign: self.lead_campaign_id.unwrap_or_default(),
            list: self.lead_list_id.unwrap_or_default(),
            state: self.lead_state.take().unwrap_or_default(),
            block: self.block.take(),
            due_at_ms: self.due_at_ms.unwrap_or_default(),
            closed_reason: self.closed_reason.take(),
            refusal: self.lead_refusal_id,
            back_for: self.back_for_refusal_id.filter(|_| !self.taken_back),
            consent: self.consent.take(),
            consent_on: self.consent_on.take(),
            consent_wording: self.consent_wording.take(),
            hours_waiver: self.hours_waiver.take(),
            is_merged: self.is_merged,
            consent_basis: self.consent_basis.take(),
            relationship: self.relationship.take().unwrap_or_default(),
            licence_until: self.licence_until.take(),
        })
    }
}
