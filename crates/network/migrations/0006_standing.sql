-- What quality and tiers are judged by, what moved and why.

-- limit_since, grade_since: when tier_limit and quality last moved. reached_since: customers reached since the limit moved.
-- review_at: when the standing is to be looked at again; 0 when nothing can move by itself.
ALTER TABLE standing ADD COLUMN limit_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE standing ADD COLUMN grade_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE standing ADD COLUMN reached_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE standing ADD COLUMN review_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX standing_review ON standing (review_at);

-- Whoever registered before there was a standing: the first review gives the policy's lowest limit.
INSERT INTO standing (business, tier_limit, review_at)
  SELECT account, 0, 1 FROM business WHERE account NOT IN (SELECT business FROM standing);

-- What happened on a day in UTC, counted from 1970: a customer counts once a day in each column.
-- reached: customers written to first whose newest such message was delivered on that day, so that the sum over days counts each once.
CREATE TABLE standing_day (
  business BLOB NOT NULL,
  day INTEGER NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0,
  read INTEGER NOT NULL DEFAULT 0,
  blocked INTEGER NOT NULL DEFAULT 0,
  reported INTEGER NOT NULL DEFAULT 0,
  reached INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business, day)
) STRICT;

-- On which day a customer was last counted for what; 0: never. read_day: the last day of delivery that he read. reached_at: a time.
CREATE TABLE standing_customer (
  business BLOB NOT NULL,
  customer BLOB NOT NULL,
  touched_day INTEGER NOT NULL,
  delivered_day INTEGER NOT NULL DEFAULT 0,
  read_day INTEGER NOT NULL DEFAULT 0,
  blocked_day INTEGER NOT NULL DEFAULT 0,
  reported_day INTEGER NOT NULL DEFAULT 0,
  reached_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business, customer)
) STRICT;
CREATE INDEX standing_customer_touched ON standing_customer (business, touched_day);

-- The history. kind, cause, from_word, to_word: the words that programs read. until: 0 without an end that matters, the largest integer for ever.
-- lifted_at: 0 while it stands. appeal: 0 none, 1 open, 2 granted, 3 refused.
CREATE TABLE standing_entry (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  cause TEXT NOT NULL,
  from_word TEXT NOT NULL DEFAULT '',
  to_word TEXT NOT NULL DEFAULT '',
  until INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  lifted_at INTEGER NOT NULL DEFAULT 0,
  appeal INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business, id)
) STRICT;
CREATE INDEX standing_entry_kind ON standing_entry (business, kind, id);
