-- Machines that work as a runner, all with its one token. Each has chosen a system
-- id for itself. They go with the runner.

CREATE TABLE runner_managers (
    id           BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    runner_id    BIGINT NOT NULL REFERENCES holders (id) ON DELETE CASCADE,
    system_id    TEXT   NOT NULL,
    version      TEXT,
    revision     TEXT,
    platform     TEXT,
    architecture TEXT,
    address      TEXT,
    created_at   BIGINT NOT NULL,
    contacted_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX runner_managers_system ON runner_managers (runner_id, system_id);
