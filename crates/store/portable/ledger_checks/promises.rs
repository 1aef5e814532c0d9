//! Promises to call back.

use super::{Check, check};

pub(super) const CHECKS: &[Check] = &[
    check!(
        P6,
        "attempt",
        "attempts, callbacks with their promise and nothing else with one",
        "it promised a call and no promise is on record, or there is one and it promised none",
        "SELECT attempt.id FROM attempt LEFT JOIN callback ON callback.attempt_id = attempt.id
        WHERE (attempt.class = 'callback') = (callback.id IS NULL)"
    ),
    check!(
        P6,
        "callback",
        "promises, one for each attempt, of the lead of its attempt",
        "its attempt or its lead is not there, is another lead's or campaign's, or has another promise",
        "SELECT callback.id FROM callback LEFT JOIN attempt ON attempt.id = callback.attempt_id
        LEFT JOIN lead ON lead.id = callback.lead_id
        WHERE attempt.id IS NULL OR lead.id IS NULL OR attempt.lead_id <> callback.lead_id
            OR lead.campaign_id <> callback.campaign_id
        UNION ALL
        SELECT MAX(id) FROM callback GROUP BY attempt_id HAVING COUNT(*) > 1"
    ),
    check!(
        P6,
        "callback",
        "promises, those that are open against their leads",
        "it is open, and its lead neither waits for it nor is with an operator",
        "SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
        WHERE callback.state = 'open' AND lead.state <> 'assigned'
            AND NOT (lead.state = 'scheduled' AND COALESCE(lead.block, '') = 'callback')"
    ),
    check!(
        P6,
        "lead",
        "leads, those that wait for a promise against it",
        "it waits for a promise, and has none open or several",
        "SELECT lead.id FROM lead WHERE lead.state = 'scheduled' AND lead.block = 'callback'
            AND (SELECT COUNT(*) FROM callback WHERE callback.lead_id = lead.id AND callback.state = 'open') <> 1"
    ),
    check!(
        P6,
        "callback",
        "promises, those that were kept against the calls that kept them",
        "it says that it was kept, and no later call was made",
        "SELECT callback.id FROM callback WHERE callback.state = 'kept' AND NOT EXISTS (
            SELECT 1 FROM attempt WHERE attempt.lead_id = callback.lead_id AND attempt.id > callback.attempt_id)"
    ),
    check!(
        P6,
        "callback",
        "promises, those that were dropped against why",
        "it was dropped, and its person may be called, is not erased and has no other promise",
        "SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
        WHERE callback.state = 'dropped'
            AND NOT (lead.state = 'closed' AND COALESCE(lead.closed_reason, '') IN ('suppressed', 'expired', 'wrong_number'))
            AND NOT EXISTS (SELECT 1 FROM client WHERE client.id = lead.client_id AND client.erased_at_ms IS NOT NULL)
            AND NOT EXISTS (SELECT 1 FROM lead_merge WHERE lead_merge.kept_lead_id = lead.id)"
    ),
    check!(
        P6,
        "callback",
        "promises, each callable when it was promised or later",
        "its state is none that there is, or it would be called before it was promised",
        "SELECT id FROM callback WHERE state NOT IN ('open', 'kept', 'dropped') OR callable_at_ms < due_at_ms"
    ),
    check!(
        P6,
        "callback",
        "promises, those that are open against when their leads are due",
        "its lead is due at another instant than the promised call",
        "SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
        WHERE callback.state = 'open' AND lead.state = 'scheduled' AND lead.block = 'callback'
            AND lead.due_at_ms <> callback.callable_at_ms
            AND NOT (lead.due_at_ms > callback.callable_at_ms AND EXISTS (
                SELECT 1 FROM assignment WHERE assignment.lead_id = lead.id
                    AND assignment.ended_at_ms >= lead.due_at_ms - 15000))"
    ),
    check!(
        P6,
        "assignment",
        "assignments, those that a promise brought against the promise",
        "the promise that it names is not there, is another lead's, or was not due",
        "SELECT assignment.id FROM assignment LEFT JOIN callback ON callback.id = assignment.callback_id
        WHERE assignment.callback_id IS NOT NULL AND (callback.id IS NULL OR callback.lead_id <> assignment.lead_id
            OR (assignment.taken_from_id IS NULL AND callback.due_at_ms > assignment.handed_at_ms))"
    ),
];
