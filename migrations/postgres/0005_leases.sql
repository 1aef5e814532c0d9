-- Leases at full strength: leads that are handed back or taken, late outcomes that are reviewed, operators who are away.
ALTER TABLE assignment DROP CONSTRAINT assignment_ending_check;
ALTER TABLE assignment
    ADD CONSTRAINT assignment_ending_check CHECK (ending IN ('outcome', 'expired', 'revoked', 'returned'));
-- Why it was handed back or taken, in the words of whoever did, and who took it; NULL for the local administrator.
ALTER TABLE assignment ADD COLUMN ended_because TEXT;
ALTER TABLE assignment ADD COLUMN ended_by BIGINT REFERENCES app_user (id);
-- The assignment that a supervisor took to make this one.
ALTER TABLE assignment ADD COLUMN taken_from_id BIGINT;
ALTER TABLE assignment
    ADD CONSTRAINT assignment_returned_check CHECK (ending IS NULL OR ending <> 'returned' OR ended_because IS NOT NULL);
-- What an operator handed back a short while ago is not given to them.
CREATE INDEX assignment_returned ON assignment (operator_id, ended_at_ms) WHERE ending = 'returned';

ALTER TABLE late_outcome ADD COLUMN reviewed_at_ms BIGINT;
ALTER TABLE late_outcome ADD COLUMN reviewed_by BIGINT REFERENCES app_user (id);
ALTER TABLE late_outcome ADD COLUMN review_note TEXT;
ALTER TABLE late_outcome
    ADD CONSTRAINT late_outcome_review_check CHECK ((reviewed_at_ms IS NULL) = (review_note IS NULL));
CREATE INDEX late_outcome_open ON late_outcome (id) WHERE reviewed_at_ms IS NULL;

-- From when until when an operator keeps no promises.
ALTER TABLE app_user ADD COLUMN away_from_ms BIGINT;
ALTER TABLE app_user ADD COLUMN away_until_ms BIGINT;
ALTER TABLE app_user ADD CONSTRAINT app_user_away_check CHECK (
    (away_from_ms IS NULL AND away_until_ms IS NULL) OR (away_until_ms IS NOT NULL AND away_from_ms < away_until_ms));
