-- Orders with drafts, numbers, states and corrections, and the messages that tell others of them.

-- What an operator has typed into the form so far. It goes with the next outcome of the lead.
CREATE TABLE order_draft (
    assignment_id BIGINT PRIMARY KEY REFERENCES assignment (id),
    -- Counts the saves: who saves says which one they saw.
    version BIGINT NOT NULL,
    form TEXT NOT NULL,
    saved_at_ms BIGINT NOT NULL
);
