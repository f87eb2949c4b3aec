-- Which tokens an entry of the trail was about besides its target: what was done
-- to many at once is found by each of them. These rows go with their entry.

CREATE TABLE audit_tokens (
    token_id BIGINT NOT NULL,
    event_id BIGINT NOT NULL REFERENCES audit_events (id) ON DELETE CASCADE,
    PRIMARY KEY (token_id, event_id)
);

CREATE INDEX audit_tokens_event ON audit_tokens (event_id);
