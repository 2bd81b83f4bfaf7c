-- What quality and tiers are judged by.
CREATE TABLE standing_seat (
  name TEXT NOT NULL PRIMARY KEY
) STRICT;
