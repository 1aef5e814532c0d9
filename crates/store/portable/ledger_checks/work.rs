//! Assignments, attempts, reopenings.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!(
        P2,
        "assignment",
        "assignments, each against the operator's assignments before",
        "its operator had another assignment open at the same time",
        "SELECT held.id FROM (
            SELECT id, handed_at_ms, MAX(COALESCE(ended_at_ms, 9223372036854775807)) OVER (
                PARTITION BY operator_id ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_until_ms
            FROM assignment) AS held
        WHERE held.handed_at_ms < held.held_until_ms - 15000"
    ),
    check!(
        P3,
        "attempt",
        "attempts, each of an assignment that is there",
        "its assignment is not there",
        "SELECT attempt.id FROM attempt LEFT JOIN assignment ON assignment.id = attempt.assignment_id
        WHERE assignment.id IS NULL"
    ),
    check!(
        P3,
        "assignment",
        "assignments, those handed over against the ones that were taken",
        "it was handed over, and the assignment that it was taken from does not say so",
        "SELECT assignment.id FROM assignment LEFT JOIN assignment AS taken ON taken.id = assignment.taken_from_id
        WHERE assignment.taken_from_id IS NOT NULL AND (COALESCE(taken.ending, '') <> 'revoked'
            OR taken.ended_at_ms <> assignment.handed_at_ms OR taken.lead_id <> assignment.lead_id
            OR taken.operator_id = assignment.operator_id OR taken.token = assignment.token)
        UNION ALL
        SELECT MAX(id) FROM assignment WHERE taken_from_id IS NOT NULL GROUP BY taken_from_id HAVING COUNT(*) > 1"
    ),
    check!(
        P3,
        "late_outcome",
        "late outcomes, each of an assignment that had ended without one",
        "its assignment is not there, is open or ended with an outcome",
        "SELECT late_outcome.id FROM late_outcome LEFT JOIN assignment ON assignment.id = late_outcome.assignment_id
        WHERE COALESCE(assignment.ending, 'outcome') = 'outcome'"
    ),
    check!(
        P3,
        "attempt",
        "attempts, refusals with their reason and nothing else with one",
        "it is a refusal without its reason, or has the reason of a refusal and is none",
        "SELECT attempt.id FROM attempt LEFT JOIN refusal ON refusal.attempt_id = attempt.id
        WHERE (attempt.class = 'refusal') = (refusal.id IS NULL)"
    ),
    check!(
        P3,
        "refusal",
        "refusals, one for each attempt",
        "its attempt is not there, is another lead's, or has another refusal",
        "SELECT refusal.id FROM refusal LEFT JOIN attempt ON attempt.id = refusal.attempt_id
        WHERE attempt.id IS NULL OR attempt.lead_id <> refusal.lead_id OR attempt.campaign_id <> refusal.campaign_id
        UNION ALL
        SELECT MAX(id) FROM refusal GROUP BY attempt_id HAVING COUNT(*) > 1"
    ),
    check!(
        P3,
        "attempt",
        "attempts, orders with their form and nothing else with one",
        "it is an order without its form, or has a form and is no order",
        "SELECT attempt.id FROM attempt LEFT JOIN orders ON orders.attempt_id = attempt.id
        WHERE (attempt.class = 'order') = (orders.id IS NULL)"
    ),
    check!(
        P3,
        "orders",
        "orders, one for each attempt",
        "its attempt is not there, is another lead's, or has another order",
        "SELECT orders.id FROM orders LEFT JOIN attempt ON attempt.id = orders.attempt_id
        WHERE attempt.id IS NULL OR attempt.lead_id <> orders.lead_id OR attempt.client_id <> orders.client_id
        UNION ALL
        SELECT MAX(id) FROM orders GROUP BY attempt_id HAVING COUNT(*) > 1"
    ),
    check!(
        P7,
        "reopening",
        "reopenings, one for each tariff and refusal",
        "its tariff has reopened its refusal before",
        "SELECT MAX(id) AS id FROM reopening WHERE taken_back_at_ms IS NULL GROUP BY tariff_id, refusal_id HAVING COUNT(*) > 1"
    ),
    check!(
        P7,
        "reopening",
        "reopenings, each against its lead and its tariff",
        "its lead is still closed by the refusal, or its lead or its tariff is not there",
        "SELECT reopening.id FROM reopening LEFT JOIN lead ON lead.id = reopening.lead_id
        LEFT JOIN tariff ON tariff.id = reopening.tariff_id
        WHERE lead.id IS NULL OR tariff.id IS NULL OR (reopening.taken_back_at_ms IS NULL
            AND COALESCE(reopening.hold_out, '') <> 'uncalled' AND lead.state = 'closed' AND lead.closed_reason = 'refused'
            AND lead.refusal_id = reopening.refusal_id
            AND NOT EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id))"
    ),
    check!(
        P7,
        "reopening",
        "reopenings, those taken back against their leads",
        "it was taken back, and its lead is in the queue for it",
        "SELECT reopening.id FROM reopening JOIN lead ON lead.reopening_id = reopening.id AND lead.id = reopening.lead_id
        WHERE reopening.taken_back_at_ms IS NOT NULL AND lead.state <> 'closed'
            AND NOT EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id)"
    ),
    check!(
        P7,
        "tariff",
        "tariffs, each against its publication",
        "it says that it has reopened all that it answers, and was never published",
        "SELECT id FROM tariff WHERE reopened_all_at_ms IS NOT NULL AND published_at_ms IS NULL"
    ),
];
