-- Times are microseconds since 1970 UTC. Ids are never used twice. The kind has
-- no CHECK: a new kind is a line in the descriptor table, not a migration.

CREATE TABLE users (
    id            BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    username      TEXT COLLATE "C" NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    email         TEXT COLLATE "C" NOT NULL,
    folded        TEXT COLLATE "C" NOT NULL, -- name and username in lower case, for searching
    password_hash TEXT,
    admin         BOOLEAN NOT NULL,
    external      BOOLEAN NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('active', 'blocked', 'banned', 'deactivated')),
    created_at    BIGINT  NOT NULL
);

CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE tokens (
    id            BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind          TEXT    NOT NULL,
    owner_id      BIGINT  NOT NULL REFERENCES users (id),
    subject_type  TEXT,             -- what it belongs to, where that isn't just its owner
    subject_id    BIGINT,
    name          TEXT COLLATE "C" NOT NULL,
    folded        TEXT COLLATE "C",           -- the name in lower case, where it differs
    description   TEXT,
    scopes        TEXT    NOT NULL,
    digest        BYTEA   NOT NULL CHECK (length(digest) = 32),
    key_id        BIGINT  NOT NULL,
    hint          TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    expires_at    BIGINT,
    revoked_at    BIGINT,
    last_used_at  BIGINT,
    last_used_ips TEXT,             -- joined by commas, oldest first
    rotated_from  BIGINT,
    family_id     BIGINT            -- the first token of the family, if it isn't this one
);

CREATE UNIQUE INDEX tokens_digest ON tokens (digest);
CREATE INDEX tokens_owner ON tokens (owner_id, id);
CREATE INDEX tokens_owner_created ON tokens (owner_id, created_at, id);
CREATE INDEX tokens_owner_expires ON tokens (owner_id, COALESCE(expires_at, 9223372036854775807), id);
CREATE INDEX tokens_owner_used ON tokens (owner_id, COALESCE(last_used_at, 0), id);
CREATE INDEX tokens_owner_name ON tokens (owner_id, name, id);
CREATE INDEX tokens_created ON tokens (created_at, id);
CREATE INDEX tokens_expires ON tokens (COALESCE(expires_at, 9223372036854775807), id);
CREATE INDEX tokens_subject ON tokens (subject_id, subject_type, id) WHERE subject_id IS NOT NULL;
CREATE INDEX tokens_family ON tokens (family_id) WHERE family_id IS NOT NULL;

CREATE TABLE settings (
    id   BIGINT  PRIMARY KEY CHECK (id = 1),
    json TEXT NOT NULL
);

CREATE TABLE prefixes (
    prefix TEXT COLLATE "C" PRIMARY KEY,
    since  BIGINT  NOT NULL
);

CREATE TABLE digest_keys (
    id          BIGINT  PRIMARY KEY,
    check_value BYTEA   NOT NULL,
    since       BIGINT  NOT NULL
);

CREATE TABLE audit_events (
    id             BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    at             BIGINT  NOT NULL,
    action         TEXT    NOT NULL,
    actor_user_id  BIGINT,
    actor_token_id BIGINT,
    on_behalf_id   BIGINT,
    address        TEXT,
    request_id     TEXT    NOT NULL,
    target_type    TEXT    NOT NULL, -- no CHECK, for the reason that the kind has none
    target_id      BIGINT,
    before_json    TEXT,
    after_json     TEXT
);
