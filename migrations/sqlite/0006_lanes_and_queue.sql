-- no-transaction
-- The hand-out at full strength: whatever makes leads open and close together is a property of their lane, the queue's counts are
-- kept as leads move, lists are mixed by weight, and a client's numbers are tried in turn. SQLite makes a table anew
-- only without foreign keys; the leads keep pointing to their lanes by number.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;

-- Which jurisdictions a client lies in, by number and by address, as the present calling rules see it; NULL while nobody has
-- looked. Language is an ISO 639-1 code.
ALTER TABLE client ADD COLUMN place TEXT;
ALTER TABLE client ADD COLUMN language TEXT;
-- Since when client.phone is known to be somebody else's.
ALTER TABLE client ADD COLUMN phone_wrong_at_ms BIGINT;
ALTER TABLE client_phone ADD COLUMN wrong_at_ms BIGINT;
CREATE INDEX client_unplaced ON client (id) WHERE place IS NULL;

-- Consent to be called outside the permitted hours, apart from consent to be called at all.
ALTER TABLE lead ADD COLUMN hours_waiver TEXT CHECK (hours_waiver IN ('yes', 'no'));
-- Only this operator receives the lead.
ALTER TABLE lead ADD COLUMN reserved_for BIGINT REFERENCES app_user (id);
CREATE INDEX lead_reserved ON lead (reserved_for) WHERE reserved_for IS NOT NULL;

-- What the seller is to the people of a list besides consent, and how much of the queue the list has beside others; NULL while
-- nobody has said it. Where nobody has of any list of a campaign, its lists are not mixed.
ALTER TABLE list ADD COLUMN relationship TEXT NOT NULL DEFAULT 'none' CHECK (relationship IN ('none', 'contract', 'former_contract'));
ALTER TABLE list ADD COLUMN weight BIGINT CHECK (weight >= 0);

-- What an operator can do, as JSON lists of words.
ALTER TABLE app_user ADD COLUMN skills TEXT NOT NULL DEFAULT '[]';
ALTER TABLE app_user ADD COLUMN languages TEXT NOT NULL DEFAULT '[]';

-- What a call was about, which of the client's numbers was dialled (client_phone.position, 0 for client.phone), which class of the
-- queue it came from, and how far its list had come in the mix afterwards.
ALTER TABLE assignment ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE assignment ADD COLUMN phone_position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE assignment ADD COLUMN queue_class TEXT;
ALTER TABLE assignment ADD COLUMN mix_pass BIGINT;
CREATE INDEX assignment_mix ON assignment (list_id, id) WHERE mix_pass IS NOT NULL;
CREATE INDEX assignment_fresh ON assignment (operator_id, campaign_id, handed_at_ms) WHERE queue_class = 'fresh';

-- What an attempt counts as under the calling rules, whatever its class.
ALTER TABLE attempt ADD COLUMN counts_as TEXT NOT NULL DEFAULT 'neither'
    CHECK (counts_as IN ('refusal', 'objection', 'abandoned', 'neither'));
UPDATE attempt SET counts_as = CASE class WHEN 'refusal' THEN 'refusal' WHEN 'do_not_call' THEN 'objection' ELSE 'neither' END
WHERE class IN ('refusal', 'do_not_call');

-- Why a promise was moved to another time than the one that was promised.
ALTER TABLE callback ADD COLUMN moved_because TEXT;

-- Every set of calling rules that decided, so that a decision can be judged by the rules of its day.
CREATE TABLE rule_set (
    version TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    pack TEXT NOT NULL,
    holidays TEXT NOT NULL,
    first_used_at_ms BIGINT NOT NULL,
    used_at_ms BIGINT NOT NULL,
    -- Clients up to this one have been looked at anew since these rules came.
    placed_to_client_id BIGINT NOT NULL DEFAULT 0,
    placed_all_at_ms BIGINT
);

