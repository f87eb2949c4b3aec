-- Machines that work as a runner, all with its one token. Each has chosen a system
-- id for itself. They go with the runner.

CREATE TABLE runner_managers (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    runner_id    INTEGER NOT NULL REFERENCES holders (id) ON DELETE CASCADE,
    system_id    TEXT    NOT NULL,
    version      TEXT,
    revision     TEXT,
    platform     TEXT,
    architecture TEXT,
    address      TEXT,
    created_at   INTEGER NOT NULL,
    contacted_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX runner_managers_system ON runner_managers (runner_id, system_id);
