-- Facts of the time that a later verification needs and that nothing kept: where a campaign stood when a lead was handed out, what came
-- first of a suppression and a hand-out of its person, and which file of a register counted when.

-- Every state and version that a campaign had. Instants are read before a transaction begins and clocks differ, so that order is told by
-- keys: a hand-out of the campaign with a higher key than this one came after the change, every other one before it.
CREATE TABLE campaign_change (
    id INTEGER PRIMARY KEY,
    campaign_id BIGINT NOT NULL REFERENCES campaign (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'running', 'paused', 'finished')),
    version BIGINT NOT NULL,
    after_assignment_id BIGINT NOT NULL
);
CREATE INDEX campaign_change_campaign ON campaign_change (campaign_id, id);
INSERT INTO campaign_change (campaign_id, state, version, after_assignment_id)
SELECT id, state, version, (SELECT COALESCE(MAX(id), 0) FROM assignment) FROM campaign ORDER BY id;

-- The last hand-out of the number's person before the suppression; NULL where nobody had the number, or nothing kept it.
ALTER TABLE suppression ADD COLUMN after_assignment_id BIGINT;

-- The files of a register that counted, each until the next.
CREATE TABLE register_file (
    register_id BIGINT NOT NULL REFERENCES register (id),
    generation BIGINT NOT NULL,
    as_of TEXT NOT NULL,
    counts_from_ms BIGINT NOT NULL,
    PRIMARY KEY (register_id, generation)
);
INSERT INTO register_file (register_id, generation, as_of, counts_from_ms)
SELECT id, generation, as_of, loaded_at_ms FROM register WHERE as_of IS NOT NULL AND loaded_at_ms IS NOT NULL;
