-- no-transaction
-- Leases at full strength: leads that are handed back or taken, late outcomes that are reviewed, operators who are away.
-- SQLite changes a CHECK only in a new table; foreign keys are off meanwhile, as attempts keep pointing to their assignments
-- by number.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS assignment_with_returns;
CREATE TABLE assignment_with_returns (
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
    ending TEXT CHECK (ending IN ('outcome', 'expired', 'revoked', 'returned')),
    report TEXT,
    -- Why it was handed back or taken, in the words of whoever did, and who took it; NULL for the local administrator.
    ended_because TEXT,
    ended_by BIGINT REFERENCES app_user (id),
    -- The assignment that a supervisor took to make this one.
    taken_from_id BIGINT,
    CHECK ((ended_at_ms IS NULL) = (ending IS NULL)),
    CHECK ((ending IS NOT NULL AND ending = 'outcome') = (report IS NOT NULL)),
    CHECK (ending IS NULL OR ending <> 'returned' OR ended_because IS NOT NULL)
);
INSERT INTO assignment_with_returns (id, lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
    callback_id, reopening_id, decision, handed_at_ms, lease_until_ms, ended_at_ms, ending, report)
SELECT id, lead_id, client_id, campaign_id, campaign_version, seller, list_id, operator_id, token,
    callback_id, reopening_id, decision, handed_at_ms, lease_until_ms, ended_at_ms, ending, report FROM assignment;
DROP TABLE assignment;
ALTER TABLE assignment_with_returns RENAME TO assignment;
-- A person is open to at most one operator, in all campaigns together; an operator has at most one open assignment.
CREATE UNIQUE INDEX assignment_client_open ON assignment (client_id) WHERE ended_at_ms IS NULL;
CREATE UNIQUE INDEX assignment_operator_open ON assignment (operator_id) WHERE ended_at_ms IS NULL;
CREATE INDEX assignment_lease ON assignment (lease_until_ms) WHERE ended_at_ms IS NULL;
CREATE INDEX assignment_tries ON assignment (client_id, seller, handed_at_ms);
CREATE INDEX assignment_lead ON assignment (lead_id);
-- What an operator handed back a short while ago is not given to them.
CREATE INDEX assignment_returned ON assignment (operator_id, ended_at_ms) WHERE ending = 'returned';

ALTER TABLE late_outcome ADD COLUMN reviewed_at_ms BIGINT;
ALTER TABLE late_outcome ADD COLUMN reviewed_by BIGINT REFERENCES app_user (id);
ALTER TABLE late_outcome ADD COLUMN review_note TEXT CHECK ((reviewed_at_ms IS NULL) = (review_note IS NULL));
CREATE INDEX late_outcome_open ON late_outcome (id) WHERE reviewed_at_ms IS NULL;

-- From when until when an operator keeps no promises.
ALTER TABLE app_user ADD COLUMN away_from_ms BIGINT;
ALTER TABLE app_user ADD COLUMN away_until_ms BIGINT
    CHECK ((away_from_ms IS NULL AND away_until_ms IS NULL) OR (away_until_ms IS NOT NULL AND away_from_ms < away_until_ms));
COMMIT;
PRAGMA foreign_keys = ON;
