-- Applications, agents, runners, clients and jobs: what holds a token of its own.
-- What differs between them is in the details, which are never searched.

CREATE TABLE holders (
    id         BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind       TEXT    NOT NULL,
    place_type TEXT,
    place_id   BIGINT,
    creator_id BIGINT  NOT NULL REFERENCES users (id),
    owner_id   BIGINT  REFERENCES users (id), -- none if it belongs to a place or the instance
    name       TEXT COLLATE "C" NOT NULL,
    details    TEXT    NOT NULL, -- JSON
    created_at BIGINT  NOT NULL,
    updated_at BIGINT  NOT NULL,
    ended_at   BIGINT
);

CREATE INDEX holders_kind ON holders (kind, id);
CREATE INDEX holders_place ON holders (place_type, place_id, kind, id) WHERE place_id IS NOT NULL;
CREATE INDEX holders_owner ON holders (owner_id, kind, id) WHERE owner_id IS NOT NULL;
CREATE INDEX holders_creator ON holders (creator_id, kind, id);

-- Copies of the texts of those few tokens that are shown again.
CREATE TABLE sealed_copies (
    token_id BIGINT PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
    key_id   BIGINT NOT NULL,
    bytes    BYTEA  NOT NULL
);
