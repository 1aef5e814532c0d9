-- Each of the indexes of open assignments has a condition of its own. While nobody has a lead they are all empty, and a plan that was
-- made then took any of them, to read every open assignment for each operator later.
DROP INDEX assignment_operator_open;
CREATE UNIQUE INDEX assignment_operator_open ON assignment (operator_id) WHERE ending IS NULL;
DROP INDEX assignment_lease;
CREATE INDEX assignment_lease ON assignment (lease_until_ms) WHERE ended_at_ms IS NULL AND ending IS NULL;

-- Whether somebody who is away has promised a call: asked for each operator who is not there, never by reading every open promise.
CREATE INDEX callback_promised ON callback (operator_id, id) WHERE state = 'open' AND operator_id IS NOT NULL;

-- Personal promises by when they may be kept, without those that are anybody's already.
CREATE INDEX callback_personal ON callback (campaign_id, callable_at_ms, id) WHERE state = 'open' AND operator_id IS NOT NULL;
