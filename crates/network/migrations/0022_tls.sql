-- What the nodes of one database keep together for TLS: the account at the authority and the certificate (sealed), what is shown when the authority asks
-- about a name, and which node orders.
CREATE TABLE tls_kept (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
