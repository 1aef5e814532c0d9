-- Client lists at full strength. A load writes its clients and leads in short transactions while nobody sees them; they
-- become visible when the list's state says so.

-- Loads that an older version left half-way were staged in another form.
DELETE FROM list_row WHERE list_id IN (SELECT id FROM list WHERE state = 'staging');
DELETE FROM list WHERE state = 'staging';

ALTER TABLE list ADD COLUMN purchased_on TEXT;
ALTER TABLE list ADD COLUMN contract TEXT;
-- Which process is loading; a process that was given up for dead finds another ticket here and stops.
ALTER TABLE list ADD COLUMN ticket TEXT;
-- How the file is being read: a load goes on after a crash only where it reads the file the same.
ALTER TABLE list ADD COLUMN reading TEXT NOT NULL DEFAULT '';
ALTER TABLE list ADD COLUMN policy TEXT NOT NULL DEFAULT 'keep' CHECK (policy IN ('fill_gaps', 'overwrite', 'keep'));
ALTER TABLE list ADD COLUMN read_to_line BIGINT NOT NULL DEFAULT 0;
ALTER TABLE list ADD COLUMN bytes_read BIGINT NOT NULL DEFAULT 0;
ALTER TABLE list ADD COLUMN bytes_total BIGINT NOT NULL DEFAULT 0;
-- When the load last wrote something.
ALTER TABLE list ADD COLUMN beat_at_ms BIGINT NOT NULL DEFAULT 0;
-- Rows that said of two clients that they are one.
ALTER TABLE list ADD COLUMN joins BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX list_one_load ON list (campaign_id) WHERE state = 'staging';

-- Only rows that made no lead are kept, and of those nothing but what it takes to mend them.
ALTER TABLE list_row DROP COLUMN phone;
ALTER TABLE list_row DROP COLUMN reference;
ALTER TABLE list_row DROP COLUMN first_name;
ALTER TABLE list_row DROP COLUMN last_name;
ALTER TABLE list_row DROP COLUMN street;
ALTER TABLE list_row DROP COLUMN city;
ALTER TABLE list_row DROP COLUMN postcode;
ALTER TABLE list_row DROP COLUMN region;
ALTER TABLE list_row DROP COLUMN country;
ALTER TABLE list_row DROP COLUMN time_zone;
ALTER TABLE list_row DROP COLUMN zone_source;
ALTER TABLE list_row DROP COLUMN facts;

-- client.phone is the number dialled first.
ALTER TABLE client ADD COLUMN extension TEXT;

-- Further numbers of a client. A number stands in client.phone or here, and only once in both together.
CREATE TABLE client_phone (
    phone TEXT PRIMARY KEY,
    client_id BIGINT NOT NULL REFERENCES client (id),
    position BIGINT NOT NULL,
    extension TEXT,
    list_id BIGINT NOT NULL REFERENCES list (id)
) WITHOUT ROWID;
CREATE INDEX client_phone_client ON client_phone (client_id, position);
CREATE INDEX client_phone_list ON client_phone (list_id);

-- Every number of every client.
CREATE VIEW every_phone AS
SELECT phone, id AS client_id, 0 AS position, extension FROM client
UNION ALL
SELECT phone, client_id, position, extension FROM client_phone;

ALTER TABLE lead ADD COLUMN consent TEXT CHECK (consent IN ('yes', 'no'));
ALTER TABLE lead ADD COLUMN consent_on TEXT;
ALTER TABLE lead ADD COLUMN consent_wording TEXT;
-- Columns of the list that feed no field, by header.
ALTER TABLE lead ADD COLUMN attributes TEXT NOT NULL DEFAULT '{}';

-- What a list changes about clients who were known: applied when the list becomes visible, taken back by an undo.
CREATE TABLE client_change (
    list_id BIGINT NOT NULL REFERENCES list (id),
    client_id BIGINT NOT NULL,
    field TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    extension TEXT
);
CREATE INDEX client_change_list ON client_change (list_id, field);

