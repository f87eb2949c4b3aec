-- Answers that are given again for a day, to whoever repeats a request. They
-- hold the text of the token that the request made, sealed, and go with it.

CREATE TABLE idempotency (
    token_id INTEGER PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
    mark     BLOB    NOT NULL CHECK (length(mark) = 32),    -- HMAC of whose request, and its key
    request  BLOB    NOT NULL CHECK (length(request) = 32), -- HMAC of what was asked for
    key_id   INTEGER NOT NULL,
    sealed   BLOB    NOT NULL,
    made_at  INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX idempotency_mark ON idempotency (mark);
CREATE INDEX idempotency_made ON idempotency (made_at, token_id);
