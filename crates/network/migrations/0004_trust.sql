-- Names, terms, verification, announcements.
CREATE TABLE trust_seat (
  name TEXT NOT NULL PRIMARY KEY
) STRICT;