-- Rows that said of two clients that they are one. Merging them is a person's decision.
CREATE TABLE client_join (
    list_id BIGINT NOT NULL REFERENCES list (id),
    line BIGINT NOT NULL,
    client_id BIGINT NOT NULL,
    other_client_id BIGINT NOT NULL,
    merged_at_ms BIGINT,
    PRIMARY KEY (list_id, line)
);

-- Clients that were merged on request. The keys outlive the clients: whoever asks for the old one is told of the new one.
CREATE TABLE client_merge (
    id INTEGER PRIMARY KEY,
    kept_client_id BIGINT NOT NULL,
    merged_client_id BIGINT NOT NULL UNIQUE,
    merged_by BIGINT REFERENCES app_user (id),
    merged_at_ms BIGINT NOT NULL,
    -- What was moved, as JSON.
    details TEXT NOT NULL
);
CREATE INDEX client_merge_kept ON client_merge (kept_client_id);

-- Leads that became one with another of the same campaign when their clients were merged.
CREATE TABLE lead_merge (
    merged_lead_id BIGINT PRIMARY KEY,
    kept_lead_id BIGINT NOT NULL,
    list_id BIGINT NOT NULL REFERENCES list (id),
    list_line BIGINT NOT NULL,
    client_merge_id BIGINT NOT NULL REFERENCES client_merge (id)
);
CREATE INDEX lead_merge_kept ON lead_merge (kept_lead_id);
CREATE INDEX lead_merge_list ON lead_merge (list_id);

-- Whatever points to a client or a lead is found by index when that is merged or removed.
CREATE INDEX client_change_client ON client_change (client_id);
CREATE INDEX attempt_client ON attempt (client_id);
CREATE INDEX orders_client ON orders (client_id);
CREATE INDEX orders_lead ON orders (lead_id);
CREATE INDEX refusal_lead ON refusal (lead_id);
CREATE INDEX reopening_lead ON reopening (lead_id);
CREATE INDEX callback_lead ON callback (lead_id);

-- What somebody said of a vendor's columns, kept for the next file with the same header.
CREATE TABLE kept_mapping (
    vendor TEXT NOT NULL,
    header TEXT NOT NULL,
    mapping TEXT NOT NULL,
    kept_at_ms BIGINT NOT NULL,
    PRIMARY KEY (vendor, header)
);

-- Do-not-call registers, each known by its latest file. The same register may be kept for several sellers or campaigns apart.
CREATE TABLE register (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    -- NULL means every seller.
    seller TEXT,
    -- NULL means every campaign of the seller.
    campaign_id BIGINT REFERENCES campaign (id),
    -- The file that counts; NULL until the first one is whole.
    as_of TEXT,
    numbers BIGINT NOT NULL DEFAULT 0,
    generation BIGINT NOT NULL DEFAULT 0,
    loaded_at_ms BIGINT,
    -- The file that was begun last, and its numbers so far. A process that loads an earlier one finds another number and stops.
    begun_generation BIGINT NOT NULL DEFAULT 0,
    begun_numbers BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX register_once ON register (name, COALESCE(seller, ''), COALESCE(campaign_id, 0));
ALTER TABLE suppression ADD COLUMN register_id BIGINT REFERENCES register (id);
ALTER TABLE suppression ADD COLUMN register_generation BIGINT;
CREATE INDEX suppression_register ON suppression (register_id, register_generation) WHERE register_id IS NOT NULL;

-- Lists that a campaign pulls by itself.
CREATE TABLE pull (
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    pull TEXT NOT NULL,
    pulled_at_ms BIGINT,
    list_id BIGINT REFERENCES list (id),
    new_leads BIGINT NOT NULL DEFAULT 0,
    failure TEXT,
    PRIMARY KEY (campaign_id, pull)
);
