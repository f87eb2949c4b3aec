-- Times are microseconds since 1970 UTC. Ids are never used twice. The kind has
-- no CHECK: a new kind is a line in the descriptor table, not a migration.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    username      TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    folded        TEXT    NOT NULL, -- name and username in lower case, for searching
    password_hash TEXT,
    admin         INTEGER NOT NULL CHECK (admin IN (0, 1)),
    external      INTEGER NOT NULL CHECK (external IN (0, 1)),
    state         TEXT    NOT NULL CHECK (state IN ('active', 'blocked', 'banned', 'deactivated')),
    created_at    INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX users_username ON users (lower(username));
CREATE UNIQUE INDEX users_email ON users (lower(email));

CREATE TABLE tokens (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    kind          TEXT    NOT NULL,
    owner_id      INTEGER NOT NULL REFERENCES users (id),
    subject_type  TEXT,             -- what it belongs to, where that isn't just its owner
    subject_id    INTEGER,
    name          TEXT    NOT NULL,
    folded        TEXT,             -- the name in lower case, where it differs
    description   TEXT,
    scopes        TEXT    NOT NULL,
    digest        BLOB    NOT NULL CHECK (length(digest) = 32),
    key_id        INTEGER NOT NULL,
    hint          TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    expires_at    INTEGER,
    revoked_at    INTEGER,
    last_used_at  INTEGER,
    last_used_ips TEXT,             -- joined by commas, oldest first
    rotated_from  INTEGER,
    family_id     INTEGER           -- the first token of the family, if it isn't this one
) STRICT;

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
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    json TEXT NOT NULL
) STRICT;

CREATE TABLE prefixes (
    prefix TEXT    PRIMARY KEY,
    since  INTEGER NOT NULL
) STRICT;

CREATE TABLE digest_keys (
    id          INTEGER PRIMARY KEY,
    check_value BLOB    NOT NULL,
    since       INTEGER NOT NULL
) STRICT;

CREATE TABLE audit_events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    at             INTEGER NOT NULL,
    action         TEXT    NOT NULL,
    actor_user_id  INTEGER,
    actor_token_id INTEGER,
    on_behalf_id   INTEGER,
    address        TEXT,
    request_id     TEXT    NOT NULL,
    target_type    TEXT    NOT NULL, -- no CHECK, for the reason that the kind has none
    target_id      INTEGER,
    before_json    TEXT,
    after_json     TEXT
) STRICT;
