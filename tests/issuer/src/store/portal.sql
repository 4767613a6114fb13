-- Version 3: the portal.

ALTER TABLE users ADD COLUMN role TEXT NOT NULL DEFAULT 'USER';  -- USER, HELPDESK, ADMIN
ALTER TABLE tokens ADD COLUMN label TEXT;   -- what its holder calls it

DROP TABLE portal_sessions;                 -- of a portal that never was
CREATE TABLE portal_sessions (
    hash BLOB PRIMARY KEY,                  -- SHA-256 of a random cookie
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    level TEXT NOT NULL,                    -- PASSWORD, ANSWERS, FULL
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    proven_at BIGINT NOT NULL,              -- of the last proof with a second step; 0 before
    expires_at BIGINT NOT NULL
);
CREATE INDEX portal_sessions_by_user ON portal_sessions (user_id);

CREATE TABLE questions (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,                 -- from 1
    question TEXT NOT NULL,                 -- "offered KEY", or "own" and the user's words
    answer TEXT NOT NULL,                   -- Argon2id
    PRIMARY KEY (user_id, number)
);

-- Links to choose another password, for users who have forgotten theirs.
CREATE TABLE password_links (
    hash BLOB PRIMARY KEY,                  -- SHA-256 of the link's random text
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at BIGINT NOT NULL
);
CREATE INDEX password_links_by_user ON password_links (user_id);

-- What was set in the portal wins over the settings file.
CREATE TABLE policy (
    name TEXT PRIMARY KEY,                  -- of the public interface
    value TEXT NOT NULL                     -- JSON
);

CREATE INDEX audit_by_user ON audit (user_id, number);
CREATE INDEX audit_by_event ON audit (event, number);
