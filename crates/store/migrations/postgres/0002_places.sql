-- Groups, projects and their members; and what sort of user each one is.

ALTER TABLE users ADD COLUMN user_type TEXT NOT NULL DEFAULT 'human'
    CHECK (user_type IN ('human', 'project_bot', 'service_account', 'ghost'));
ALTER TABLE users ADD COLUMN home_type TEXT CHECK (home_type IN ('group', 'project'));
ALTER TABLE users ADD COLUMN home_id BIGINT;

CREATE INDEX users_home ON users (home_type, home_id) WHERE home_id IS NOT NULL;

-- A group is a namespace of kind 'group', under the same id.
CREATE TABLE namespaces (
    id          BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    kind        TEXT    NOT NULL CHECK (kind IN ('user', 'group')),
    parent_id   BIGINT  REFERENCES namespaces (id),
    owner_id    BIGINT  REFERENCES users (id), -- of kind 'user'
    name        TEXT COLLATE "C" NOT NULL,
    path        TEXT COLLATE "C" NOT NULL,
    full_name   TEXT COLLATE "C" NOT NULL,
    full_path   TEXT COLLATE "C" NOT NULL,
    folded      TEXT COLLATE "C" NOT NULL, -- name and path in lower case, for searching
    description TEXT,
    visibility  TEXT    NOT NULL CHECK (visibility IN ('private', 'internal', 'public')),
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE UNIQUE INDEX namespaces_full_path ON namespaces (lower(full_path));
CREATE UNIQUE INDEX namespaces_owner ON namespaces (owner_id);
CREATE INDEX namespaces_parent ON namespaces (parent_id);
CREATE INDEX namespaces_name ON namespaces (name, id) WHERE kind = 'group';

-- Every namespace with each that it lies in, itself included: what a role
-- reaches is found in one step, however deep.
CREATE TABLE ancestry (
    namespace_id BIGINT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    ancestor_id  BIGINT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    PRIMARY KEY (namespace_id, ancestor_id)
);

CREATE INDEX ancestry_beneath ON ancestry (ancestor_id, namespace_id);

CREATE TABLE projects (
    id           BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    namespace_id BIGINT NOT NULL REFERENCES namespaces (id),
    name         TEXT COLLATE "C" NOT NULL,
    path         TEXT COLLATE "C" NOT NULL,
    full_path    TEXT COLLATE "C" NOT NULL,
    folded       TEXT COLLATE "C" NOT NULL, -- name and path in lower case, for searching
    description  TEXT,
    visibility   TEXT    NOT NULL CHECK (visibility IN ('private', 'internal', 'public')),
    archived     BOOLEAN NOT NULL,
    creator_id   BIGINT,           -- who may be gone
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);

CREATE UNIQUE INDEX projects_full_path ON projects (lower(full_path));
CREATE INDEX projects_namespace ON projects (namespace_id, id);

-- A place's members and a user's memberships are one seek each.
CREATE TABLE members (
    place_type   TEXT    NOT NULL CHECK (place_type IN ('group', 'project')),
    place_id     BIGINT NOT NULL,
    user_id      BIGINT NOT NULL REFERENCES users (id),
    access_level BIGINT NOT NULL,
    expires_at   BIGINT,
    created_by   BIGINT,           -- who may be gone
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (place_id, place_type, user_id)
);

CREATE INDEX members_user ON members (user_id, place_type, place_id);

-- Who has which role where, be it given there or in a group above. `source` is
-- where the role was given.
CREATE VIEW standings AS
    SELECT members.place_type AS place_type, ancestry.namespace_id AS place_id,
           members.user_id AS user_id, members.access_level AS access_level,
           members.place_type AS source_type, members.place_id AS source_id,
           members.expires_at AS expires_at, members.created_by AS created_by,
           members.created_at AS created_at
      FROM members JOIN ancestry ON ancestry.ancestor_id = members.place_id
     WHERE members.place_type = 'group'
    UNION ALL
    SELECT CAST('project' AS TEXT), projects.id, members.user_id, members.access_level,
           members.place_type, members.place_id, members.expires_at, members.created_by,
           members.created_at
      FROM members JOIN ancestry ON ancestry.ancestor_id = members.place_id
           JOIN projects ON projects.namespace_id = ancestry.namespace_id
     WHERE members.place_type = 'group'
    UNION ALL
    SELECT members.place_type, members.place_id, members.user_id, members.access_level,
           members.place_type, members.place_id, members.expires_at, members.created_by,
           members.created_at
      FROM members
     WHERE members.place_type = 'project';

INSERT INTO namespaces (kind, owner_id, name, path, full_name, full_path, folded, visibility,
                        created_at, updated_at)
    SELECT 'user', id, name, username, name, username, folded, 'private', created_at, created_at
      FROM users ORDER BY id;
INSERT INTO ancestry (namespace_id, ancestor_id) SELECT id, id FROM namespaces;
