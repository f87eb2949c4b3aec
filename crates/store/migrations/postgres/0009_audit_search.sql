-- What was done to a token, and with it, is found without reading the whole trail.

CREATE INDEX audit_events_target ON audit_events (target_id, target_type, id) WHERE target_id IS NOT NULL;
CREATE INDEX audit_events_token ON audit_events (actor_token_id, id) WHERE actor_token_id IS NOT NULL;
