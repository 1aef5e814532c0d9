-- What a tariff would bring back, counted while somebody waits: millions of refusals are read from one narrow table.

-- The refusal of each lead that was refused, or the one that the lead was reopened from when calls have brought something else since,
-- beside what decides whether a tariff brings its person back. It says nothing that the lead, the refusal and the client do not say:
-- triggers copy what they say, in the transaction that changes it.
CREATE TABLE latest_refusal (
    lead_id INTEGER PRIMARY KEY,
    refusal_id BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    lane_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    -- Where the lead is now: 'refused' while the refusal stands; otherwise 'callback', 'asked_later', 'reopened', 'waiting',
    -- 'assigned', or what closed it.
    standing TEXT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    currency TEXT NOT NULL,
    price_ceiling_minor BIGINT,
    offered_price_minor BIGINT,
    competitor_price_minor BIGINT,
    max_months BIGINT,
    coverage TEXT,
    contract_end TEXT,
    call_after TEXT,
    refused_at_ms BIGINT NOT NULL,
    country TEXT NOT NULL,
    region TEXT,
    postcode TEXT
);

-- A lead that was refused, as the table has it.
CREATE VIEW lead_latest_refusal AS
SELECT
    lead.id AS lead_id, refusal.id AS refusal_id, lead.campaign_id, lead.lane_id, refusal.reason,
    CASE
        WHEN lead.state = 'closed' THEN lead.closed_reason
        WHEN lead.state = 'assigned' THEN 'assigned'
        WHEN lead.block IN ('callback', 'asked_later') THEN lead.block
        WHEN lead.reopening_id IS NOT NULL THEN 'reopened'
        ELSE 'waiting'
    END AS standing,
    lead.due_at_ms, refusal.currency, refusal.price_ceiling_minor, refusal.offered_price_minor, refusal.competitor_price_minor,
    refusal.max_months, refusal.coverage, refusal.contract_end, refusal.call_after, refusal.refused_at_ms, client.country,
    client.region, client.postcode
FROM lead
LEFT JOIN reopening ON reopening.id = lead.reopening_id
JOIN refusal ON refusal.id = COALESCE(lead.refusal_id, reopening.refusal_id)
JOIN client ON client.id = lead.client_id;

INSERT INTO latest_refusal SELECT * FROM lead_latest_refusal;

-- A reason's refusals from a price on.
CREATE INDEX latest_refusal_answered ON latest_refusal (campaign_id, reason, price_ceiling_minor);

-- Nobody who never refused fires one of these.
CREATE TRIGGER latest_refusal_anew AFTER UPDATE OF refusal_id, reopening_id, client_id ON lead
WHEN OLD.refusal_id IS NOT NEW.refusal_id
    OR (NEW.refusal_id IS NULL AND OLD.reopening_id IS NOT NEW.reopening_id)
    OR (COALESCE(NEW.refusal_id, NEW.reopening_id) IS NOT NULL AND OLD.client_id <> NEW.client_id)
BEGIN
    DELETE FROM latest_refusal WHERE lead_id = OLD.id;
    INSERT INTO latest_refusal SELECT * FROM lead_latest_refusal WHERE lead_id = NEW.id;
END;
CREATE TRIGGER latest_refusal_gone AFTER DELETE ON lead
WHEN COALESCE(OLD.refusal_id, OLD.reopening_id) IS NOT NULL
BEGIN
    DELETE FROM latest_refusal WHERE lead_id = OLD.id;
END;
CREATE TRIGGER latest_refusal_moved AFTER UPDATE OF state, block, closed_reason, lane_id, due_at_ms, reopening_id ON lead
WHEN COALESCE(NEW.refusal_id, NEW.reopening_id) IS NOT NULL AND OLD.refusal_id IS NEW.refusal_id
    AND (NEW.refusal_id IS NOT NULL OR OLD.reopening_id IS NEW.reopening_id) AND OLD.client_id = NEW.client_id
BEGIN
    UPDATE latest_refusal SET lane_id = NEW.lane_id, due_at_ms = NEW.due_at_ms, standing = CASE
        WHEN NEW.state = 'closed' THEN NEW.closed_reason
        WHEN NEW.state = 'assigned' THEN 'assigned'
        WHEN NEW.block IN ('callback', 'asked_later') THEN NEW.block
        WHEN NEW.reopening_id IS NOT NULL THEN 'reopened'
        ELSE 'waiting'
    END WHERE lead_id = NEW.id;
END;
CREATE TRIGGER latest_refusal_address AFTER UPDATE OF country, region, postcode ON client
WHEN (OLD.country, OLD.region, OLD.postcode) IS NOT (NEW.country, NEW.region, NEW.postcode)
BEGIN
    UPDATE latest_refusal SET country = NEW.country, region = NEW.region, postcode = NEW.postcode
    WHERE lead_id IN (SELECT id FROM lead WHERE client_id = NEW.id);
END;
CREATE TRIGGER latest_refusal_asks AFTER UPDATE OF competitor_price_minor, contract_end, coverage, call_after ON refusal
BEGIN
    UPDATE latest_refusal SET competitor_price_minor = NEW.competitor_price_minor, contract_end = NEW.contract_end,
        coverage = NEW.coverage, call_after = NEW.call_after
    WHERE refusal_id = NEW.id AND lead_id = NEW.lead_id;
END;

-- Whom the seller's operators had lately: the only people whom a cap or a cool-down can hold.
CREATE INDEX assignment_lately ON assignment (seller, handed_at_ms, client_id);
-- The latest calls that reopenings led to.
CREATE INDEX attempt_reopened ON attempt (campaign_id, id) WHERE reopening_id IS NOT NULL;