-- Every lead stands in a lane; that of people whose zone nobody knows is never open.
UPDATE lead SET lane_id = NULL;
DROP TABLE lane;
CREATE TABLE lane (
    id INTEGER PRIMARY KEY,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    list_id BIGINT NOT NULL REFERENCES list (id),
    time_zone TEXT NOT NULL,
    place TEXT NOT NULL,
    consent TEXT NOT NULL,
    hours_waiver TEXT NOT NULL,
    language TEXT NOT NULL,
    -- 0 for anybody.
    reserved_for BIGINT NOT NULL,
    UNIQUE (list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
);
CREATE INDEX lane_campaign ON lane (campaign_id);

-- What decides the lane of a lead.
CREATE VIEW lead_lane_key AS
SELECT
    lead.id AS lead_id, lead.client_id, lead.campaign_id, lead.list_id, COALESCE(client.time_zone, '') AS time_zone,
    COALESCE(client.place, '') AS place,
    CASE
        WHEN lead.consent = 'no' THEN 'refused'
        WHEN lead.consent IS NULL THEN 'unsaid'
        WHEN lead.consent_on IS NOT NULL AND lead.consent_wording IS NOT NULL THEN 'written'
        WHEN lead.consent_on IS NOT NULL AND list.consent_basis IS NOT NULL THEN 'proven'
        ELSE 'given'
    END AS consent,
    CASE WHEN lead.hours_waiver = 'yes' THEN 'yes' ELSE 'no' END AS hours_waiver,
    COALESCE(client.language, '') AS language,
    COALESCE(lead.reserved_for, 0) AS reserved_for
FROM lead
JOIN client ON client.id = lead.client_id
JOIN list ON list.id = lead.list_id;

INSERT INTO lane (campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for)
SELECT DISTINCT campaign_id, list_id, time_zone, place, consent, hours_waiver, language, reserved_for FROM lead_lane_key;
UPDATE lead SET lane_id = (
    SELECT lane.id FROM lead_lane_key AS wanted JOIN lane ON lane.list_id = wanted.list_id
        AND lane.time_zone = wanted.time_zone AND lane.place = wanted.place AND lane.consent = wanted.consent
        AND lane.hours_waiver = wanted.hours_waiver AND lane.language = wanted.language
        AND lane.reserved_for = wanted.reserved_for
    WHERE wanted.lead_id = lead.id);

-- When the first of those who wait in a lane may be called.
CREATE INDEX lead_wait ON lead (lane_id, block, due_at_ms) WHERE state = 'scheduled';

-- How many leads of a lane stand alike; empty texts where there is no block or reason. There is one writer, so that a change is
-- added up at once; lead_count_change is where PostgreSQL keeps what is not added up yet, and stays empty here.
CREATE TABLE lead_count (
    lane_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    block TEXT NOT NULL,
    closed_reason TEXT NOT NULL,
    leads BIGINT NOT NULL,
    PRIMARY KEY (lane_id, state, block, closed_reason)
) WITHOUT ROWID;
CREATE TABLE lead_count_change (
    id INTEGER PRIMARY KEY,
    lane_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    block TEXT NOT NULL,
    closed_reason TEXT NOT NULL,
    leads BIGINT NOT NULL
);
INSERT INTO lead_count (lane_id, state, block, closed_reason, leads)
SELECT lane_id, state, COALESCE(block, ''), COALESCE(closed_reason, ''), COUNT(*) FROM lead
GROUP BY lane_id, state, COALESCE(block, ''), COALESCE(closed_reason, '');

CREATE TRIGGER lead_counted_in AFTER INSERT ON lead BEGIN
    INSERT INTO lead_count (lane_id, state, block, closed_reason, leads)
    VALUES (NEW.lane_id, NEW.state, COALESCE(NEW.block, ''), COALESCE(NEW.closed_reason, ''), 1)
    ON CONFLICT DO UPDATE SET leads = leads + 1;
END;
CREATE TRIGGER lead_counted_out AFTER DELETE ON lead BEGIN
    UPDATE lead_count SET leads = leads - 1 WHERE lane_id = OLD.lane_id AND state = OLD.state
        AND block = COALESCE(OLD.block, '') AND closed_reason = COALESCE(OLD.closed_reason, '');
END;
CREATE TRIGGER lead_counted_over AFTER UPDATE OF lane_id, state, block, closed_reason ON lead BEGIN
    UPDATE lead_count SET leads = leads - 1 WHERE lane_id = OLD.lane_id AND state = OLD.state
        AND block = COALESCE(OLD.block, '') AND closed_reason = COALESCE(OLD.closed_reason, '');
    INSERT INTO lead_count (lane_id, state, block, closed_reason, leads)
    VALUES (NEW.lane_id, NEW.state, COALESCE(NEW.block, ''), COALESCE(NEW.closed_reason, ''), 1)
    ON CONFLICT DO UPDATE SET leads = leads + 1;
END;
COMMIT;
PRAGMA foreign_keys = ON;
