-- Rate cards and the ledger.
CREATE TABLE money_seat (
  name TEXT NOT NULL PRIMARY KEY
) STRICT;
