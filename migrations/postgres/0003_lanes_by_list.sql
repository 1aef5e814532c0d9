-- A lane holds the leads of one list, so that the leads of a list become visible together.
ALTER TABLE lane DROP CONSTRAINT lane_campaign_id_time_zone_key;
-- NULL in lanes that are older than this rule.
ALTER TABLE lane ADD COLUMN list_id BIGINT REFERENCES list (id);
CREATE UNIQUE INDEX lane_once ON lane (campaign_id, time_zone, (COALESCE(list_id, 0)));
