-- The main job: lists become leads, leads become assignments, assignments end in attempts, tariffs reopen refusals.
-- Instants are UTC milliseconds; money is integer minor units; structured details are JSON text.

CREATE TABLE app_user (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('operator', 'manager', 'supervisor', 'analyst', 'admin')),
    token_sha256 TEXT NOT NULL UNIQUE,
    created_at_ms BIGINT NOT NULL,
    disabled_at_ms BIGINT
);

CREATE TABLE campaign (
    id INTEGER PRIMARY KEY,
    campaign TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    seller TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'finished')),
    version BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL
);

CREATE TABLE campaign_version (
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    version BIGINT NOT NULL,
    definition TEXT NOT NULL,
    applied_at_ms BIGINT NOT NULL,
    applied_by BIGINT REFERENCES app_user (id),
    PRIMARY KEY (campaign_id, version)
);

CREATE TABLE list (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    name TEXT NOT NULL,
    source TEXT NOT NULL CHECK (source IN ('purchased', 'existing', 'referral', 'web')),
    vendor TEXT,
    cost_minor BIGINT,
    licence_until TEXT,
    consent_basis TEXT,
    -- The file's header as JSON, for the file of its rejected rows.
    header TEXT NOT NULL DEFAULT '[]',
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('staging', 'loaded', 'undone')),
    rows_read BIGINT NOT NULL DEFAULT 0,
    new_clients BIGINT NOT NULL DEFAULT 0,
    known_clients BIGINT NOT NULL DEFAULT 0,
    new_leads BIGINT NOT NULL DEFAULT 0,
    duplicates_in_file BIGINT NOT NULL DEFAULT 0,
    duplicates_in_campaign BIGINT NOT NULL DEFAULT 0,
    suppressed BIGINT NOT NULL DEFAULT 0,
    rejected BIGINT NOT NULL DEFAULT 0,
    started_at_ms BIGINT NOT NULL,
    loaded_at_ms BIGINT,
    undone_at_ms BIGINT
);
CREATE UNIQUE INDEX list_loaded_once ON list (campaign_id, sha256) WHERE state = 'loaded';

-- Every row of a file while it is staged; afterwards the rows that made no lead, with why.
CREATE TABLE list_row (
    list_id BIGINT NOT NULL REFERENCES list (id),
    line BIGINT NOT NULL,
    verdict TEXT NOT NULL
        CHECK (verdict IN ('accepted', 'duplicate_in_file', 'duplicate_in_campaign', 'suppressed', 'rejected')),
    code TEXT,
    column_name TEXT,
    message TEXT,
    raw TEXT,
    phone TEXT,
    reference TEXT,
    first_name TEXT,
    last_name TEXT,
    street TEXT,
    city TEXT,
    postcode TEXT,
    region TEXT,
    country TEXT,
    time_zone TEXT,
    zone_source TEXT,
    facts TEXT,
    PRIMARY KEY (list_id, line)
);

