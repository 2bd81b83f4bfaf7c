-- Counters.
CREATE TABLE statistics_seat (
  name TEXT NOT NULL PRIMARY KEY
) STRICT;
