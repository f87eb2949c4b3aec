-- What stays of tokens whose rows are gone. Owners and those who deleted may
-- be gone too.

CREATE TABLE tombstones (
    token_id   INTEGER PRIMARY KEY,
    kind       TEXT    NOT NULL,
    digest     BLOB    NOT NULL CHECK (length(digest) = 32),
    hint       TEXT    NOT NULL,
    owner_id   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER,
    deleted_at INTEGER NOT NULL,
    deleted_by INTEGER,              -- none for the server itself
    reason     TEXT
) STRICT;

CREATE UNIQUE INDEX tombstones_digest ON tombstones (digest);
CREATE INDEX tombstones_hint ON tombstones (substr(hint, length(hint) - 3), token_id);
CREATE INDEX tombstones_deleted ON tombstones (deleted_at, token_id);

-- Tokens and tombstones are found by the last characters of their hints.
CREATE INDEX tokens_hint ON tokens (substr(hint, length(hint) - 3), id);

ALTER TABLE audit_events ADD COLUMN reason TEXT;
