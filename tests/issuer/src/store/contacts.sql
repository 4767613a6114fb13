-- Version 2: later contacts of devices that have a token (core/PROTOCOL.md section 9).

-- Each seed has a number that no other seed of its token ever has; sessions of contacts name it.
ALTER TABLE tokens ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tokens ADD COLUMN former_generation BIGINT;
ALTER TABLE tokens ADD COLUMN last_generation BIGINT NOT NULL DEFAULT 0;
-- Sealed: pre-shared keys of contacts, bound to contact_id.
ALTER TABLE tokens ADD COLUMN psk BLOB;
ALTER TABLE tokens ADD COLUMN former_psk BLOB;
-- The issuer wishes that seeds up to this number are replaced.
ALTER TABLE tokens ADD COLUMN rekey_up_to BIGINT;
UPDATE tokens SET generation = 1, former_generation = 0, last_generation = 1 WHERE former_seed IS NOT NULL;

-- What outlives a seed, and its token: the pre-shared key under which the device is told so.
CREATE TABLE dead_seeds (
    number INTEGER PRIMARY KEY,
    contact_id BLOB NOT NULL,
    psk BLOB NOT NULL,                      -- sealed
    outcome BIGINT NOT NULL                 -- 4 superseded, 8 deleted
);
CREATE INDEX dead_seeds_by_contact ON dead_seeds (contact_id, number);

CREATE TABLE contacts (
    id BLOB PRIMARY KEY,                    -- 16 bytes
    contact_id BLOB NOT NULL,
    token_id TEXT NOT NULL,                 -- may be gone: then the answer is that it is deleted
    generation BIGINT NOT NULL,             -- of the seed that this session belongs to
    renewed BIGINT NOT NULL DEFAULT 0,      -- 1: its rekey was done
    transport BLOB NOT NULL,                -- sealed: keys to the issuer and to the device
    seed BLOB,                              -- sealed; empty once the token has it
    recovery BLOB,                          -- sealed
    device TEXT NOT NULL,
    opening BLOB NOT NULL,                  -- SHA-256 of the handshake's body
    message BLOB NOT NULL,                  -- message 2, as it was sent
    last_number BIGINT NOT NULL DEFAULT 0,
    request BLOB,                           -- SHA-256 of the last request
    answer BLOB,                            -- its answer, as it was sent
    created_at BIGINT NOT NULL
);
CREATE INDEX contacts_by_contact ON contacts (contact_id, created_at);
CREATE INDEX contacts_by_time ON contacts (created_at);
