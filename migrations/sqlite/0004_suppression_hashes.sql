-- A suppression keeps a keyed hash of its number and not the number. The key lies outside the database, so that the program
-- itself hashes the numbers which stand here in clear, after this migration.

DROP INDEX suppression_phone;
-- The new name stops older programs: they fail instead of finding nobody suppressed.
ALTER TABLE suppression ADD COLUMN clear_phone TEXT;
UPDATE suppression SET clear_phone = phone;
ALTER TABLE suppression DROP COLUMN phone;
ALTER TABLE suppression ADD COLUMN phone_hash TEXT;
-- The version of the key that the hash is nested up to.
ALTER TABLE suppression ADD COLUMN key_version BIGINT;
CREATE INDEX suppression_phone_hash ON suppression (phone_hash);
CREATE INDEX suppression_clear ON suppression (id) WHERE clear_phone IS NOT NULL;

-- The keys in use, each told by a value that proves it and tells nothing of it.
CREATE TABLE suppression_key (
    version BIGINT PRIMARY KEY,
    check_value TEXT NOT NULL
);

-- Clients who were erased on request or by retention. Their key outlives them; nothing personal stands here.
ALTER TABLE client ADD COLUMN erased_at_ms BIGINT;
CREATE TABLE erasure (
    client_id BIGINT PRIMARY KEY,
    erased_at_ms BIGINT NOT NULL,
    erased_by BIGINT REFERENCES app_user (id),
    reason TEXT NOT NULL
);
