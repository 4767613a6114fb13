-- Times are Unix seconds by the issuer's clock. Ids are 32 random hexadecimal digits.
-- Sealed columns open with a key outside of the database (src/secrets.rs), bound to table and row.

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    holder BLOB NOT NULL UNIQUE,            -- 16 random bytes, equal for all tokens of the user
    email TEXT,
    phone TEXT,
    password TEXT,                          -- hash of a portal password, where there is one
    created_at BIGINT NOT NULL
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
    serial TEXT NOT NULL UNIQUE,            -- soft tokens: ten digits
    class TEXT NOT NULL,                    -- SOFT, HARDWARE
    vendor TEXT,
    state TEXT NOT NULL,                    -- UNASSIGNED, NEW, ACTIVATING, ACTIVE, INACTIVE
    kind TEXT NOT NULL,                     -- TOTP, HOTP, OCRA
    suite TEXT,                             -- of an OCRA token
    algorithm TEXT NOT NULL,                -- SHA1, SHA256, SHA512
    digits BIGINT NOT NULL,
    period BIGINT NOT NULL,                 -- seconds; 0 for HOTP
    seed BLOB,                              -- sealed
    recovery BLOB,                          -- sealed: K_rec
    drift BIGINT NOT NULL DEFAULT 0,        -- steps that the device is ahead
    reset_drift BIGINT NOT NULL DEFAULT 0,  -- drift after the last resynchronisation
    last_step BIGINT,                       -- the latest step of which a code was accepted
    counter BIGINT NOT NULL DEFAULT 0,      -- the next HOTP counter
    failures BIGINT NOT NULL DEFAULT 0,     -- wrong codes in a row
    locked_at BIGINT,
    -- What a rekey or a reactivation replaces works until the first accepted new code, or until former_until,
    -- which is empty as long as nobody knows that the device shows codes of the new seed.
    former_seed BLOB,                       -- sealed
    former_recovery BLOB,                   -- sealed
    former_algorithm TEXT,
    former_digits BIGINT,
    former_period BIGINT,
    former_drift BIGINT,
    former_last_step BIGINT,
    former_until BIGINT,
    contact_id BLOB,                        -- names the token in later contacts (mode 4)
    device TEXT,
    created_at BIGINT NOT NULL,
    activated_at BIGINT
);
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_contact ON tokens (contact_id);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    token_id TEXT NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    state TEXT NOT NULL,                    -- OPEN, CLAIMED, AWAITED, DERIVED, DONE, SUPERSEDED, VOID
    confirm BIGINT NOT NULL,                -- 1: the registration code is demanded
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    claimed_at BIGINT,
    mode BIGINT,                            -- of the door that was claimed
    claim BLOB,                             -- SHA-256 of door and pair that have claimed
    claims BIGINT NOT NULL DEFAULT 0,
    wrong_passwords BIGINT NOT NULL DEFAULT 0,
    wrong_codes BIGINT NOT NULL DEFAULT 0,
    told BIGINT NOT NULL DEFAULT 0,         -- 1: the holder was told of a second device
    device TEXT,
    session BLOB,                           -- the session that message 3 has chosen
    registration_code BLOB                  -- sealed: what the holder has to type
);
CREATE INDEX orders_by_token ON orders (token_id, created_at);

CREATE TABLE doors (
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    mode BIGINT NOT NULL,                   -- 1 link, 2 QR code, 3 typed values
    activation_id BLOB NOT NULL,            -- that of typed values is the same for every order of a token
    header BLOB NOT NULL,
    psk BLOB NOT NULL,                      -- sealed
    password BLOB,                          -- sealed: of a QR code
    secret BLOB,                            -- sealed: for completion without network, S or the activation code
    seed BLOB,                              -- sealed: derived from a registration code, first code awaited
    recovery BLOB,                          -- sealed
    number BIGINT NOT NULL,                 -- grows with every order of a token
    PRIMARY KEY (order_id, mode)
);
CREATE INDEX doors_by_activation ON doors (activation_id, number);

CREATE TABLE sessions (
    id BLOB PRIMARY KEY,                    -- 16 bytes
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    commitment BLOB NOT NULL,
    transport BLOB NOT NULL,                -- sealed: keys to the issuer and to the device
    seed BLOB,                              -- sealed; empty once the token has it
    recovery BLOB,                          -- sealed
    sas BLOB,                               -- sealed
    last_number BIGINT NOT NULL DEFAULT 0,
    request BLOB NOT NULL,                  -- SHA-256 of the last request; number 0 is the handshake
    answer BLOB NOT NULL,                   -- its answer, as it was sent
    created_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_order ON sessions (order_id);

CREATE TABLE challenges (
    id TEXT PRIMARY KEY,
    token_id TEXT NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX challenges_by_token ON challenges (token_id);

-- Tries that are limited to so many an hour or a day.
CREATE TABLE tries (
    subject TEXT NOT NULL,                  -- whose: what they are for, and an id
    at BIGINT NOT NULL
);
CREATE INDEX tries_by_subject ON tries (subject, at);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    hash BLOB NOT NULL UNIQUE,              -- SHA-256 of a random key
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE portal_sessions (
    hash BLOB PRIMARY KEY,                  -- SHA-256 of a random cookie
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    actor TEXT,
    user_id TEXT,
    token_id TEXT,
    detail TEXT                             -- no secrets
);
CREATE INDEX audit_by_token ON audit (token_id, number);
