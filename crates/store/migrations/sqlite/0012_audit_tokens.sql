-- Which tokens an entry of the trail was about besides its target: what was done
-- to many at once is found by each of them. These rows go with their entry.

CREATE TABLE audit_tokens (
    token_id INTEGER NOT NULL,
    event_id INTEGER NOT NULL REFERENCES audit_events (id) ON DELETE CASCADE,
    PRIMARY KEY (token_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_tokens_event ON audit_tokens (event_id);
