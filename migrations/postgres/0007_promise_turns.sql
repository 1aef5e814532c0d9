-- The promises of one owner in one campaign, in the order of their turns: whoever asks finds the first ones however many are due.
-- 0 stands for the promises that anybody may keep.
CREATE INDEX callback_turn ON callback (campaign_id, (COALESCE(operator_id, 0)), due_at_ms, id) WHERE state = 'open';
