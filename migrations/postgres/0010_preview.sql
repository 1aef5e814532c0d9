-- What a tariff would bring back, counted while somebody waits: millions of refusals are read from one narrow table.

-- The refusal of each lead that was refused, or the one that the lead was reopened from when calls have brought something else since,
-- beside what decides whether a tariff brings its person back. It says nothing that the lead, the refusal and the client do not say:
-- triggers copy what they say, in the transaction that changes it.
CREATE TABLE latest_refusal (
    lead_id BIGINT PRIMARY KEY,
    refusal_id BIGINT NOT NULL,
    campaign_id BIGINT NOT NULL,
    lane_id BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    -- Where the lead is now: 'refused' while the refusal stands; otherwise 'callback', 'asked_later', 'reopened', 'waiting',
    -- 'assigned', or what closed it.
    standing TEXT COLLATE "C" NOT NULL,
    due_at_ms BIGINT NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
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
) WITH (
    fillfactor = 90,
    -- The index alone is read where vacuum has been by.
    autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02
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

-- Read in place of the table: a reason's refusals from a price on, and everything else that a preview asks of them.
CREATE INDEX latest_refusal_answered ON latest_refusal (campaign_id, reason, price_ceiling_minor) INCLUDE (
    lead_id, refusal_id, lane_id, standing, due_at_ms, currency, offered_price_minor, competitor_price_minor, max_months, coverage,
    contract_end, call_after, refused_at_ms, country, region, postcode);

CREATE FUNCTION latest_refusal_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF COALESCE(OLD.refusal_id, OLD.reopening_id) IS NOT NULL THEN
        DELETE FROM latest_refusal WHERE lead_id = OLD.id;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO latest_refusal SELECT * FROM lead_latest_refusal WHERE lead_id = NEW.id;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION latest_refusal_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE latest_refusal SET lane_id = NEW.lane_id, due_at_ms = NEW.due_at_ms, standing = CASE
        WHEN NEW.state = 'closed' THEN NEW.closed_reason
        WHEN NEW.state = 'assigned' THEN 'assigned'
        WHEN NEW.block IN ('callback', 'asked_later') THEN NEW.block
        WHEN NEW.reopening_id IS NOT NULL THEN 'reopened'
        ELSE 'waiting'
    END WHERE lead_id = NEW.id;
    RETURN NULL;
END $$;
CREATE FUNCTION latest_refusal_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE latest_refusal SET country = NEW.country, region = NEW.region, postcode = NEW.postcode
    WHERE lead_id IN (SELECT id FROM lead WHERE client_id = NEW.id);
    RETURN NULL;
END $$;
CREATE FUNCTION latest_refusal_asks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE latest_refusal SET competitor_price_minor = NEW.competitor_price_minor, contract_end = NEW.contract_end,
        coverage = NEW.coverage, call_after = NEW.call_after
    WHERE refusal_id = NEW.id AND lead_id = NEW.lead_id;
    RETURN NULL;
END $$;

-- Nobody who never refused fires one of these.
CREATE TRIGGER latest_refusal_anew AFTER UPDATE ON lead FOR EACH ROW
WHEN (OLD.refusal_id IS DISTINCT FROM NEW.refusal_id
    OR (NEW.refusal_id IS NULL AND OLD.reopening_id IS DISTINCT FROM NEW.reopening_id)
    OR (COALESCE(NEW.refusal_id, NEW.reopening_id) IS NOT NULL AND OLD.client_id <> NEW.client_id))
EXECUTE FUNCTION latest_refusal_anew();
CREATE TRIGGER latest_refusal_gone AFTER DELETE ON lead FOR EACH ROW
WHEN (COALESCE(OLD.refusal_id, OLD.reopening_id) IS NOT NULL)
EXECUTE FUNCTION latest_refusal_anew();
CREATE TRIGGER latest_refusal_moved AFTER UPDATE ON lead FOR EACH ROW
WHEN (COALESCE(NEW.refusal_id, NEW.reopening_id) IS NOT NULL AND OLD.refusal_id IS NOT DISTINCT FROM NEW.refusal_id
    AND (NEW.refusal_id IS NOT NULL OR OLD.reopening_id IS NOT DISTINCT FROM NEW.reopening_id) AND OLD.client_id = NEW.client_id
    AND (OLD.state, OLD.block, OLD.closed_reason, OLD.lane_id, OLD.due_at_ms, OLD.reopening_id)
        IS DISTINCT FROM (NEW.state, NEW.block, NEW.closed_reason, NEW.lane_id, NEW.due_at_ms, NEW.reopening_id))
EXECUTE FUNCTION latest_refusal_moved();
CREATE TRIGGER latest_refusal_address AFTER UPDATE ON client FOR EACH ROW
WHEN ((OLD.country, OLD.region, OLD.postcode) IS DISTINCT FROM (NEW.country, NEW.region, NEW.postcode))
EXECUTE FUNCTION latest_refusal_address();
CREATE TRIGGER latest_refusal_asks AFTER UPDATE ON refusal FOR EACH ROW
WHEN ((OLD.competitor_price_minor, OLD.contract_end, OLD.coverage, OLD.call_after)
    IS DISTINCT FROM (NEW.competitor_price_minor, NEW.contract_end, NEW.coverage, NEW.call_after))
EXECUTE FUNCTION latest_refusal_asks();

-- Whom the seller's operators had lately: the only people whom a cap or a cool-down can hold.
CREATE INDEX assignment_lately ON assignment (seller, handed_at_ms, client_id);
-- The latest calls that reopenings led to.
CREATE INDEX attempt_reopened ON attempt (campaign_id, id) WHERE reopening_id IS NOT NULL;
