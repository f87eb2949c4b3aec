-- Purges: many tokens deleted by one filter. What they have come to is written
-- with what they delete.

CREATE TABLE purges (
    id            BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    filter        TEXT    NOT NULL, -- JSON
    dry_run       BOOLEAN NOT NULL,
    reason        TEXT,
    filed_at      BIGINT  NOT NULL,
    filed_by      BIGINT,           -- none for the console; who may be gone
    token_id      BIGINT,           -- with which it was filed
    on_behalf_id  BIGINT,
    request_id    TEXT    NOT NULL,
    last_id       BIGINT  NOT NULL, -- the highest id a token had
    owner_ids     TEXT,             -- JSON; only where the filter asks for owners' states
    cursor_kind   TEXT,             -- none if it goes by ids
    cursor_at     BIGINT,
    cursor_id     BIGINT  NOT NULL,
    steps         BIGINT  NOT NULL DEFAULT 0,
    examined      BIGINT  NOT NULL DEFAULT 0,
    deleted       BIGINT  NOT NULL DEFAULT 0,
    ended_at      BIGINT,
    outcome       TEXT CHECK (outcome IN ('done', 'cancelled', 'failed'))
);

CREATE INDEX purges_open ON purges (id) WHERE ended_at IS NULL;

-- When tokens died: revoked, or else expired.
CREATE INDEX tokens_died ON tokens (kind, COALESCE(revoked_at, expires_at), id)
    WHERE COALESCE(revoked_at, expires_at) IS NOT NULL;

-- How long things are kept.
CREATE TABLE retention (
    id   BIGINT PRIMARY KEY CHECK (id = 1),
    json TEXT NOT NULL
);
