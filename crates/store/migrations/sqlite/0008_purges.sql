-- Purges: many tokens deleted by one filter. What they have come to is written
-- with what they delete.

CREATE TABLE purges (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    filter        TEXT    NOT NULL, -- JSON
    dry_run       INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    reason        TEXT,
    filed_at      INTEGER NOT NULL,
    filed_by      INTEGER,          -- none for the console; who may be gone
    token_id      INTEGER,          -- with which it was filed
    on_behalf_id  INTEGER,
    request_id    TEXT    NOT NULL,
    last_id       INTEGER NOT NULL, -- the highest id a token had
    owner_ids     TEXT,             -- JSON; only where the filter asks for owners' states
    cursor_kind   TEXT,             -- none if it goes by ids
    cursor_at     INTEGER,
    cursor_id     INTEGER NOT NULL,
    steps         INTEGER NOT NULL DEFAULT 0,
    examined      INTEGER NOT NULL DEFAULT 0,
    deleted       INTEGER NOT NULL DEFAULT 0,
    ended_at      INTEGER,
    outcome       TEXT CHECK (outcome IN ('done', 'cancelled', 'failed'))
) STRICT;

CREATE INDEX purges_open ON purges (id) WHERE ended_at IS NULL;

-- When tokens died: revoked, or else expired.
CREATE INDEX tokens_died ON tokens (kind, COALESCE(revoked_at, expires_at), id)
    WHERE COALESCE(revoked_at, expires_at) IS NOT NULL;

-- How long things are kept.
CREATE TABLE retention (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    json TEXT NOT NULL
) STRICT;
