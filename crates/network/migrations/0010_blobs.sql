-- Sealed files. Keyed by the name, which is all that whoever fetches one knows; the bytes stand beside the database. token: the hash of what the upload
-- shows. stored: 1 when all bytes are durable. expires_at: of the ticket first, of the file when it is stored.
CREATE TABLE blob (
  blob BLOB NOT NULL PRIMARY KEY,
  account BLOB NOT NULL,
  bytes INTEGER NOT NULL,
  token BLOB NOT NULL,
  stored INTEGER NOT NULL DEFAULT 0,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX blob_expires ON blob (expires_at);

-- How much an account has stored, by the hour.
CREATE TABLE blob_use (
  account BLOB NOT NULL,
  hour INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (account, hour)
) STRICT;
CREATE INDEX blob_use_hour ON blob_use (hour);
