-- Usernames: a directory by the name, and what each account is called.
CREATE TABLE username (
  username TEXT NOT NULL PRIMARY KEY,
  account BLOB NOT NULL
) STRICT;

CREATE TABLE account_username (
  account BLOB NOT NULL PRIMARY KEY,
  username TEXT NOT NULL,
  since INTEGER NOT NULL
) STRICT;
