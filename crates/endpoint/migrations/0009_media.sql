-- Files of a business: what programs uploaded, what was fetched from links, what customers sent. The bytes stand beside the database, sealed under a key
-- of their own, as they do on the network. origin: upload, link, received. state: 0 not here yet, 1 here, 2 will never be here (problem says why).
-- file: its name in the endpoint's folder. blob: its name on the network, X'' while it is not there; blob_until: how long the network keeps it, renew_at:
-- when it is put there anew. link: what it was fetched from; link_hash: of that and of what it is used as. message: what it came with. used: 1 when a
-- message has it, so that it stays as long as the history. expires_at: for how long programs may use its id.
CREATE TABLE media (
    business BLOB NOT NULL,
    id INTEGER NOT NULL,
    origin TEXT NOT NULL,
    state INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    sha256 BLOB NOT NULL,
    file BLOB NOT NULL,
    key_sealed BLOB NOT NULL,
    blob BLOB NOT NULL,
    renew_at INTEGER NOT NULL DEFAULT 0,
    filename TEXT NOT NULL,
    animated INTEGER NOT NULL DEFAULT 0,
    width INTEGER NOT NULL DEFAULT 0,
    height INTEGER NOT NULL DEFAULT 0,
    preview BLOB NOT NULL,
    link TEXT NOT NULL DEFAULT '',
    link_hash BLOB NOT NULL,
    message BLOB NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    problem TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;
CREATE INDEX media_link ON media (business, link_hash, created_at);
CREATE INDEX media_sha256 ON media (business, sha256);
CREATE INDEX media_message ON media (business, message);
CREATE INDEX media_due ON media (business, next_at) WHERE state = 0 AND origin = 'received';
CREATE INDEX media_unused ON media (business, expires_at) WHERE used = 0;

-- Messages of the business that are not sealed yet, since a file of theirs is not on the network.
CREATE TABLE media_wait (
    business BLOB NOT NULL,
    message BLOB NOT NULL,
    chat BLOB NOT NULL,
    PRIMARY KEY (business, message)
) STRICT;
CREATE INDEX media_wait_chat ON media_wait (business, chat);

-- Uploads in pieces. media: what it has become, 0 before.
CREATE TABLE upload_session (
    business BLOB NOT NULL,
    id BLOB NOT NULL,
    app INTEGER NOT NULL,
    file_length INTEGER NOT NULL,
    media_type TEXT NOT NULL,
    filename TEXT NOT NULL,
    media INTEGER NOT NULL DEFAULT 0,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;
CREATE INDEX upload_session_expires ON upload_session (business, expires_at);

CREATE TABLE upload_part (
    business BLOB NOT NULL,
    session BLOB NOT NULL,
    first INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    file BLOB NOT NULL,
    key_sealed BLOB NOT NULL,
    PRIMARY KEY (business, session, first)
) STRICT;
