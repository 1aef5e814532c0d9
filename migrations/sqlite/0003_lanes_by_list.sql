-- no-transaction
-- A lane holds the leads of one list, so that the leads of a list become visible together. SQLite changes a UNIQUE only in a
-- new table; foreign keys are off meanwhile, as the leads keep pointing to their lanes by number.
PRAGMA foreign_keys = OFF;
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS lane_by_list;
CREATE TABLE lane_by_list (
    id INTEGER PRIMARY KEY,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    time_zone TEXT NOT NULL,
    -- NULL in lanes that are older than this rule.
    list_id BIGINT REFERENCES list (id)
);
INSERT INTO lane_by_list (id, campaign_id, time_zone) SELECT id, campaign_id, time_zone FROM lane;
DROP TABLE lane;
ALTER TABLE lane_by_list RENAME TO lane;
CREATE UNIQUE INDEX lane_once ON lane (campaign_id, time_zone, COALESCE(list_id, 0));
COMMIT;
PRAGMA foreign_keys = ON;
