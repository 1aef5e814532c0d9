//! Rows that are changed together: one breaks a promise, another is to cover it up.

use relance_domain::ledger::Promise::{P3, P4, P5, P6, P7};

use super::{Edit, Plot};

/// The list of another campaign is taken back after everything else.
const A_LIST_IS_UNDONE: Edit = Edit {
    table: "list",
    rows: "SELECT id FROM list WHERE name = 'west'",
    set: &[("undone_at_ms", "(SELECT MAX(handed_at_ms) + 86400000 FROM assignment)")],
};

pub(crate) const PLOTS: &[Plot] = &[
    Plot {
        what: "a hand-out in the week of four tries, and a list that was taken back",
        edits: &[
            Edit {
                table: "assignment",
                rows: hand_out!("00012", "4"),
                set: &[
                    ("handed_at_ms", "handed_at_ms - 604800000"),
                    ("lease_until_ms", "lease_until_ms - 604800000"),
                    ("ended_at_ms", "ended_at_ms - 604800000"),
                ],
            },
            A_LIST_IS_UNDONE,
        ],
        found: &[(P4, "assignment", hand_out!("00012", "4"))],
    },
    Plot {
        what: "a hand-out on the day after a refusal, and a list that was taken back",
        edits: &[
            Edit {
                table: "assignment",
                rows: hand_out!("00020", "1"),
                set: &[
                    ("handed_at_ms", "handed_at_ms - 86400000"),
                    ("lease_until_ms", "lease_until_ms - 86400000"),
                    ("ended_at_ms", "ended_at_ms - 86400000"),
                ],
            },
            A_LIST_IS_UNDONE,
        ],
        found: &[(P4, "assignment", hand_out!("00020", "1"))],
    },
    Plot {
        what: "a suppression before the hand-out, and a list that was taken back",
        edits: &[
            Edit {
                table: "suppression",
                rows: "SELECT id FROM suppression WHERE after_assignment_id = (SELECT MAX(id) FROM assignment
                    WHERE ended_because LIKE '%must not be called%')",
                set: &[("after_assignment_id", "0")],
            },
            A_LIST_IS_UNDONE,
        ],
        found: &[(P4, "assignment", hand_out!("00014"))],
    },
    Plot {
        what: "a licence that had ended, and an address that was changed",
        edits: &[
            Edit {
                table: "list",
                rows: "SELECT id FROM list WHERE name = 'west'",
                set: &[("licence_until", "'2026-11-01'")],
            },
            A_LIST_IS_UNDONE,
            Edit {
                table: "client",
                rows: "SELECT id FROM client WHERE phone = '+19495550122'",
                set: &[("region", "NULL"), ("time_zone", "'America/New_York'")],
            },
        ],
        // The lane is that of another zone now.
        found: &[(P4, "assignment", WEST), (P5, "lead", WEST_LEAD)],
    },
    Plot {
        what: "a number that the person never had, to hide a hand-out in the week of four tries",
        edits: &[Edit {
            table: "assignment",
            rows: hand_out!("00012", "4"),
            set: &[
                ("phone_position", "7"),
                ("handed_at_ms", "handed_at_ms - 604800000"),
                ("lease_until_ms", "lease_until_ms - 604800000"),
                ("ended_at_ms", "ended_at_ms - 604800000"),
            ],
        }],
        found: &[(P4, "assignment", hand_out!("00012", "4")), (P5, "assignment", hand_out!("00012", "4"))],
    },
    Plot {
        what: "an objection that counts as nothing, without its suppression",
        edits: &[
            Edit { table: "attempt", rows: attempt!("00005"), set: &[("counts_as", "'neither'")] },
            Edit {
                table: "suppression",
                rows: "SELECT id FROM suppression WHERE reason = 'asked not to be called again'",
                set: &[],
            },
        ],
        found: &[(P3, "attempt", attempt!("00005")), (P4, "attempt", attempt!("00005")), (P5, "lead", lead!("00005"))],
    },
    Plot {
        what: "a promise that was never made, and its lead is tried again",
        edits: &[
            Edit { table: "callback", rows: promise!("00015"), set: &[] },
            Edit { table: "attempt", rows: attempt!("00015"), set: &[("class", "'busy'")] },
            Edit { table: "lead", rows: lead!("00015"), set: &[("block", "'retry'")] },
        ],
        found: &[(P3, "attempt", attempt!("00015"))],
    },
    Plot {
        what: "a promise that is due a year later, and its lead with it",
        edits: &[
            Edit {
                table: "callback",
                rows: promise!("00015"),
                set: &[("due_at_ms", "due_at_ms + 31536000000"), ("callable_at_ms", "callable_at_ms + 31536000000")],
            },
            Edit { table: "lead", rows: lead!("00015"), set: &[("due_at_ms", "due_at_ms + 31536000000")] },
        ],
        found: &[(P6, "callback", promise!("00015"))],
    },
    Plot {
        what: "a promise that is put off for ten years, and its lead with it",
        edits: &[
            Edit {
                table: "callback",
                rows: promise!("00015"),
                set: &[("callable_at_ms", "callable_at_ms + 315360000000")],
            },
            Edit { table: "lead", rows: lead!("00015"), set: &[("due_at_ms", "due_at_ms + 315360000000")] },
        ],
        found: &[(P6, "callback", promise!("00015"))],
    },
    Plot {
        what: "a promise that was dropped, and its lead closed as suppressed",
        edits: &[
            Edit { table: "callback", rows: promise!("00015"), set: &[("state", "'dropped'")] },
            Edit {
                table: "lead",
                rows: lead!("00015"),
                set: &[("state", "'closed'"), ("closed_reason", "'suppressed'"), ("block", "NULL")],
            },
        ],
        found: &[(P5, "lead", lead!("00015"))],
    },
    Plot {
        what: "a hand-out for a promise that was not due",
        edits: &[Edit {
            table: "callback",
            rows: "SELECT MIN(callback_id) AS id FROM assignment WHERE taken_from_id IS NULL",
            set: &[("due_at_ms", "due_at_ms + 604800000"), ("callable_at_ms", "callable_at_ms + 604800000")],
        }],
        found: &[
            (P6, "callback", "SELECT MIN(callback_id) AS id FROM assignment WHERE taken_from_id IS NULL"),
            (
                P6,
                "assignment",
                "SELECT id FROM assignment WHERE taken_from_id IS NULL AND callback_id = (
                SELECT MIN(callback_id) FROM assignment WHERE taken_from_id IS NULL)",
            ),
        ],
    },
    Plot {
        what: "a suppression that is gone, of somebody whom an operator had",
        edits: &[Edit { table: "suppression", rows: LETTER_OF_14, set: &[] }],
        found: &[(P4, "assignment", hand_out!("00014")), (P5, "lead", lead!("00014"))],
    },
    Plot {
        what: "a suppression that is gone, of somebody who waited",
        edits: &[Edit { table: "suppression", rows: LETTER_OF_16, set: &[] }],
        found: &[(P5, "lead", lead!("00016"))],
    },
    Plot {
        what: "all that is kept of a campaign's states",
        edits: &[Edit {
            table: "campaign_change",
            rows: "SELECT campaign_change.id FROM campaign_change JOIN campaign ON campaign.id = campaign_id
                WHERE campaign.campaign = 'west'",
            set: &[],
        }],
        found: &[(P4, "campaign", "SELECT id FROM campaign WHERE campaign = 'west'")],
    },
    Plot {
        what: "what is kept of a campaign's states before it was paused",
        edits: &[Edit {
            table: "campaign_change",
            rows: "SELECT campaign_change.id FROM campaign_change JOIN campaign ON campaign.id = campaign_id
                WHERE campaign.campaign = 'fibre' AND after_assignment_id = 0",
            set: &[],
        }],
        found: &[(P4, "campaign", "SELECT id FROM campaign WHERE campaign = 'fibre'")],
    },
    Plot {
        what: "a version of a tariff that is gone",
        edits: &[Edit { table: "tariff_version", rows: "SELECT id FROM tariff WHERE tariff = 'loan-25'", set: &[] }],
        found: &[(P7, "reopening", "SELECT id FROM reopening"), (P5, "assignment", hand_out!("00020", "1"))],
    },
];

/// The letters of people who asked not to be called: the one came while an operator had the person.
const LETTER_OF_14: &str = "SELECT id FROM suppression WHERE reason = 'asked by letter' AND after_assignment_id = (
    SELECT MAX(id) FROM assignment WHERE ended_because LIKE '%must not be called%')";
const LETTER_OF_16: &str = "SELECT id FROM suppression WHERE reason = 'asked by letter' AND after_assignment_id <> (
    SELECT MAX(id) FROM assignment WHERE ended_because LIKE '%must not be called%')";

/// What was handed out in California.
const WEST: &str = "SELECT assignment.id FROM assignment JOIN campaign ON campaign.id = assignment.campaign_id
    WHERE campaign.campaign = 'west'";
const WEST_LEAD: &str = "SELECT lead.id FROM lead JOIN list ON list.id = lead.list_id WHERE list.name = 'west'";
