-- Flows: forms of several screens. categories: their words, with commas between. json: the file as it was sent, '' while there is none; outline: what it
-- says of itself and what is wrong with it, as JSON. file: the same as a file of its own, for messages, 0 while it is none. preview_salt, preview_until:
-- what the address of its preview is made of. sent_hour, sent_count: how often it was sent within an hour of the clock, while it is throttled.
CREATE TABLE flow (
    business BLOB NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    categories TEXT NOT NULL,
    status TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    app INTEGER NOT NULL,
    json TEXT NOT NULL,
    outline TEXT NOT NULL,
    file INTEGER NOT NULL DEFAULT 0,
    preview_salt INTEGER NOT NULL DEFAULT 0,
    preview_until INTEGER NOT NULL DEFAULT 0,
    sent_hour INTEGER NOT NULL DEFAULT 0,
    sent_count INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;
CREATE UNIQUE INDEX flow_name ON flow (business, name);
CREATE INDEX flow_created ON flow (business, created_at, id);

-- The chats that a draft was sent into.
CREATE TABLE flow_tester (
    business BLOB NOT NULL,
    flow INTEGER NOT NULL,
    chat BLOB NOT NULL,
    PRIMARY KEY (business, flow, chat)
) STRICT;
