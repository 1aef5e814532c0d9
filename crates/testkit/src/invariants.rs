//! What holds in every database at every moment, whatever happened before: checked with SQL, past the store.

use crate::World;

/// Each invariant in words, and a portable query for the keys of the rows that break it.
pub const INVARIANTS: &[(&str, &str)] = &[
    (
        "a person is with one operator at a time, in all campaigns together",
        "SELECT later.id FROM assignment AS earlier
        JOIN assignment AS later ON later.client_id = earlier.client_id AND later.id > earlier.id
        WHERE later.handed_at_ms < COALESCE(earlier.ended_at_ms, 9223372036854775807)
            AND earlier.handed_at_ms < COALESCE(later.ended_at_ms, 9223372036854775807)
            AND NOT EXISTS (SELECT 1 FROM client_merge WHERE client_merge.kept_client_id = later.client_id
                AND client_merge.merged_at_ms >= later.handed_at_ms)",
    ),
    (
        "an operator has one assignment at a time",
        "SELECT later.id FROM assignment AS earlier
        JOIN assignment AS later ON later.operator_id = earlier.operator_id AND later.id > earlier.id
        WHERE later.handed_at_ms < COALESCE(earlier.ended_at_ms, 9223372036854775807)
            AND earlier.handed_at_ms < COALESCE(later.ended_at_ms, 9223372036854775807)",
    ),
    (
        "a person is one lead of a campaign",
        "SELECT MIN(id) FROM lead GROUP BY campaign_id, client_id HAVING COUNT(*) > 1",
    ),
    (
        "an assignment that ended with an outcome has its attempt",
        "SELECT id FROM assignment WHERE ending = 'outcome'
            AND (SELECT COUNT(*) FROM attempt WHERE attempt.assignment_id = assignment.id) <> 1",
    ),
    (
        "an attempt belongs to an assignment that ended with it, and says the same of it",
        "SELECT attempt.id FROM attempt JOIN assignment ON assignment.id = attempt.assignment_id
        WHERE COALESCE(assignment.ending, '') <> 'outcome' OR assignment.ended_at_ms <> attempt.recorded_at_ms
            OR assignment.lead_id <> attempt.lead_id OR assignment.client_id <> attempt.client_id
            OR assignment.campaign_id <> attempt.campaign_id OR assignment.seller <> attempt.seller
            OR assignment.list_id <> attempt.list_id OR assignment.operator_id <> attempt.operator_id
            OR COALESCE(assignment.reopening_id, 0) <> COALESCE(attempt.reopening_id, 0)",
    ),
    (
        "an assignment says the same of its lead as the lead",
        "SELECT assignment.id FROM assignment
        JOIN lead ON lead.id = assignment.lead_id
        JOIN campaign ON campaign.id = lead.campaign_id
        WHERE lead.client_id <> assignment.client_id OR lead.campaign_id <> assignment.campaign_id
            OR campaign.seller <> assignment.seller
            OR (lead.list_id <> assignment.list_id AND NOT EXISTS (SELECT 1 FROM lead_merge
                WHERE lead_merge.kept_lead_id = lead.id AND lead_merge.list_id = assignment.list_id))",
    ),
    (
        "a refusal is recorded with its reason, and nothing else is",
        "SELECT attempt.id FROM attempt
        WHERE (SELECT COUNT(*) FROM refusal WHERE refusal.attempt_id = attempt.id)
            <> CASE WHEN attempt.class = 'refusal' THEN 1 ELSE 0 END",
    ),
    (
        "an order is recorded with its form, and nothing else is",
        "SELECT attempt.id FROM attempt
        WHERE (SELECT COUNT(*) FROM orders WHERE orders.attempt_id = attempt.id)
            <> CASE WHEN attempt.class = 'order' THEN 1 ELSE 0 END",
    ),
    (
        "every promise that was made is kept on record, and no other",
        "SELECT attempt.id FROM attempt
        WHERE (SELECT COUNT(*) FROM callback WHERE callback.attempt_id = attempt.id)
            <> CASE WHEN attempt.class = 'callback' THEN 1 ELSE 0 END",
    ),
    (
        "a lead is assigned exactly while its one assignment is open",
        "SELECT lead.id FROM lead
        WHERE (SELECT COUNT(*) FROM assignment WHERE assignment.lead_id = lead.id AND assignment.ended_at_ms IS NULL)
            <> CASE WHEN lead.state = 'assigned' THEN 1 ELSE 0 END",
    ),
    (
        "the lead of an open promise waits for it or is with an operator",
        "SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
        WHERE callback.state = 'open' AND lead.state <> 'assigned'
            AND NOT (lead.state = 'scheduled' AND lead.block = 'callback')",
    ),
    (
        "a lead that waits for a promise has one open",
        "SELECT lead.id FROM lead WHERE lead.state = 'scheduled' AND lead.block = 'callback'
            AND (SELECT COUNT(*) FROM callback WHERE callback.lead_id = lead.id AND callback.state = 'open') <> 1",
    ),
    (
        "a promise is kept by a later call",
        "SELECT callback.id FROM callback WHERE callback.state = 'kept' AND NOT EXISTS (
            SELECT 1 FROM attempt WHERE attempt.lead_id = callback.lead_id AND attempt.id > callback.attempt_id)",
    ),
    (
        "a promise is dropped only when its person must not be called any more, or has another one",
        "SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
        WHERE callback.state = 'dropped' AND NOT (lead.state = 'closed' AND lead.closed_reason IN ('suppressed', 'expired'))
            AND NOT EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id)",
    ),
    (
        "a refused lead knows the refusal that closed it",
        "SELECT lead.id FROM lead LEFT JOIN refusal ON refusal.id = lead.refusal_id
        WHERE lead.state = 'closed' AND lead.closed_reason = 'refused' AND COALESCE(refusal.lead_id, 0) <> lead.id",
    ),
    (
        "an ordered lead has an order",
        "SELECT lead.id FROM lead WHERE lead.state = 'closed' AND lead.closed_reason = 'ordered'
            AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.lead_id = lead.id)",
    ),
    (
        "a lead was recorded as the newest attempt left it, or moved on since",
        "SELECT lead.id FROM lead JOIN attempt ON attempt.id = (SELECT MAX(id) FROM attempt WHERE attempt.lead_id = lead.id)
        WHERE NOT EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id) AND (lead.state = 'closed' AND (
            (attempt.class = 'wrong_number' AND lead.closed_reason NOT IN ('wrong_number', 'suppressed'))
            OR (attempt.class = 'do_not_call' AND lead.closed_reason <> 'suppressed')
            OR (attempt.class = 'order' AND lead.closed_reason NOT IN ('ordered', 'suppressed')))
            OR (lead.state <> 'closed' AND attempt.class IN ('wrong_number', 'do_not_call', 'order')))",
    ),
    (
        "a refusal is reopened once per tariff, for its own lead",
        "SELECT MIN(reopening.id) FROM reopening GROUP BY tariff_id, refusal_id HAVING COUNT(*) > 1
        UNION ALL
        SELECT reopening.id FROM reopening JOIN refusal ON refusal.id = reopening.refusal_id
        WHERE refusal.lead_id <> reopening.lead_id OR refusal.campaign_id <> reopening.campaign_id",
    ),
    (
        "a lead knows a reopening of its own",
        "SELECT lead.id FROM lead LEFT JOIN reopening ON reopening.id = lead.reopening_id
        WHERE lead.reopening_id IS NOT NULL AND COALESCE(reopening.lead_id, 0) <> lead.id",
    ),
    (
        "nobody was handed out after the seller had to stop calling them",
        "SELECT assignment.id FROM assignment
        JOIN client ON client.id = assignment.client_id
        JOIN suppression ON suppression.phone = client.phone
        WHERE suppression.created_at_ms < assignment.handed_at_ms
            AND (suppression.seller IS NULL OR suppression.seller = assignment.seller)
            AND (suppression.campaign_id IS NULL OR suppression.campaign_id = assignment.campaign_id)
            AND NOT EXISTS (SELECT 1 FROM client_merge WHERE client_merge.kept_client_id = assignment.client_id
                AND client_merge.merged_at_ms >= assignment.handed_at_ms)",
    ),
    (
        "a register has the numbers that it counts",
        "SELECT register.id FROM register WHERE register.generation > 0 AND register.numbers <> (
            SELECT COUNT(*) FROM suppression WHERE suppression.register_id = register.id
                AND suppression.register_generation = register.generation)",
    ),
    (
        "a number belongs to one person",
        "SELECT client.id FROM client JOIN client_phone ON client_phone.phone = client.phone",
    ),
    (
        "what was merged is no more",
        "SELECT client.id FROM client JOIN client_merge ON client_merge.merged_client_id = client.id
        UNION ALL
        SELECT lead.id FROM lead JOIN lead_merge ON lead_merge.merged_lead_id = lead.id",
    ),
    (
        "a lead is in its campaign's lane of its person's zone",
        "SELECT lead.id FROM lead
        JOIN client ON client.id = lead.client_id
        LEFT JOIN lane ON lane.id = lead.lane_id
        WHERE COALESCE(client.time_zone, '') <> COALESCE(lane.time_zone, '')
            OR (lane.id IS NOT NULL AND lane.campaign_id <> lead.campaign_id)",
    ),
    (
        "the counts of a list add up",
        "SELECT id FROM list WHERE new_leads <> new_clients + known_clients
            OR rows_read <> new_leads + duplicates_in_file + duplicates_in_campaign + suppressed + rejected",
    ),
    (
        "a loaded list has the leads that it counts, or they became one with others",
        "SELECT list.id FROM list WHERE list.state = 'loaded'
            AND list.new_leads <> (SELECT COUNT(*) FROM lead WHERE lead.list_id = list.id)
                + (SELECT COUNT(*) FROM lead_merge WHERE lead_merge.list_id = list.id)",
    ),
    (
        "a loaded list keeps the rows that made no lead",
        "SELECT list.id FROM list WHERE list.state = 'loaded'
            AND list.rows_read - list.new_leads <> (SELECT COUNT(*) FROM list_row WHERE list_row.list_id = list.id)",
    ),
    (
        "a late outcome belongs to an assignment that ended without one",
        "SELECT late_outcome.id FROM late_outcome JOIN assignment ON assignment.id = late_outcome.assignment_id
        WHERE COALESCE(assignment.ending, 'outcome') = 'outcome'",
    ),
    (
        "a lead is held for four leases at most, and a lease is a day at most",
        "SELECT id FROM assignment WHERE lease_until_ms - handed_at_ms > 4 * 86400000",
    ),
    (
        "a lead that was handed over went from one operator to another at one moment",
        "SELECT assignment.id FROM assignment LEFT JOIN assignment AS taken ON taken.id = assignment.taken_from_id
        WHERE assignment.taken_from_id IS NOT NULL AND (COALESCE(taken.ending, '') <> 'revoked'
            OR taken.ended_at_ms <> assignment.handed_at_ms OR taken.lead_id <> assignment.lead_id
            OR taken.operator_id = assignment.operator_id OR taken.token = assignment.token)
        UNION ALL
        SELECT MIN(id) FROM assignment WHERE taken_from_id IS NOT NULL GROUP BY taken_from_id HAVING COUNT(*) > 1",
    ),
    (
        "a pull tells of its own campaign's list, and of as many new leads",
        "SELECT pull.campaign_id FROM pull LEFT JOIN list ON list.id = pull.list_id
        WHERE (pull.list_id IS NULL AND pull.new_leads <> 0)
            OR (pull.list_id IS NOT NULL AND (list.campaign_id <> pull.campaign_id OR list.new_leads <> pull.new_leads))",
    ),
];

impl World {
    /// Holds every invariant.
    ///
    /// # Panics
    ///
    /// Where one is broken, with the keys of the rows that break it.
    pub async fn hold_invariants(&self) {
        for (invariant, query) in INVARIANTS {
            let broken = self.numbers(query).await;
            assert!(broken.is_empty(), "broken: {invariant}: rows {broken:?}");
        }
    }
}
