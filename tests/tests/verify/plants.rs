//! What somebody may change by hand, one row at a time, and what is to be found of it.

use relance_domain::ledger::Promise::{self, P1, P2, P3, P4, P5, P6, P7, P8};

/// A row that is changed by hand.
pub(crate) struct Plant {
    /// What it is.
    pub(crate) what: &'static str,
    pub(crate) table: &'static str,
    /// A query for the row's key.
    pub(crate) row: &'static str,
    /// Columns and what they become.
    pub(crate) set: &'static [(&'static str, &'static str)],
    /// What must be found, and nothing else: promise, table, and a query for the keys of the rows.
    pub(crate) found: &'static [(Promise, &'static str, &'static str)],
}

/// What the schema holds against changes by hand.
pub(crate) const UNPROTECT: &[&str] = &[
    "DROP INDEX assignment_client_open",
    "DROP INDEX assignment_operator_open",
    "DROP INDEX callback_lead_open",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA ignore_check_constraints = ON",
    "ALTER TABLE lead DROP CONSTRAINT lead_check",
    "ALTER TABLE assignment DROP CONSTRAINT assignment_ending_check",
    "ALTER TABLE attempt DROP CONSTRAINT attempt_assignment_id_fkey",
];

/// How a row is told that a plant changes.
pub(crate) fn place(table: &str, key: &str) -> String {
    match table {
        "rule_set" => format!("version = '{key}'"),
        // The lane of one lead: there it is counted, and everywhere else it is not.
        "lead_count" => format!("lane_id = {key} AND leads > 0"),
        _ => format!("id = {key}"),
    }
}

/// The first hand-out of a person of the builders, or a later one.
macro_rules! hand_out {
    ($person:literal, $place:literal) => {
        concat!(
            "SELECT assignment.id FROM assignment JOIN client ON client.id = assignment.client_id
            WHERE client.phone = '+331990",
            $person,
            "' ORDER BY assignment.id LIMIT 1 OFFSET ",
            $place
        )
    };
    ($person:literal) => {
        hand_out!($person, "0")
    };
}

/// The newest attempt of a person.
macro_rules! attempt {
    ($person:literal) => {
        concat!(
            "SELECT MAX(attempt.id) AS id FROM attempt JOIN client ON client.id = attempt.client_id
            WHERE client.phone = '+331990",
            $person,
            "'"
        )
    };
}

/// The lead of a person.
macro_rules! lead {
    ($person:literal) => {
        concat!(
            "SELECT lead.id FROM lead JOIN client ON client.id = lead.client_id WHERE client.phone = '+331990",
            $person,
            "'"
        )
    };
}

/// The promise made to a person.
macro_rules! promise {
    ($person:literal) => {
        concat!(
            "SELECT callback.id FROM callback JOIN lead ON lead.id = callback.lead_id
            JOIN client ON client.id = lead.client_id WHERE client.phone = '+331990",
            $person,
            "'"
        )
    };
}

const REOPENING: &str = "SELECT id FROM reopening";
const LATE: &str = "SELECT id FROM late_outcome";
const LOAN_25: &str = "SELECT id FROM tariff WHERE tariff = 'loan-25'";
const REGISTER: &str = "SELECT id FROM register";
const ORDER: &str = "SELECT id FROM orders";
const WEST: &str = "SELECT assignment.id FROM assignment JOIN campaign ON campaign.id = assignment.campaign_id
    WHERE campaign.campaign = 'west'";
const WEST_LIST: &str = "SELECT id FROM list WHERE name = 'west'";
const WEST_LANE: &str = "SELECT lane_id AS id FROM lead JOIN list ON list.id = lead.list_id WHERE list.name = 'west'";
const ERASED: &str =
    "SELECT lead.id FROM lead JOIN client ON client.id = lead.client_id WHERE client.erased_at_ms IS NOT NULL";
/// What marie was handed after person 21.
const AFTER_21: &str = "SELECT later.id FROM assignment AS later JOIN app_user ON app_user.id = later.operator_id
    WHERE app_user.name = 'marie' AND later.id > (SELECT MAX(assignment.id) FROM assignment
        JOIN client ON client.id = assignment.client_id WHERE client.phone = '+33199000021')";
/// The rules of the first weeks, and the hand-outs that they decided.
const RULES: &str =
    "SELECT version AS id FROM (SELECT version FROM rule_set ORDER BY first_used_at_ms LIMIT 1) AS oldest";
