-- Reviews, the audit chain, console operators.
CREATE TABLE console_seat (
  name TEXT NOT NULL PRIMARY KEY
) STRICT;
