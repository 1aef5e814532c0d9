//! People, leads, lanes, lists.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!(
        P1,
        "client",
        "clients, each number one person's and each merged person gone",
        "its number is another client's too, or it was merged and is still there",
        "SELECT client.id FROM client JOIN client_phone ON client_phone.phone = client.phone
        UNION ALL
        SELECT client.id FROM client JOIN client_merge ON client_merge.merged_client_id = client.id"
    ),
    check!(
        P1,
        "lead",
        "leads, one for each client and campaign",
        "its client has another lead in the campaign, or it was merged and is still there",
        "SELECT MAX(id) AS id FROM lead GROUP BY campaign_id, client_id HAVING COUNT(*) > 1
        UNION ALL
        SELECT lead.id FROM lead JOIN lead_merge ON lead_merge.merged_lead_id = lead.id"
    ),
    check!(
        P4,
        "lead",
        "leads, those of people who were erased all closed for good",
        "its client was erased, and it can be called or reopened",
        "SELECT lead.id FROM client JOIN lead ON lead.client_id = client.id
        WHERE client.erased_at_ms IS NOT NULL AND (lead.state <> 'closed' OR lead.closed_reason = 'refused')"
    ),
    check!(
        P4,
        "campaign",
        "campaigns, each with the states that it had",
        "nothing is kept of the states that it had, or they end otherwise than it stands",
        "SELECT campaign.id FROM campaign
        LEFT JOIN (SELECT campaign_id, MAX(id) AS id FROM campaign_change GROUP BY campaign_id) AS newest
            ON newest.campaign_id = campaign.id
        LEFT JOIN campaign_change ON campaign_change.id = newest.id
        WHERE campaign_change.id IS NULL OR campaign_change.state <> campaign.state
            OR campaign_change.version <> campaign.version"
    ),
    check!(
        P4,
        "campaign",
        "campaigns, each from the first of its states on",
        "the first of its states are not kept",
        "SELECT early.campaign_id AS id FROM campaign_change AS early
        JOIN (SELECT campaign_id, MIN(id) AS id FROM campaign_change GROUP BY campaign_id) AS oldest ON oldest.id = early.id
        WHERE early.state <> 'draft' AND early.after_assignment_id > (SELECT MIN(after_assignment_id) FROM campaign_change)"
    ),
    check!(
        P4,
        "register",
        "registers, each with the numbers that it counts",
        "it has other numbers than it counts",
        "SELECT register.id FROM register WHERE register.generation > 0 AND register.numbers <> (
            SELECT COUNT(*) FROM suppression WHERE suppression.register_id = register.id
                AND suppression.register_generation = register.generation)"
    ),
    check!(
        P5,
        "lead",
        "leads, each in a state that there is",
        "its state, its block and its reason are not those of any state",
        "SELECT id FROM lead WHERE NOT (
            (state IN ('ready', 'assigned') AND block IS NULL AND closed_reason IS NULL)
            OR (state = 'scheduled' AND closed_reason IS NULL AND COALESCE(block, '') IN ('retry', 'callback', 'attempt_cap',
                'cool_down', 'open_elsewhere', 'outside_hours', 'no_jurisdiction', 'no_time_zone', 'banned', 'register_too_old',
                'no_consent', 'asked_later', 'budget'))
            OR (state = 'closed' AND block IS NULL AND COALESCE(closed_reason, '') IN ('ordered', 'refused', 'exhausted',
                'wrong_number', 'suppressed', 'expired', 'withdrawn')))"
    ),
    check!(
        P5,
        "lead",
        "leads, those with an operator against their open assignments",
        "it is with an operator and has no open assignment, or has one and is with nobody",
        "SELECT lead.id FROM lead WHERE lead.state = 'assigned' AND NOT EXISTS (
            SELECT 1 FROM assignment WHERE assignment.lead_id = lead.id AND assignment.ended_at_ms IS NULL)
        UNION ALL
        SELECT lead.id FROM assignment JOIN lead ON lead.id = assignment.lead_id
        WHERE assignment.ended_at_ms IS NULL AND lead.state <> 'assigned'"
    ),
    check!(
        P5,
        "lead",
        "leads, those refused or ordered against their refusals and orders",
        "it is closed as refused or ordered, and there is no such refusal or order of it",
        "SELECT lead.id FROM lead LEFT JOIN refusal ON refusal.id = lead.refusal_id
        WHERE lead.state = 'closed' AND lead.closed_reason = 'refused' AND COALESCE(refusal.lead_id, 0) <> lead.id
        UNION ALL
        SELECT lead.id FROM lead WHERE lead.state = 'closed' AND lead.closed_reason = 'ordered'
            AND NOT EXISTS (SELECT 1 FROM orders WHERE orders.lead_id = lead.id)"
    ),
    check!(
        P5,
        "lead",
        "leads, those whose licence is over against the licence of their list",
        "it is closed because the licence of its list has ended, and its list has none",
        "SELECT lead.id FROM lead JOIN list ON list.id = lead.list_id
        WHERE lead.state = 'closed' AND lead.closed_reason = 'expired' AND list.licence_until IS NULL
            AND NOT EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id)"
    ),
    // No length of time that a campaign names is longer than ten years. What time alone does not change waits for its end.
    check!(
        P5,
        "lead",
        "leads, those that wait against how long anybody can be made to wait",
        "it waits for longer than thirty years, and not for the end of time",
        "SELECT lead.id FROM lead WHERE lead.state = 'scheduled'
            AND lead.due_at_ms - 946080000000 > COALESCE((SELECT MAX(handed_at_ms) FROM assignment), 0)
            AND lead.due_at_ms - 946080000000 > lead.created_at_ms
            AND (lead.due_at_ms < 253402207200000 OR lead.block IN ('retry', 'budget', 'open_elsewhere', 'asked_later'))"
    ),
    check!(
        P5,
        "lead",
        "leads, those reopened against their reopenings",
        "the reopening that it names is not there or is another lead's",
        "SELECT lead.id FROM lead LEFT JOIN reopening ON reopening.id = lead.reopening_id
        WHERE lead.reopening_id IS NOT NULL AND COALESCE(reopening.lead_id, 0) <> lead.id"
    ),
    check!(
        P5,
        "lead",
        "leads, each in the lane in which it belongs",
        "it stands in another lane than the one in which it belongs",
        "SELECT wanted.lead_id AS id FROM lead_lane_key AS wanted
        JOIN lead ON lead.id = wanted.lead_id
        LEFT JOIN lane ON lane.id = lead.lane_id
        WHERE lane.id IS NULL OR lane.campaign_id <> wanted.campaign_id OR lane.list_id <> wanted.list_id
            OR lane.time_zone <> wanted.time_zone OR lane.place <> wanted.place OR lane.consent <> wanted.consent
            OR lane.hours_waiver <> wanted.hours_waiver OR lane.language <> wanted.language
            OR lane.reserved_for <> wanted.reserved_for"
    ),
    check!(
        P5,
        "lane",
        "lanes, each with the counts of its leads",
        "its leads are not those that are counted",
        "SELECT DISTINCT lane_id AS id FROM (
            SELECT lane_id, state, block, closed_reason, leads FROM lead_count
            UNION ALL SELECT lane_id, state, block, closed_reason, leads FROM lead_count_change
            UNION ALL SELECT lane_id, state, COALESCE(block, ''), COALESCE(closed_reason, ''), -COUNT(*) FROM lead
            GROUP BY lane_id, state, COALESCE(block, ''), COALESCE(closed_reason, '')) AS counted
        GROUP BY lane_id, state, block, closed_reason HAVING SUM(leads) <> 0"
    ),
    check!(
        P8,
        "list",
        "lists, each with counts that add up",
        "its counts do not add up",
        "SELECT id FROM list WHERE new_leads <> new_clients + known_clients
            OR rows_read <> new_leads + duplicates_in_file + duplicates_in_campaign + suppressed + rejected"
    ),
    check!(
        P8,
        "list",
        "lists, those loaded against their leads and their rows without lead",
        "it has other leads, or other rows without lead, than it counts",
        "SELECT list.id FROM list
        LEFT JOIN (SELECT list_id, COUNT(*) AS leads FROM lead GROUP BY list_id) AS made ON made.list_id = list.id
        LEFT JOIN (SELECT list_id, COUNT(*) AS leads FROM lead_merge GROUP BY list_id) AS merged ON merged.list_id = list.id
        LEFT JOIN (SELECT list_id, COUNT(*) AS left_out FROM list_row GROUP BY list_id) AS others ON others.list_id = list.id
        WHERE list.state = 'loaded' AND (list.new_leads <> COALESCE(made.leads, 0) + COALESCE(merged.leads, 0)
            OR list.rows_read - list.new_leads <> COALESCE(others.left_out, 0))"
    ),
    check!(
        P8,
        "list",
        "lists, each loaded once and whole before anybody of it was handed out",
        "it was loaded twice, or somebody was handed out of it before it was there",
        "SELECT MAX(id) AS id FROM list WHERE state = 'loaded' GROUP BY campaign_id, sha256 HAVING COUNT(*) > 1
        UNION ALL
        SELECT list.id FROM list WHERE list.state = 'staging' AND EXISTS (
            SELECT 1 FROM lead JOIN assignment ON assignment.lead_id = lead.id WHERE lead.list_id = list.id)"
    ),
    check!(
        P8,
        "pull",
        "pulls, each against its campaign and its list",
        "its latest turn tells of another campaign's list, or of other leads",
        "SELECT pull.campaign_id AS id FROM pull LEFT JOIN list ON list.id = pull.list_id
        WHERE (pull.list_id IS NULL AND pull.new_leads <> 0)
            OR (pull.list_id IS NOT NULL AND (list.campaign_id <> pull.campaign_id OR list.new_leads <> pull.new_leads))"
    ),
];
