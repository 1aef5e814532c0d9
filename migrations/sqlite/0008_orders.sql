-- Orders with drafts, numbers, states and corrections, and the messages that tell others of them.

-- What an operator has typed into the form so far. It goes with the next outcome of the lead.
CREATE TABLE order_draft (
    assignment_id BIGINT PRIMARY KEY REFERENCES assignment (id),
    -- Counts the saves: who saves says which one they saw.
    version BIGINT NOT NULL,
    form TEXT NOT NULL,
    saved_at_ms BIGINT NOT NULL
);

-- The counters of order and account numbers. A period is a year, or 0 where numbers are counted on for ever.
CREATE TABLE order_number (
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    what TEXT NOT NULL CHECK (what IN ('order', 'account')),
    period BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, what, period)
);

ALTER TABLE orders ADD COLUMN number TEXT;
ALTER TABLE orders ADD COLUMN tariff_version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE orders ADD COLUMN account TEXT;
-- Counts what happened to the order, from 1; also the sequence of its messages.
ALTER TABLE orders ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE orders ADD COLUMN definition_version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE orders ADD COLUMN appointment TEXT;
ALTER TABLE orders ADD COLUMN told TEXT NOT NULL DEFAULT '[]';
ALTER TABLE orders ADD COLUMN placed_by BIGINT REFERENCES app_user (id);
ALTER TABLE orders ADD COLUMN corrected_at_ms BIGINT;
ALTER TABLE orders ADD COLUMN corrected_by BIGINT REFERENCES app_user (id);
ALTER TABLE orders ADD COLUMN verified_at_ms BIGINT;
ALTER TABLE orders ADD COLUMN verified_by BIGINT REFERENCES app_user (id);
ALTER TABLE orders ADD COLUMN fulfilled_at_ms BIGINT;
ALTER TABLE orders ADD COLUMN fulfilled_by BIGINT REFERENCES app_user (id);
ALTER TABLE orders ADD COLUMN cancelled_at_ms BIGINT;
ALTER TABLE orders ADD COLUMN cancelled_by BIGINT REFERENCES app_user (id);
ALTER TABLE orders ADD COLUMN cancel_reason TEXT;
ALTER TABLE orders ADD COLUMN cancel_note TEXT;
ALTER TABLE orders ADD COLUMN reopens_at_ms BIGINT;
-- The instant from which the client may withdraw no more; NULL where they never may.
ALTER TABLE orders ADD COLUMN withdraw_until_ms BIGINT;
ALTER TABLE orders ADD COLUMN begins_at_once BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN state TEXT NOT NULL DEFAULT 'placed' CHECK (
    (state = 'placed' AND verified_at_ms IS NULL AND fulfilled_at_ms IS NULL AND cancelled_at_ms IS NULL)
    OR (state = 'verified' AND verified_at_ms IS NOT NULL AND fulfilled_at_ms IS NULL AND cancelled_at_ms IS NULL)
    OR (state = 'fulfilled' AND verified_at_ms IS NOT NULL AND fulfilled_at_ms IS NOT NULL AND cancelled_at_ms IS NULL)
    OR (state = 'cancelled' AND cancelled_at_ms IS NOT NULL AND cancel_reason IS NOT NULL)
);

-- Orders from before they had numbers: in the order in which they were placed.
UPDATE orders SET
    number = (SELECT printf('%06d', numbered.n) FROM (
        SELECT id, ROW_NUMBER() OVER (PARTITION BY campaign_id ORDER BY id) AS n FROM orders AS every_order) AS numbered
        WHERE numbered.id = orders.id),
    placed_by = (SELECT operator_id FROM attempt WHERE attempt.id = orders.attempt_id),
    definition_version = (SELECT assignment.campaign_version FROM attempt
        JOIN assignment ON assignment.id = attempt.assignment_id WHERE attempt.id = orders.attempt_id);
INSERT INTO order_number (campaign_id, what, period, last)
SELECT campaign_id, 'order', 0, COUNT(*) FROM orders GROUP BY campaign_id;
CREATE UNIQUE INDEX orders_number ON orders (campaign_id, number);
CREATE UNIQUE INDEX orders_account ON orders (campaign_id, account) WHERE account IS NOT NULL;
CREATE INDEX orders_number_alone ON orders (number);

-- What happened to orders; a correction has a row for each thing that it changed.
CREATE TABLE order_change (
    id INTEGER PRIMARY KEY,
    order_id BIGINT NOT NULL REFERENCES orders (id),
    -- The order's version that it made.
    version BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    -- NULL for the local administrator.
    by_id BIGINT REFERENCES app_user (id),
    event TEXT NOT NULL CHECK (event IN ('placed', 'corrected', 'verified', 'fulfilled', 'cancelled')),
    what TEXT,
    value_before TEXT,
    value_after TEXT,
    why TEXT
);
CREATE INDEX order_change_order ON order_change (order_id, id);
INSERT INTO order_change (order_id, version, at_ms, by_id, event)
SELECT id, 1, placed_at_ms, placed_by, 'placed' FROM orders ORDER BY id;

-- What other systems are told of orders: written beside the change that is the news, kept until it was taken and for a while after.
CREATE TABLE webhook_message (
    id INTEGER PRIMARY KEY,
    -- What the system knows it by, however often it is sent.
    message TEXT NOT NULL UNIQUE,
    sink TEXT NOT NULL,
    order_id BIGINT NOT NULL REFERENCES orders (id),
    sequence BIGINT NOT NULL,
    event TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'dead')),
    created_at_ms BIGINT NOT NULL,
    due_at_ms BIGINT NOT NULL,
    give_up_at_ms BIGINT NOT NULL,
    give_up_after_s BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    lease TEXT,
    lease_until_ms BIGINT,
    taken_at_ms BIGINT,
    last_error TEXT,
    CHECK ((state = 'taken') = (taken_at_ms IS NOT NULL)),
    CHECK ((lease IS NULL) = (lease_until_ms IS NULL))
);
CREATE INDEX webhook_message_due ON webhook_message (sink, due_at_ms, id) WHERE state = 'waiting';
CREATE INDEX webhook_message_taken ON webhook_message (taken_at_ms) WHERE state = 'taken';
CREATE INDEX webhook_message_order ON webhook_message (order_id);

-- Systems that did not answer.
CREATE TABLE webhook_sink (
    sink TEXT PRIMARY KEY,
    -- In a row.
    failures BIGINT NOT NULL,
    rests_until_ms BIGINT
);
