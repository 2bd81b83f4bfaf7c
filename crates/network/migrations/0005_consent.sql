-- The ledger of consent, and reports.
CREATE TABLE consent_seat (
  name TEXT NOT NULL PRIMARY KEY
) STRICT;
