-- Answers that are given again for a day, to whoever repeats a request. They
-- hold the text of the token that the request made, sealed, and go with it.

CREATE TABLE idempotency (
    token_id BIGINT  PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
    mark     BYTEA   NOT NULL CHECK (length(mark) = 32),    -- HMAC of whose request, and its key
    request  BYTEA   NOT NULL CHECK (length(request) = 32), -- HMAC of what was asked for
    key_id   BIGINT  NOT NULL,
    sealed   BYTEA   NOT NULL,
    made_at  BIGINT  NOT NULL
);

CREATE UNIQUE INDEX idempotency_mark ON idempotency (mark);
CREATE INDEX idempotency_made ON idempotency (made_at, token_id);
