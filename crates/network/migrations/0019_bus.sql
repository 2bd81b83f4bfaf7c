-- Nodes that the bus does not reach, while they say so: each counts up as long as it is away. What they append others find by asking the store.
CREATE TABLE bus_away (
  place INTEGER NOT NULL, -- 0
  node BLOB NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (place, node)
) STRICT;
