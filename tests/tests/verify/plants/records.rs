//! What is kept of hand-outs: decisions, leads, promises, reopenings, lists.

use relance_domain::ledger::Promise::{P3, P4, P5, P6, P7, P8};

use super::Plant;

const REOPENING: &str = "SELECT id FROM reopening";
const LOAN_25: &str = "SELECT id FROM tariff WHERE tariff = 'loan-25'";
const REGISTER: &str = "SELECT id FROM register";
const WEST_LIST: &str = "SELECT id FROM list WHERE name = 'west'";
const WEST_LANE: &str = "SELECT lane_id AS id FROM lead JOIN list ON list.id = lead.list_id WHERE list.name = 'west'";
const ERASED: &str =
    "SELECT lead.id FROM lead JOIN client ON client.id = lead.client_id WHERE client.erased_at_ms IS NOT NULL";
/// The rules of the first weeks, and the hand-outs that they decided.
const RULES: &str =
    "SELECT version AS id FROM (SELECT version FROM rule_set ORDER BY first_used_at_ms LIMIT 1) AS oldest";
const BY_RULES: &str = "SELECT id FROM assignment WHERE decision LIKE '%\"rule_set\":\"' || (
    SELECT version FROM rule_set ORDER BY first_used_at_ms LIMIT 1) || '\"%'";

pub(crate) const PLANTS: &[Plant] = &[
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
        what: "a refused lead that is in the queue",
        table: "lead",
        row: lead!("00002"),
        set: &[("state", "'ready'"), ("closed_reason", "NULL")],
        found: &[(P5, "lead", lead!("00002"))],
    },
    Plant {
        what: "a refused lead that is in the queue and forgot its refusal",
        table: "lead",
        row: lead!("00002"),
        set: &[("state", "'ready'"), ("closed_reason", "NULL"), ("refusal_id", "NULL")],
        found: &[(P5, "lead", lead!("00002"))],
    },
    Plant {
        what: "a refused lead that waits for a day that nobody named",
        table: "lead",
        row: lead!("00002"),
        set: &[("state", "'scheduled'"), ("block", "'asked_later'"), ("closed_reason", "NULL")],
        found: &[(P5, "lead", lead!("00002"))],
    },
    Plant {
        what: "a refused lead that was given up",
        table: "lead",
        row: lead!("00002"),
        set: &[("closed_reason", "'exhausted'")],
        found: &[(P5, "lead", lead!("00002"))],
    },
    Plant {
        what: "a lead that is closed by a refusal that nobody reported",
        table: "lead",
        row: lead!("00012"),
        set: &[("state", "'closed'"), ("closed_reason", "'refused'"), ("block", "NULL")],
        found: &[(P5, "lead", lead!("00012"))],
    },
    Plant {
        what: "a reopening that was taken back, and its lead was not",
        table: "reopening",
        row: REOPENING,
        set: &[("taken_back_at_ms", "reopened_at_ms + 60000")],
        found: &[(P7, "reopening", REOPENING), (P5, "lead", lead!("00020"))],
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
        what: "a promise for another day than was reported",
        table: "callback",
        row: promise!("00004"),
        set: &[("due_at_ms", "due_at_ms + 60000"), ("callable_at_ms", "callable_at_ms + 60000")],
        found: &[(P6, "callback", promise!("00004"))],
    },
    Plant {
        what: "a promise of another operator",
        table: "callback",
        row: promise!("00004"),
        set: &[("operator_id", "(SELECT id FROM app_user WHERE name = 'omar')")],
        found: &[(P6, "callback", promise!("00004"))],
    },
    Plant {
        what: "a personal promise that is anybody's and had not waited",
        table: "callback",
        row: promise!("00004"),
        set: &[("operator_id", "NULL")],
        found: &[(P6, "callback", promise!("00004"))],
    },
    Plant {
        what: "a promise that somebody else made",
        table: "callback",
        row: promise!("00015"),
        set: &[("promised_by", "(SELECT id FROM app_user WHERE name = 'omar')")],
        found: &[(P6, "callback", promise!("00015"))],
    },
    Plant {
        what: "a promise of another campaign",
        table: "callback",
        row: promise!("00015"),
        set: &[("campaign_id", "(SELECT id FROM campaign WHERE campaign = 'loan')")],
        found: &[(P6, "callback", promise!("00015"))],
    },
    Plant {
        what: "a lead that is due before its promise",
        table: "lead",
        row: lead!("00015"),
        set: &[("due_at_ms", "due_at_ms - 60000")],
        found: &[(P6, "callback", promise!("00015"))],
    },
    Plant {
        what: "a lead that is due after its promise",
        table: "lead",
        row: lead!("00015"),
        set: &[("due_at_ms", "due_at_ms + 60000")],
        found: &[(P6, "callback", promise!("00015"))],
    },
    Plant {
        what: "a hand-out for a promise to somebody else",
        table: "assignment",
        row: hand_out!("00012", "1"),
        set: &[("callback_id", "(SELECT MAX(id) FROM callback)")],
        found: &[(P6, "assignment", hand_out!("00012", "1"))],
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
        found: &[(P7, "reopening", REOPENING), (P3, "refusal", "SELECT refusal_id AS id FROM reopening")],
    },
    Plant {
        what: "a tariff whose price was changed",
        table: "tariff_version",
        row: LOAN_25,
        set: &[("definition", "REPLACE(definition, '2499', '3999')")],
        found: &[(P7, "reopening", REOPENING), (P5, "assignment", hand_out!("00020", "1"))],
    },
    Plant {
        what: "a tariff that had been retired",
        table: "tariff_price",
        row: LOAN_25,
        set: &[("offered_until_ms", "offered_from_ms - 3600000")],
        found: &[(P7, "reopening", REOPENING)],
    },
    Plant {
        what: "a tariff that is said never to have been published",
        table: "tariff",
        row: LOAN_25,
        set: &[("published_at_ms", "NULL")],
        found: &[(P7, "tariff", LOAN_25)],
    },
    Plant {
        what: "a tariff that was offered later",
        table: "tariff_price",
        row: LOAN_25,
        set: &[("offered_from_ms", "offered_from_ms + 86400000")],
        found: &[(P7, "reopening", REOPENING)],
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
