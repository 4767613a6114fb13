-- Version 4: verifications inside an activation (core/PROTOCOL.md section 8).

ALTER TABLE orders ADD COLUMN verifications BIGINT NOT NULL DEFAULT 0;  -- bits: 1 certificate, 2 face
ALTER TABLE orders ADD COLUMN extended_until BIGINT;    -- a claimed order that waits for a person lives until then
ALTER TABLE orders ADD COLUMN refused_kind BIGINT;      -- the bit of the verification that has voided it
ALTER TABLE orders ADD COLUMN refused_reason BIGINT;
-- 1: message 3 was answered, and there is none any more.
ALTER TABLE sessions ADD COLUMN finished BIGINT NOT NULL DEFAULT 0;
UPDATE sessions SET finished = 1 WHERE last_number > 0;
-- The handshake, which may come again as long as message 3 has not.
ALTER TABLE sessions ADD COLUMN opening BLOB;           -- SHA-256 of its body
ALTER TABLE sessions ADD COLUMN message BLOB;           -- message 2, as it was sent
UPDATE sessions SET opening = request, message = answer WHERE last_number = 0;

CREATE TABLE verifications (
    order_id TEXT NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    kind BIGINT NOT NULL,                   -- its bit
    state TEXT NOT NULL,                    -- OPEN, WAITING, PASSED, REFUSED
    reason BIGINT,                          -- of the last refusal
    refusals BIGINT NOT NULL DEFAULT 0,
    ticket_hash BLOB UNIQUE,                -- SHA-256 of the newest ticket
    ticket BLOB,                            -- sealed
    number TEXT,                            -- two digits that app and page show
    expires_at BIGINT,
    picture BLOB,                           -- sealed; until a person has decided
    picture_type TEXT,
    sent_at BIGINT,                         -- when the picture came
    decided_by TEXT,
    PRIMARY KEY (order_id, kind)
);
