-- Templates: their text, history and packs.
CREATE TABLE templates_seat (
  name TEXT NOT NULL PRIMARY KEY
) STRICT;
