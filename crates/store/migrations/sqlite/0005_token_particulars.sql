-- What only few kinds of token have beside the rest.

CREATE TABLE token_particulars (
    token_id   INTEGER PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
    username   TEXT,   -- with which a deploy token is presented, where one was chosen
    updated_at INTEGER -- when a trigger was edited last, if it was
) STRICT;
