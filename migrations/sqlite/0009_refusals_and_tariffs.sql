-- Refusals as standing orders: what people said would change their mind, in columns and rows that a set of refusals is searched by.
-- Tariffs in versions, with what they cost when. Reopenings that can be taken back.

-- The longest commitment in months; the postcode at which it is wanted, where that is not the address; what a competitor takes; the
-- day from which to call again; the version of the tariff that was offered.
ALTER TABLE refusal ADD COLUMN max_months BIGINT;
ALTER TABLE refusal ADD COLUMN coverage TEXT;
ALTER TABLE refusal ADD COLUMN competitor_price_minor BIGINT;
ALTER TABLE refusal ADD COLUMN call_after TEXT;
ALTER TABLE refusal ADD COLUMN offered_version BIGINT;
CREATE INDEX refusal_reason ON refusal (campaign_id, reason, id);

-- The features that a refusal wants, in the unit of its day. What is simply there has no unit and the amount 1, or 0 where it is
-- not wanted; an amount whose unit nobody knows has the unit '?'.
CREATE TABLE refusal_want (
    refusal_id BIGINT NOT NULL REFERENCES refusal (id),
    feature TEXT NOT NULL,
    unit TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (refusal_id, feature)
) WITHOUT ROWID;
INSERT INTO refusal_want (refusal_id, feature, unit, amount)
SELECT refusal.id, wanted.key,
    CASE WHEN wanted.type = 'integer' THEN COALESCE((
        SELECT feature.value ->> '$.kind.at_least'
        FROM campaign_version, json_each(campaign_version.definition, '$.features') AS feature
        WHERE campaign_version.campaign_id = refusal.campaign_id AND campaign_version.version = assignment.campaign_version
            AND feature.value ->> '$.code' = wanted.key), '?') ELSE '' END,
    CASE wanted.type WHEN 'true' THEN 1 WHEN 'false' THEN 0 ELSE wanted.value END
FROM refusal
JOIN attempt ON attempt.id = refusal.attempt_id
JOIN assignment ON assignment.id = attempt.assignment_id
JOIN json_each(refusal.wanted_features) AS wanted;

-- A tariff is the version that is offered, or was last; a draft is its latest version. A publication that was accepted for an instant
-- to come waits in next_version and next_at_ms.
ALTER TABLE tariff ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE tariff ADD COLUMN next_version BIGINT;
ALTER TABLE tariff ADD COLUMN next_at_ms BIGINT;
ALTER TABLE tariff ADD COLUMN replaced_by BIGINT REFERENCES tariff (id);
-- When the present pass over the refusals began: conditions that time brings about are looked at once a day.
ALTER TABLE tariff ADD COLUMN pass_at_ms BIGINT;
-- Reopenings up to this one were looked at for being taken back; all of them when it says so.
ALTER TABLE tariff ADD COLUMN taken_back_to_reopening_id BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tariff ADD COLUMN taken_back_all_at_ms BIGINT;
UPDATE tariff SET pass_at_ms = published_at_ms, taken_back_all_at_ms = COALESCE(retired_at_ms, published_at_ms);
CREATE INDEX tariff_next ON tariff (next_at_ms) WHERE next_at_ms IS NOT NULL;

CREATE TABLE tariff_version (
    tariff_id BIGINT NOT NULL REFERENCES tariff (id),
    version BIGINT NOT NULL,
    definition TEXT NOT NULL,
    saved_at_ms BIGINT NOT NULL,
    PRIMARY KEY (tariff_id, version)
);
INSERT INTO tariff_version (tariff_id, version, definition, saved_at_ms) SELECT id, 1, definition, created_at_ms FROM tariff;

-- What each version cost while it was offered.
CREATE TABLE tariff_price (
    tariff_id BIGINT NOT NULL REFERENCES tariff (id),
    version BIGINT NOT NULL,
    price_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    per TEXT NOT NULL,
    offered_from_ms BIGINT NOT NULL,
    -- NULL while it is offered.
    offered_until_ms BIGINT,
    PRIMARY KEY (tariff_id, version)
);
INSERT INTO tariff_price (tariff_id, version, price_minor, currency, per, offered_from_ms, offered_until_ms)
SELECT id, 1, definition ->> '$.price.minor', definition ->> '$.price.currency', definition ->> '$.per', published_at_ms, retired_at_ms
FROM tariff WHERE published_at_ms IS NOT NULL;
UPDATE refusal SET offered_version = 1 WHERE offered_name IS NOT NULL;

-- A reopening that was taken back before anybody called makes room for another of the same tariff.
CREATE TABLE reopening_by_version (
    id INTEGER PRIMARY KEY,
    tariff_id BIGINT NOT NULL REFERENCES tariff (id),
    tariff_version BIGINT NOT NULL DEFAULT 1,
    refusal_id BIGINT NOT NULL REFERENCES refusal (id),
    lead_id BIGINT NOT NULL REFERENCES lead (id),
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    because TEXT NOT NULL,
    reopened_at_ms BIGINT NOT NULL,
    taken_back_at_ms BIGINT
);
INSERT INTO reopening_by_version (id, tariff_id, refusal_id, lead_id, campaign_id, because, reopened_at_ms)
SELECT id, tariff_id, refusal_id, lead_id, campaign_id, because, reopened_at_ms FROM reopening;
DROP TABLE reopening;
ALTER TABLE reopening_by_version RENAME TO reopening;
CREATE INDEX reopening_campaign ON reopening (campaign_id, tariff_id);
CREATE INDEX reopening_lead ON reopening (lead_id);
CREATE UNIQUE INDEX reopening_once ON reopening (tariff_id, refusal_id) WHERE taken_back_at_ms IS NULL;
CREATE INDEX reopening_tariff ON reopening (tariff_id, id);
CREATE INDEX assignment_reopening ON assignment (reopening_id) WHERE reopening_id IS NOT NULL;
