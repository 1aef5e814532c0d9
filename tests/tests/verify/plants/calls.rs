//! Hand-outs and their ends: what decided them, and what stood against them.

use relance_domain::ledger::Promise::{P1, P2, P3, P4, P5};

use super::Plant;

const LATE: &str = "SELECT id FROM late_outcome";
const WEST: &str = "SELECT assignment.id FROM assignment JOIN campaign ON campaign.id = assignment.campaign_id
    WHERE campaign.campaign = 'west'";
const WEST_ATTEMPT: &str = "SELECT attempt.id FROM attempt JOIN campaign ON campaign.id = attempt.campaign_id
    WHERE campaign.campaign = 'west'";
const WEST_CAMPAIGN: &str = "SELECT id FROM campaign WHERE campaign = 'west'";
const WEST_LIST: &str = "SELECT id FROM list WHERE name = 'west'";
/// What marie was handed after person 21.
const AFTER_21: &str = "SELECT later.id FROM assignment AS later JOIN app_user ON app_user.id = later.operator_id
    WHERE app_user.name = 'marie' AND later.id > (SELECT MAX(assignment.id) FROM assignment
        JOIN client ON client.id = assignment.client_id WHERE client.phone = '+33199000021')";

pub(crate) const PLANTS: &[Plant] = &[
    Plant {
        what: "a person who was still with somebody when another operator got them",
        table: "assignment",
        row: hand_out!("00010"),
        set: &[("ended_at_ms", "ended_at_ms + 60000")],
        found: &[(P1, "assignment", hand_out!("00010", "1")), (P3, "assignment", hand_out!("00010", "1"))],
    },
    Plant {
        what: "a number that is two people's",
        table: "client",
        row: "SELECT id FROM client WHERE phone = '+33199000022'",
        set: &[("phone", "'+33199000103'")],
        found: &[(P1, "client", "SELECT id FROM client WHERE phone = '+33199000022'")],
    },
    Plant {
        what: "a client who was merged and is still there",
        table: "client_merge",
        row: "SELECT id FROM client_merge",
        set: &[("merged_client_id", "(SELECT id FROM client WHERE phone = '+33199000022')")],
        found: &[(P1, "client", "SELECT id FROM client WHERE phone = '+33199000022'")],
    },
    Plant {
        what: "an operator who held a lead while they were given another",
        table: "assignment",
        row: hand_out!("00009"),
        set: &[("operator_id", "(SELECT id FROM app_user WHERE name = 'olga')")],
        found: &[(P2, "assignment", hand_out!("00010"))],
    },
    Plant {
        what: "an attempt of another instant than the end of its assignment",
        table: "attempt",
        row: attempt!("00006"),
        set: &[("recorded_at_ms", "recorded_at_ms + 60000")],
        found: &[(P3, "attempt", attempt!("00006"))],
    },
    Plant {
        what: "an attempt of another operator",
        table: "attempt",
        row: attempt!("00006"),
        set: &[("operator_id", "(SELECT id FROM app_user WHERE name = 'omar')")],
        found: &[(P3, "attempt", attempt!("00006"))],
    },
    Plant {
        what: "a disposition that nobody reported",
        table: "attempt",
        row: attempt!("00021"),
        set: &[("disposition", "'machine'")],
        found: &[(P3, "attempt", attempt!("00021"))],
    },
    Plant {
        what: "a class that is not its disposition's",
        table: "attempt",
        row: attempt!("00021"),
        set: &[("class", "'machine'")],
        found: &[(P3, "attempt", attempt!("00021"))],
    },
    Plant {
        what: "a refusal that counts as none",
        table: "attempt",
        row: attempt!("00002"),
        set: &[("counts_as", "'neither'")],
        found: &[(P3, "attempt", attempt!("00002"))],
    },
    Plant {
        what: "a disposition that the campaign does not have",
        table: "campaign_version",
        row: WEST_CAMPAIGN,
        set: &[("definition", "REPLACE(definition, '\"code\":\"refused\"', '\"code\":\"denied\"')")],
        found: &[(P3, "attempt", WEST_ATTEMPT)],
    },
    Plant {
        what: "a refusal for another reason than was reported",
        table: "refusal",
        row: refusal!("00002"),
        set: &[("reason", "'not_interested'")],
        found: &[(P3, "refusal", refusal!("00002"))],
    },
    Plant {
        what: "a price ceiling that nobody reported",
        table: "refusal",
        row: refusal!("00002"),
        set: &[("price_ceiling_minor", "price_ceiling_minor - 500")],
        found: &[(P3, "refusal", refusal!("00002"))],
    },
    Plant {
        what: "a report that is gone",
        table: "assignment",
        row: hand_out!("00021"),
        set: &[("report", "'{}'")],
        found: &[(P3, "attempt", attempt!("00021"))],
    },
    Plant {
        what: "a report that cannot be read",
        table: "assignment",
        row: hand_out!("00021"),
        set: &[("report", "'busy'")],
        found: &[(P3, "attempt", attempt!("00021"))],
    },
    Plant {
        what: "an assignment that is open again beside its attempt",
        table: "assignment",
        row: hand_out!("00021"),
        set: &[("ended_at_ms", "NULL"), ("ending", "NULL"), ("report", "NULL")],
        found: &[(P3, "attempt", attempt!("00021")), (P5, "lead", lead!("00021")), (P2, "assignment", AFTER_21)],
    },
    Plant {
        what: "an attempt whose assignment is gone",
        table: "attempt",
        row: attempt!("00021"),
        set: &[("assignment_id", "999999")],
        found: &[(P3, "attempt", attempt!("00021")), (P3, "assignment", hand_out!("00021"))],
    },
    Plant {
        what: "an ending that there is not",
        table: "assignment",
        row: hand_out!("00009"),
        set: &[("ending", "'gone'")],
        found: &[(P3, "assignment", hand_out!("00009"))],
    },
    Plant {
        what: "an end before the beginning",
        table: "assignment",
        row: hand_out!("00008"),
        set: &[("ended_at_ms", "ended_at_ms - 3600000")],
        found: &[(P3, "assignment", hand_out!("00008"))],
    },
    Plant {
        what: "a lease that ran out before its time",
        table: "assignment",
        row: hand_out!("00009"),
        set: &[("ended_at_ms", "ended_at_ms - 180000")],
        found: &[(P3, "assignment", hand_out!("00009"))],
    },
    Plant {
        what: "a lease of ten days",
        table: "assignment",
        row: hand_out!("00021"),
        set: &[("lease_until_ms", "lease_until_ms + 864000000")],
        found: &[(P3, "assignment", hand_out!("00021"))],
    },
    Plant {
        what: "a hand-over from an assignment that was not taken",
        table: "assignment",
        row: hand_out!("00010", "1"),
        set: &[("taken_from_id", "(SELECT MIN(assignment_id) FROM late_outcome)")],
        found: &[(P3, "assignment", hand_out!("00010", "1"))],
    },
    Plant {
        what: "a late outcome of an assignment that had its outcome",
        table: "late_outcome",
        row: LATE,
        set: &[("assignment_id", "(SELECT MAX(assignment_id) FROM attempt)")],
        found: &[(P3, "late_outcome", LATE)],
    },
    Plant {
        what: "a reason without a refusal",
        table: "attempt",
        row: attempt!("00002"),
        set: &[("class", "'busy'")],
        found: &[(P3, "attempt", attempt!("00002")), (P5, "lead", lead!("00002"))],
    },
    Plant {
        what: "a hand-out in the week of four tries",
        table: "assignment",
        row: hand_out!("00012", "4"),
        set: &[
            ("handed_at_ms", "handed_at_ms - 604800000"),
            ("lease_until_ms", "lease_until_ms - 604800000"),
            ("ended_at_ms", "ended_at_ms - 604800000"),
        ],
        found: &[(P4, "assignment", hand_out!("00012", "4"))],
    },
    Plant {
        what: "a hand-out at half past eight in the evening",
        table: "assignment",
        row: hand_out!("00012", "4"),
        set: &[
            ("handed_at_ms", "handed_at_ms + 36000000"),
            ("lease_until_ms", "lease_until_ms + 36000000"),
            ("ended_at_ms", "ended_at_ms + 36000000"),
        ],
        found: &[(P4, "assignment", hand_out!("00012", "4"))],
    },
    Plant {
        what: "a hand-out on the day after a refusal",
        table: "assignment",
        row: hand_out!("00020", "1"),
        set: &[
            ("handed_at_ms", "handed_at_ms - 86400000"),
            ("lease_until_ms", "lease_until_ms - 86400000"),
            ("ended_at_ms", "ended_at_ms - 86400000"),
        ],
        found: &[(P4, "assignment", hand_out!("00020", "1"))],
    },
    Plant {
        what: "a consent that was none",
        table: "lead",
        row: lead!("00006"),
        set: &[("consent", "'no'")],
        found: &[(P4, "assignment", hand_out!("00006")), (P5, "lead", lead!("00006"))],
    },
    Plant {
        what: "a licence that had ended",
        table: "list",
        row: WEST_LIST,
        set: &[("licence_until", "'2026-11-01'")],
        found: &[(P4, "assignment", WEST)],
    },
    Plant {
        what: "a suppression before the hand-out, by its key",
        table: "suppression",
        row: "SELECT id FROM suppression WHERE after_assignment_id = (SELECT MAX(id) FROM assignment WHERE ended_because LIKE '%must not be called%')",
        set: &[("after_assignment_id", "0")],
        found: &[(P4, "assignment", hand_out!("00014"))],
    },
    Plant {
        what: "a suppression before the hand-out, by its instant",
        table: "suppression",
        row: "SELECT id FROM suppression WHERE after_assignment_id = (SELECT MAX(id) FROM assignment WHERE ended_because LIKE '%must not be called%')",
        set: &[("after_assignment_id", "NULL"), ("created_at_ms", "created_at_ms - 3600000")],
        found: &[(P4, "assignment", hand_out!("00014"))],
    },
    Plant {
        what: "an objection without its suppression",
        table: "suppression",
        row: "SELECT id FROM suppression WHERE reason = 'asked not to be called again'",
        set: &[("phone_hash", "'00000000000000000000000000000000'")],
        found: &[(P4, "attempt", attempt!("00005")), (P5, "lead", lead!("00005"))],
    },
    Plant {
        what: "a hand-out while its campaign was paused",
        table: "campaign_change",
        row: "SELECT MAX(campaign_change.id) AS id FROM campaign_change JOIN campaign ON campaign.id = campaign_id WHERE campaign.campaign = 'west'",
        set: &[("state", "'paused'")],
        found: &[(P4, "assignment", WEST), (P4, "campaign", WEST_CAMPAIGN)],
    },
    Plant {
        what: "a hand-out by a version that was not in force",
        table: "assignment",
        row: hand_out!("00012"),
        set: &[("campaign_version", "2")],
        found: &[(P4, "assignment", hand_out!("00012")), (P5, "assignment", hand_out!("00012"))],
    },
];
