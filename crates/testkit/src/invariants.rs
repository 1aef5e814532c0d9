//! What holds in every database at every moment, whatever happened before: checked with SQL, past the store.

use std::collections::HashSet;

use relance_domain::E164;
use relance_domain::suppression::SuppressionKeys;

use crate::World;
use crate::keys::suppression_keys;

/// No story rotates further than to this version.
const KEYS_MAX: u8 = 4;

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
        "a promise is dropped only when its person must not be called any more, is erased, or has another one",
        "SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
        WHERE callback.state = 'dropped' AND NOT (lead.state = 'closed' AND lead.closed_reason IN ('suppressed', 'expired'))
            AND NOT EXISTS (SELECT 1 FROM client WHERE client.id = lead.client_id AND client.erased_at_ms IS NOT NULL)
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
        "SELECT MIN(reopening.id) FROM reopening WHERE taken_back_at_ms IS NULL GROUP BY tariff_id, refusal_id HAVING COUNT(*) > 1
        UNION ALL
        SELECT reopening.id FROM reopening JOIN refusal ON refusal.id = reopening.refusal_id
        WHERE refusal.lead_id <> reopening.lead_id OR refusal.campaign_id <> reopening.campaign_id",
    ),
    (
        "who was called for a reopening is not taken back",
        "SELECT reopening.id FROM reopening JOIN attempt ON attempt.reopening_id = reopening.id
        WHERE reopening.taken_back_at_ms IS NOT NULL",
    ),
    (
        "a tariff has one price at a time",
        "SELECT tariff_id FROM tariff_price WHERE offered_until_ms IS NULL GROUP BY tariff_id HAVING COUNT(*) > 1",
    ),
    (
        "the latest refusals say what their leads, refusals and clients say",
        "SELECT lead_id FROM (SELECT * FROM latest_refusal EXCEPT SELECT * FROM lead_latest_refusal) AS extra
        UNION ALL
        SELECT lead_id FROM (SELECT * FROM lead_latest_refusal EXCEPT SELECT * FROM latest_refusal) AS missing",
    ),
    (
        "a lead knows a reopening of its own",
        "SELECT lead.id FROM lead LEFT JOIN reopening ON reopening.id = lead.reopening_id
        WHERE lead.reopening_id IS NOT NULL AND COALESCE(reopening.lead_id, 0) <> lead.id",
    ),
    (
        "no number that must not be called stands in clear",
        "SELECT id FROM suppression WHERE clear_phone IS NOT NULL OR phone_hash IS NULL
            OR COALESCE(key_version, 0) NOT IN (SELECT version FROM suppression_key)",
    ),
    (
        "an erased client has nothing personal left",
        "SELECT id FROM client WHERE erased_at_ms IS NOT NULL AND (phone <> 'erased-' || id
            OR COALESCE(extension, reference, first_name, last_name, street, city, postcode, region) IS NOT NULL)
        UNION ALL
        SELECT client.id FROM client JOIN client_phone ON client_phone.client_id = client.id WHERE erased_at_ms IS NOT NULL
        UNION ALL
        SELECT client.id FROM client JOIN client_change ON client_change.client_id = client.id
        WHERE erased_at_ms IS NOT NULL
        UNION ALL
        SELECT client.id FROM client JOIN lead ON lead.client_id = client.id WHERE erased_at_ms IS NOT NULL
            AND (lead.facts <> '{}' OR lead.attributes <> '{}' OR lead.consent_wording IS NOT NULL)
        UNION ALL
        SELECT client.id FROM client JOIN attempt ON attempt.client_id = client.id
        LEFT JOIN refusal ON refusal.attempt_id = attempt.id LEFT JOIN orders ON orders.attempt_id = attempt.id
        WHERE erased_at_ms IS NOT NULL AND (COALESCE(attempt.note, refusal.competitor, refusal.contract_end) IS NOT NULL
            OR COALESCE(orders.fields, '{}') <> '{}')
        UNION ALL
        SELECT client.id FROM client JOIN assignment ON assignment.client_id = client.id
        LEFT JOIN late_outcome ON late_outcome.assignment_id = assignment.id
        WHERE erased_at_ms IS NOT NULL
            AND (COALESCE(assignment.report, '{}') <> '{}' OR COALESCE(late_outcome.report, '{}') <> '{}')
        UNION ALL
        SELECT client.id FROM client JOIN lead ON lead.client_id = client.id JOIN callback ON callback.lead_id = lead.id
        WHERE erased_at_ms IS NOT NULL AND callback.note IS NOT NULL",
    ),
    (
        "nobody calls an erased client, and no tariff brings them back",
        "SELECT lead.id FROM lead JOIN client ON client.id = lead.client_id
        WHERE client.erased_at_ms IS NOT NULL AND (lead.state <> 'closed' OR lead.closed_reason = 'refused')",
    ),
    (
        "an erasure is written down",
        "SELECT client.id FROM client LEFT JOIN erasure ON erasure.client_id = client.id
        WHERE COALESCE(client.erased_at_ms, 0) <> COALESCE(erasure.erased_at_ms, 0)",
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
        "a lead is in the lane in which it belongs",
        "SELECT wanted.lead_id FROM lead_lane_key AS wanted
        JOIN lead ON lead.id = wanted.lead_id
        LEFT JOIN lane ON lane.id = lead.lane_id
        WHERE lane.id IS NULL OR lane.campaign_id <> wanted.campaign_id OR lane.list_id <> wanted.list_id
            OR lane.time_zone <> wanted.time_zone OR lane.place <> wanted.place OR lane.consent <> wanted.consent
            OR lane.hours_waiver <> wanted.hours_waiver OR lane.language <> wanted.language
            OR lane.reserved_for <> wanted.reserved_for",
    ),
    (
        "the counts of a lane are those of its leads",
        "SELECT lane_id FROM (
            SELECT lane_id, state, block, closed_reason, leads FROM lead_count
            UNION ALL SELECT lane_id, state, block, closed_reason, leads FROM lead_count_change
            UNION ALL SELECT lane_id, state, COALESCE(block, ''), COALESCE(closed_reason, ''), -1 FROM lead) AS counted
        GROUP BY lane_id, state, block, closed_reason HAVING SUM(leads) <> 0",
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

