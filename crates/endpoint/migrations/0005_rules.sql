-- What the network told of the rules, as JSON.
CREATE TABLE rules (
    business BLOB NOT NULL PRIMARY KEY,
    json TEXT NOT NULL
) STRICT;

-- warned_until: the end of the window that operators were warned of; 0 before the first warning.
ALTER TABLE chat ADD COLUMN warned_until INTEGER NOT NULL DEFAULT 0;
CREATE INDEX chat_window ON chat (business, window_until);
