-- Applications, agents, runners, clients and jobs: what holds a token of its own.
-- What differs between them is in the details, which are never searched.

CREATE TABLE holders (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL,
    place_type TEXT,
    place_id   INTEGER,
    creator_id INTEGER NOT NULL REFERENCES users (id),
    owner_id   INTEGER REFERENCES users (id), -- none if it belongs to a place or the instance
    name       TEXT    NOT NULL,
    details    TEXT    NOT NULL, -- JSON
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    ended_at   INTEGER
) STRICT;

CREATE INDEX holders_kind ON holders (kind, id);
CREATE INDEX holders_place ON holders (place_type, place_id, kind, id) WHERE place_id IS NOT NULL;
CREATE INDEX holders_owner ON holders (owner_id, kind, id) WHERE owner_id IS NOT NULL;
CREATE INDEX holders_creator ON holders (creator_id, kind, id);

-- Copies of the texts of those few tokens that are shown again.
CREATE TABLE sealed_copies (
    token_id INTEGER PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
    key_id   INTEGER NOT NULL,
    bytes    BLOB    NOT NULL
) STRICT;