const BY_RULES: &str = "SELECT id FROM assignment WHERE decision LIKE '%\"rule_set\":\"' || (
    SELECT version FROM rule_set ORDER BY first_used_at_ms LIMIT 1) || '\"%'";

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
        found: &[(P3, "attempt", attempt!("00002"))],
    },
    Plant {
        what: "an order form of another attempt",
        table: "orders",
        row: ORDER,
        set: &[("attempt_id", "(SELECT MIN(attempt.id) FROM attempt WHERE attempt.class = 'busy')")],
        found: &[
            (P3, "orders", ORDER),
            (P3, "attempt", attempt!("00006")),
            (P3, "attempt", "SELECT MIN(id) AS id FROM attempt WHERE class = 'busy'"),
        ],
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
        found: &[(P4, "attempt", attempt!("00005"))],
    },
    Plant {
        what: "a hand-out while its campaign was paused",
        table: "campaign_change",
        row: "SELECT MAX(campaign_change.id) AS id FROM campaign_change JOIN campaign ON campaign.id = campaign_id WHERE campaign.campaign = 'west'",
        set: &[("state", "'paused'")],
        found: &[(P4, "assignment", WEST)],
    },
    Plant {
        what: "a hand-out by a version that was not in force",
        table: "assignment",
        row: hand_out!("00012"),
        set: &[("campaign_version", "2")],
        found: &[(P4, "assignment", hand_out!("00012")), (P5, "assignment", hand_out!("00012"))],
    },
    Plant {
        what: "an erased person's lead that a tariff could bring back",
        table: "lead",
        row: ERASED,
        set: &[("closed_reason", "'refused'")],
        found: &[(P4, "lead", ERASED), (P5, "lead", ERASED)],
    },
    Plant {
        what: "a register that lacks a number",
        table: "register",
        row: REGISTER,
        set: &[("numbers", "numbers + 1")],
        found: &[(P4, "register", REGISTER)],
    },
    Plant {
        what: "a decision that says another window",
        table: "assignment",
        row: hand_out!("00012"),
        set: &[("decision", "REPLACE(decision, '10:00-13:00', '10:00-14:00')")],
        found: &[(P5, "assignment", hand_out!("00012"))],
    },
    Plant {
        what: "a decision that says another use of a cap",
        table: "assignment",
        row: hand_out!("00012", "2"),
        set: &[("decision", "REPLACE(decision, '\"used\":2', '\"used\":0')")],
        found: &[(P5, "assignment", hand_out!("00012", "2"))],
    },
    Plant {
        what: "a decision that cannot be read",
        table: "assignment",
        row: hand_out!("00012"),
        set: &[("decision", "'because'")],
        found: &[(P5, "assignment", hand_out!("00012"))],
    },
    Plant {
        what: "a decision by rules that nobody has",
        table: "assignment",
        row: hand_out!("00012"),
        set: &[("decision", "REPLACE(decision, '\"rule_set\":\"', '\"rule_set\":\"0')")],
        found: &[(P5, "assignment", hand_out!("00012"))],
    },
    Plant {
        what: "rules that were changed",
        table: "rule_set",
        row: RULES,
        set: &[("pack", "''")],
        found: &[(P5, "assignment", BY_RULES)],
    },
    Plant {
        what: "a lead of another person",
        table: "lead",
        row: lead!("00021"),
        set: &[("client_id", "(SELECT id FROM client WHERE phone = '+33199000002')")],
        found: &[(P5, "assignment", hand_out!("00021"))],
    },
    Plant {
        what: "a lead that is counted twice",
        table: "lead_count",
        row: WEST_LANE,
        set: &[("leads", "leads + 1")],
        found: &[(P5, "lane", WEST_LANE)],
    },
    Plant {
        what: "a lead in another lane",
        table: "lead",
        row: lead!("00021"),
        set: &[("lane_id", "(SELECT lane_id FROM lead JOIN list ON list.id = lead.list_id WHERE list.name = 'west')")],
        found: &[(P5, "lead", lead!("00021"))],
    },
    Plant {
        what: "a lead that was ordered, without order",
        table: "lead",
        row: lead!("00002"),
        set: &[("closed_reason", "'ordered'")],
        found: &[(P5, "lead", lead!("00002"))],
    },
    Plant {
        what: "a lead that was ordered and is in the queue",
        table: "lead",
        row: lead!("00006"),
        set: &[("state", "'ready'"), ("closed_reason", "NULL")],
        found: &[(P5, "lead", lead!("00006"))],
    },
    Plant {
        what: "a lead that is with nobody",
        table: "lead",
        row: lead!("00002"),
        set: &[("state", "'assigned'"), ("closed_reason", "NULL")],
        found: &[(P5, "lead", lead!("00002"))],
    },
    Plant {
        what: "a lead in no state",
        table: "lead",
        row: lead!("00006"),
        set: &[("block", "'retry'")],
        found: &[(P5, "lead", lead!("00006"))],
    },
    Plant {
        what: "a promise that was dropped",
        table: "callback",
        row: promise!("00015"),
        set: &[("state", "'dropped'")],
        found: &[(P6, "callback", promise!("00015")), (P6, "lead", lead!("00015"))],
    },
    Plant {
        what: "a promise that was kept by nobody",
        table: "callback",
        row: promise!("00015"),
        set: &[("state", "'kept'")],
        found: &[(P6, "callback", promise!("00015")), (P6, "lead", lead!("00015"))],
    },
    Plant {
        what: "a promise that was kept and says that it was dropped",
        table: "callback",
        row: promise!("00004"),
        set: &[("state", "'dropped'")],
        found: &[(P6, "callback", promise!("00004"))],
    },
    Plant {
        what: "a promise that another attempt made",
        table: "callback",
        row: promise!("00015"),
        set: &[("attempt_id", "(SELECT MIN(id) FROM attempt WHERE class = 'busy')")],
        found: &[
            (P6, "callback", promise!("00015")),
            (P6, "attempt", attempt!("00015")),
            (P6, "attempt", "SELECT MIN(id) AS id FROM attempt WHERE class = 'busy'"),
        ],
    },
    Plant {
        what: "a promise that would be kept too early",
        table: "callback",
        row: promise!("00015"),
        set: &[("callable_at_ms", "due_at_ms - 60000")],
        found: &[(P6, "callback", promise!("00015"))],
    },
    Plant {
        what: "a reopening by a tariff that is too dear",
        table: "refusal",
        row: "SELECT refusal_id AS id FROM reopening",
        set: &[("price_ceiling_minor", "1000")],
        found: &[(P7, "reopening", REOPENING)],
    },
    Plant {
        what: "a tariff whose price was changed",
        table: "tariff",
        row: LOAN_25,
        set: &[("definition", "REPLACE(definition, '2499', '3999')")],
        found: &[(P7, "reopening", REOPENING), (P5, "assignment", hand_out!("00020", "1"))],
    },
    Plant {
        what: "a tariff that had been retired",
        table: "tariff",
        row: LOAN_25,
        set: &[("retired_at_ms", "published_at_ms - 3600000")],
        found: &[(P7, "reopening", REOPENING)],
    },
    Plant {
        what: "a tariff that was never published",
        table: "tariff",
        row: LOAN_25,
        set: &[("published_at_ms", "NULL")],
        found: &[(P7, "reopening", REOPENING), (P7, "tariff", LOAN_25)],
    },
    Plant {
        what: "a reopening by a tariff that the campaign does not offer",
        table: "reopening",
        row: REOPENING,
        set: &[("tariff_id", "(SELECT id FROM tariff WHERE tariff = 'fibre-40')")],
        found: &[(P7, "reopening", REOPENING), (P5, "assignment", hand_out!("00020", "1"))],
    },
    Plant {
        what: "a reopening of another lead",
        table: "reopening",
        row: REOPENING,
        set: &[("lead_id", "(SELECT id FROM lead WHERE id <> lead_id ORDER BY id LIMIT 1)")],
        found: &[
            (P7, "reopening", REOPENING),
            (P7, "assignment", hand_out!("00020", "1")),
            (P5, "lead", lead!("00020")),
        ],
    },
    Plant {
        what: "a reopening after the hand-out that it brought",
        table: "reopening",
        row: REOPENING,
        set: &[("reopened_at_ms", "reopened_at_ms + 2592000000")],
        found: &[(P7, "assignment", hand_out!("00020", "1"))],
    },
    Plant {
        what: "a list that counts a lead too many",
        table: "list",
        row: WEST_LIST,
        set: &[("new_leads", "new_leads + 1")],
        found: &[(P8, "list", WEST_LIST)],
    },
    Plant {
        what: "a list that counts a row too many",
        table: "list",
        row: WEST_LIST,
        set: &[("rows_read", "rows_read + 1"), ("rejected", "rejected + 1")],
        found: &[(P8, "list", WEST_LIST)],
    },
];
