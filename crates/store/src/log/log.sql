-- What each device has still to fetch (entry), how far each log goes and is acknowledged (mailbox), and where the purge goes on (log_purge).
-- SQLite appends in the order of rowids, so that a group of appends writes the same few pages; PostgreSQL logs rows, and there the distribution key leads.

-- only sqlite
CREATE TABLE entry (
    id INTEGER NOT NULL PRIMARY KEY,
    device BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    conversation BLOB NOT NULL,
    message_id BLOB NOT NULL,
    from_device BLOB,
    payload BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_device_seq ON entry (device, seq);
CREATE TABLE mailbox (
    device BLOB NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL,
    acked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- One row: every entry up to this id was looked at.
CREATE TABLE log_purge (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    seen INTEGER NOT NULL
) STRICT;
INSERT INTO log_purge (one, seen) VALUES (1, 0);

-- only postgres
CREATE TABLE entry (
    device BLOB NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    conversation BLOB NOT NULL,
    message_id BLOB NOT NULL,
    from_device BLOB,
    payload BLOB NOT NULL,
    PRIMARY KEY (device, seq)
);
CREATE INDEX entry_at ON entry (at, device, seq);
CREATE TABLE mailbox (
    device BLOB NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL,
    acked INTEGER NOT NULL
);
-- One row: every mailbox before this device was looked at.
CREATE TABLE log_purge (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    seen BLOB NOT NULL
);
INSERT INTO log_purge (one, seen) VALUES (1, '');
