-- Counters. level: 0 half an hour, 1 a day, 2 a month; at: the period's first millisecond, UTC. Whole days and months are summed up once they are over
-- (statistic_rolled says until when), so that a year reads as fast as a day.
-- category: as a template's, 4 service, 0 of what customers write. template: 0 for none. country: the customer's.
CREATE TABLE statistic (
  business BLOB NOT NULL,
  level INTEGER NOT NULL,
  at INTEGER NOT NULL,
  category INTEGER NOT NULL,
  template INTEGER NOT NULL,
  country TEXT NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  read INTEGER NOT NULL DEFAULT 0,
  received INTEGER NOT NULL DEFAULT 0,
  replied INTEGER NOT NULL DEFAULT 0,
  visited INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business, level, at, category, template, country)
) STRICT;

CREATE TABLE statistic_rolled (
  business BLOB NOT NULL PRIMARY KEY,
  days_until INTEGER NOT NULL,
  months_until INTEGER NOT NULL
) STRICT;