CREATE TABLE client (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    phone TEXT NOT NULL UNIQUE,
    reference TEXT,
    first_name TEXT,
    last_name TEXT,
    street TEXT,
    city TEXT,
    postcode TEXT,
    region TEXT,
    country TEXT NOT NULL,
    time_zone TEXT,
    zone_source TEXT,
    created_by_list_id BIGINT NOT NULL REFERENCES list (id),
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX client_list ON client (created_by_list_id);

CREATE TABLE lane (
    id INTEGER PRIMARY KEY,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    time_zone TEXT NOT NULL,
    UNIQUE (campaign_id, time_zone)
);

CREATE TABLE lead (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    client_id BIGINT NOT NULL REFERENCES client (id),
    list_id BIGINT NOT NULL REFERENCES list (id),
    list_line BIGINT NOT NULL,
    lane_id BIGINT REFERENCES lane (id),
    state TEXT NOT NULL,
    priority BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    block TEXT,
    closed_reason TEXT,
    facts TEXT NOT NULL,
    refusal_id BIGINT,
    reopening_id BIGINT,
    created_at_ms BIGINT NOT NULL,
    UNIQUE (campaign_id, client_id),
    CHECK (
        (state IN ('ready', 'assigned') AND block IS NULL AND closed_reason IS NULL)
        OR (state = 'scheduled' AND block IS NOT NULL AND closed_reason IS NULL)
        OR (state = 'closed' AND block IS NULL AND closed_reason IS NOT NULL)
    )
);
CREATE INDEX lead_queue ON lead (lane_id, priority, due_at_ms, id) WHERE state = 'ready';
CREATE INDEX lead_due ON lead (due_at_ms, id) WHERE state = 'scheduled' AND block <> 'callback';
CREATE INDEX lead_client ON lead (client_id);
CREATE INDEX lead_list ON lead (list_id);

CREATE TABLE assignment (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id BIGINT NOT NULL REFERENCES lead (id),
    client_id BIGINT NOT NULL REFERENCES client (id),
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    campaign_version BIGINT NOT NULL,
    seller TEXT NOT NULL,
    list_id BIGINT NOT NULL REFERENCES list (id),
    operator_id BIGINT NOT NULL REFERENCES app_user (id),
    token TEXT NOT NULL,
    callback_id BIGINT,
    reopening_id BIGINT,
    decision TEXT NOT NULL,
    handed_at_ms BIGINT NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    ending TEXT CHECK (ending IN ('outcome', 'expired', 'revoked')),
    report TEXT,
    CHECK ((ended_at_ms IS NULL) = (ending IS NULL)),
    CHECK ((ending IS NOT NULL AND ending = 'outcome') = (report IS NOT NULL))
);
-- A person is open to at most one operator, in all campaigns together; an operator has at most one open assignment.
CREATE UNIQUE INDEX assignment_client_open ON assignment (client_id) WHERE ended_at_ms IS NULL;
CREATE UNIQUE INDEX assignment_operator_open ON assignment (operator_id) WHERE ended_at_ms IS NULL;
CREATE INDEX assignment_lease ON assignment (lease_until_ms) WHERE ended_at_ms IS NULL;
CREATE INDEX assignment_tries ON assignment (client_id, seller, handed_at_ms);
CREATE INDEX assignment_lead ON assignment (lead_id);

CREATE TABLE attempt (
    id INTEGER PRIMARY KEY,
    assignment_id BIGINT NOT NULL UNIQUE REFERENCES assignment (id),
    lead_id BIGINT NOT NULL REFERENCES lead (id),
    client_id BIGINT NOT NULL REFERENCES client (id),
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    seller TEXT NOT NULL,
    list_id BIGINT NOT NULL REFERENCES list (id),
    operator_id BIGINT NOT NULL REFERENCES app_user (id),
    reopening_id BIGINT,
    disposition TEXT NOT NULL,
    class TEXT NOT NULL,
    note TEXT,
    duration_s BIGINT,
    recorded_at_ms BIGINT NOT NULL
);
CREATE INDEX attempt_campaign ON attempt (campaign_id, id);
CREATE INDEX attempt_lead ON attempt (lead_id, id);
CREATE INDEX attempt_refusals ON attempt (client_id, seller, recorded_at_ms) WHERE class = 'refusal';
CREATE INDEX attempt_reopening ON attempt (reopening_id) WHERE reopening_id IS NOT NULL;

CREATE TABLE tariff (
    id INTEGER PRIMARY KEY,
    tariff TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'retired')),
    definition TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    published_at_ms BIGINT,
    retired_at_ms BIGINT,
    -- Refusals up to this one have been looked at; the publication is complete when it says so.
    reopened_to_refusal_id BIGINT NOT NULL DEFAULT 0,
    reopened_all_at_ms BIGINT
);

CREATE TABLE tariff_campaign (
    tariff_id BIGINT NOT NULL REFERENCES tariff (id),
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    PRIMARY KEY (tariff_id, campaign_id)
);

CREATE TABLE refusal (
    id INTEGER PRIMARY KEY,
    attempt_id BIGINT NOT NULL UNIQUE REFERENCES attempt (id),
    lead_id BIGINT NOT NULL REFERENCES lead (id),
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    reason TEXT NOT NULL,
    price_ceiling_minor BIGINT,
    wanted_features TEXT NOT NULL,
    competitor TEXT,
    contract_end TEXT,
    tariff_offered TEXT,
    offered_name TEXT,
    offered_price_minor BIGINT,
    currency TEXT NOT NULL,
    refused_at_ms BIGINT NOT NULL
);
CREATE INDEX refusal_campaign ON refusal (campaign_id, id);

