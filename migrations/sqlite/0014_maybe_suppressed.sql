-- People one of whose numbers was ever among the suppressions: a preview looks at these one by one, however many numbers a register
-- holds. Whoever was known before this table may be one of them, since suppressions hold no number that could be joined with theirs.
CREATE TABLE maybe_suppressed (
    client_id INTEGER PRIMARY KEY REFERENCES client (id) ON DELETE CASCADE
);
INSERT INTO maybe_suppressed (client_id) SELECT id FROM client WHERE EXISTS (SELECT 1 FROM suppression);
