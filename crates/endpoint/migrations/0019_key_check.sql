-- What the key that secrets are sealed under looks like from outside: a node with another one may not use this store.
CREATE TABLE key_check (
  subject TEXT NOT NULL PRIMARY KEY,
  fingerprint BLOB NOT NULL
) STRICT;