CREATE TABLE reopening (
    id INTEGER PRIMARY KEY,
    tariff_id BIGINT NOT NULL REFERENCES tariff (id),
    refusal_id BIGINT NOT NULL REFERENCES refusal (id),
    lead_id BIGINT NOT NULL REFERENCES lead (id),
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    because TEXT NOT NULL,
    reopened_at_ms BIGINT NOT NULL,
    UNIQUE (tariff_id, refusal_id)
);
CREATE INDEX reopening_campaign ON reopening (campaign_id, tariff_id);

CREATE TABLE callback (
    id INTEGER PRIMARY KEY,
    lead_id BIGINT NOT NULL REFERENCES lead (id),
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    attempt_id BIGINT NOT NULL REFERENCES attempt (id),
    promised_by BIGINT NOT NULL REFERENCES app_user (id),
    -- Whose it is; NULL for any operator.
    operator_id BIGINT REFERENCES app_user (id),
    due_at_ms BIGINT NOT NULL,
    -- The due time, or later where the calling rules held it back.
    callable_at_ms BIGINT NOT NULL,
    note TEXT,
    state TEXT NOT NULL CHECK (state IN ('open', 'kept', 'dropped')),
    escalated_at_ms BIGINT,
    created_at_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX callback_lead_open ON callback (lead_id) WHERE state = 'open';
CREATE INDEX callback_due ON callback (callable_at_ms, id) WHERE state = 'open';

CREATE TABLE orders (
    id INTEGER PRIMARY KEY,
    attempt_id BIGINT NOT NULL UNIQUE REFERENCES attempt (id),
    lead_id BIGINT NOT NULL REFERENCES lead (id),
    client_id BIGINT NOT NULL REFERENCES client (id),
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    tariff_id BIGINT NOT NULL REFERENCES tariff (id),
    price_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    fields TEXT NOT NULL,
    placed_at_ms BIGINT NOT NULL
);
CREATE INDEX orders_campaign ON orders (campaign_id);

CREATE TABLE suppression (
    id INTEGER PRIMARY KEY,
    phone TEXT NOT NULL,
    -- NULL means every seller.
    seller TEXT,
    -- NULL means every campaign of the seller.
    campaign_id BIGINT REFERENCES campaign (id),
    reason TEXT NOT NULL,
    created_by BIGINT REFERENCES app_user (id),
    created_at_ms BIGINT NOT NULL
);
CREATE INDEX suppression_phone ON suppression (phone);

-- Outcomes that came after their assignment had ended: kept for review, never dropped.
CREATE TABLE late_outcome (
    id INTEGER PRIMARY KEY,
    assignment_id BIGINT NOT NULL REFERENCES assignment (id),
    operator_id BIGINT NOT NULL REFERENCES app_user (id),
    report TEXT NOT NULL,
    received_at_ms BIGINT NOT NULL
);
CREATE INDEX late_outcome_assignment ON late_outcome (assignment_id);

-- Answers to requests that carried an Idempotency-Key.
CREATE TABLE idempotency (
    user_id BIGINT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_sha256 TEXT NOT NULL,
    status BIGINT,
    body TEXT,
    started_at_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, idempotency_key)
);

-- For people who ask with SQL: instants as text.
CREATE VIEW v_attempt AS
SELECT
    attempt.id, campaign.campaign, list.name AS list, list.vendor, app_user.name AS operator, attempt.lead_id,
    attempt.disposition, attempt.class, refusal.reason, refusal.price_ceiling_minor, refusal.currency,
    attempt.duration_s, strftime('%Y-%m-%dT%H:%M:%SZ', attempt.recorded_at_ms / 1000, 'unixepoch') AS recorded_at
FROM attempt
JOIN campaign ON campaign.id = attempt.campaign_id
JOIN list ON list.id = attempt.list_id
JOIN app_user ON app_user.id = attempt.operator_id
LEFT JOIN refusal ON refusal.attempt_id = attempt.id;
