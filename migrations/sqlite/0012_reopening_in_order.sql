-- Reopenings in order: a score, a budget that releases them, the operator who had the refusal, and those who are held out so that
-- what a tariff brings can be measured.

-- How good the match is, and what for; the better goes first. When the lead became callable as far as budgets go: NULL while it waits.
ALTER TABLE reopening ADD COLUMN score BIGINT NOT NULL DEFAULT 0;
ALTER TABLE reopening ADD COLUMN score_because TEXT NOT NULL DEFAULT '';
ALTER TABLE reopening ADD COLUMN released_at_ms BIGINT;
-- Held out of its tariff: how, until when, and when that was over.
ALTER TABLE reopening ADD COLUMN hold_out TEXT CHECK (hold_out IN ('uncalled', 'without_offer'));
ALTER TABLE reopening ADD COLUMN hold_out_until_ms BIGINT;
ALTER TABLE reopening ADD COLUMN hold_out_ended_at_ms BIGINT;
UPDATE reopening SET released_at_ms = reopened_at_ms;
CREATE INDEX reopening_released ON reopening (campaign_id, released_at_ms) WHERE released_at_ms IS NOT NULL;
CREATE INDEX reopening_held_out ON reopening (hold_out_until_ms, id) WHERE hold_out = 'uncalled' AND hold_out_ended_at_ms IS NULL;

-- Until when a lead is kept for the operator in reserved_for; NULL where it is kept for good.
ALTER TABLE lead ADD COLUMN reserved_until_ms BIGINT;
CREATE INDEX lead_reserved_until ON lead (reserved_until_ms) WHERE reserved_until_ms IS NOT NULL;

-- What waits for a budget, in the order of its release, and not among those whom time alone makes ready.
CREATE INDEX lead_budget ON lead (campaign_id, priority, due_at_ms, id) WHERE state = 'scheduled' AND block = 'budget';
DROP INDEX lead_due;
CREATE INDEX lead_due ON lead (due_at_ms, id) WHERE state = 'scheduled' AND block <> 'callback' AND block <> 'budget';

-- The credit of reopened leads after a hand-out that their share of the queue decided.
ALTER TABLE assignment ADD COLUMN share_credit BIGINT;
CREATE INDEX assignment_share ON assignment (campaign_id, id) WHERE share_credit IS NOT NULL;