/// Whom somebody was handed out: a portable query for texts of an assignment and the number that is dialled first.
pub const HANDED_OUT: &str = "SELECT assignment.id || ' ' || client.phone FROM assignment
    JOIN client ON client.id = assignment.client_id";

/// Whom nobody may have been handed out: a portable query for texts of an assignment and the hash of a number that the seller had
/// to stop calling before. Registers leave to the rules whoever agreed or is something to the seller.
pub const TO_BE_LEFT_ALONE: &str = "SELECT assignment.id || ' ' || suppression.phone_hash FROM assignment
    JOIN suppression ON suppression.created_at_ms < assignment.handed_at_ms
        AND (suppression.seller IS NULL OR suppression.seller = assignment.seller)
        AND (suppression.campaign_id IS NULL OR suppression.campaign_id = assignment.campaign_id)
        AND (suppression.register_id IS NULL OR EXISTS (SELECT 1 FROM lead JOIN list ON list.id = assignment.list_id
            WHERE lead.id = assignment.lead_id AND list.relationship = 'none' AND COALESCE(lead.consent, '') <> 'yes'))
    WHERE NOT EXISTS (SELECT 1 FROM client_merge WHERE client_merge.kept_client_id = assignment.client_id
        AND client_merge.merged_at_ms >= assignment.handed_at_ms)";

/// Assignments handed out after the seller had to stop calling the person, from the answers of [`HANDED_OUT`] and
/// [`TO_BE_LEFT_ALONE`]. Clients who were erased since can no longer be told.
#[must_use]
pub fn called_in_spite(keys: &SuppressionKeys, handed_out: &[String], left_alone: &[String]) -> Vec<String> {
    let left_alone: HashSet<&str> = left_alone.iter().map(String::as_str).collect();
    let broken = |text: &&String| {
        let (assignment, phone) = text.split_once(' ').expect("an assignment and a number");
        let Ok(phone) = E164::parse(phone) else { return false };
        keys.hashes(&phone).iter().any(|hash| left_alone.contains(format!("{assignment} {hash}").as_str()))
    };
    handed_out.iter().filter(broken).filter_map(|text| Some(text.split_once(' ')?.0.to_owned())).collect()
}

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
        let (handed_out, left_alone) = (self.texts(HANDED_OUT).await, self.texts(TO_BE_LEFT_ALONE).await);
        let broken = called_in_spite(&suppression_keys(KEYS_MAX), &handed_out, &left_alone);
        assert!(
            broken.is_empty(),
            "broken: nobody was handed out after the seller had to stop calling them: {broken:?}"
        );
    }
}
