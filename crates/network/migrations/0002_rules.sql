-- The facts the rules decide by. Everything an admission needs beside the conversation itself is found by the business.

-- What a customer lets a business do. Times of 0: never.
-- choice: 0 as his global choice says, 1 all, 2 important, 3 none. global_choice: his own copy here, so that one read by business is enough.
-- wrote_at: when he first wrote. saved: whether he keeps the business among his contacts.
CREATE TABLE relation (
  business BLOB NOT NULL,
  customer BLOB NOT NULL,
  choice INTEGER NOT NULL DEFAULT 0,
  global_choice INTEGER NOT NULL DEFAULT 1,
  blocked_at INTEGER NOT NULL DEFAULT 0,
  stopped_at INTEGER NOT NULL DEFAULT 0,
  consent_at INTEGER NOT NULL DEFAULT 0,
  consent_until INTEGER NOT NULL DEFAULT 0,
  wrote_at INTEGER NOT NULL DEFAULT 0,
  saved INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business, customer)
) STRICT;

-- How a person wants it with all businesses, and how much marketing reached him since marketing_since.
CREATE TABLE person (
  account BLOB NOT NULL PRIMARY KEY,
  global_choice INTEGER NOT NULL DEFAULT 1,
  language TEXT NOT NULL DEFAULT '',
  marketing_since INTEGER NOT NULL DEFAULT 0,
  marketing_count INTEGER NOT NULL DEFAULT 0
) STRICT;

-- How a business stands with the platform. tier_limit: customers in 24 hours, -1 without limit. quality: 0 unknown, 1 green, 2 yellow, 3 red.
-- unique_count, unique_oldest: what outreach holds. Times of 0: not; banned for ever is the largest integer.
-- terms_version: the accepted one. name_state: 1 approved, 2 pending, 3 refused. small: 1 for a small business.
CREATE TABLE standing (
  business BLOB NOT NULL PRIMARY KEY,
  tier_limit INTEGER NOT NULL,
  unique_count INTEGER NOT NULL DEFAULT 0,
  unique_oldest INTEGER NOT NULL DEFAULT 0,
  quality INTEGER NOT NULL DEFAULT 0,
  warned_at INTEGER NOT NULL DEFAULT 0,
  restricted_until INTEGER NOT NULL DEFAULT 0,
  restricted_kind TEXT NOT NULL DEFAULT '',
  banned_until INTEGER NOT NULL DEFAULT 0,
  ban_code TEXT NOT NULL DEFAULT '',
  terms_version INTEGER NOT NULL DEFAULT 0,
  terms_due INTEGER NOT NULL DEFAULT 0,
  name_state INTEGER NOT NULL DEFAULT 1,
  small INTEGER NOT NULL DEFAULT 0,
  high_throughput INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The customers a business has written to outside their windows within 24 hours, each once.
CREATE TABLE outreach (
  business BLOB NOT NULL,
  customer BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (business, customer)
) STRICT;
CREATE INDEX outreach_at ON outreach (business, at);

-- A template in one language. status: 1 pending, 2 approved, 3 rejected, 4 paused, 5 disabled, 6 in appeal, 7 deleted. version: of the approved text.
-- category: 1 marketing, 2 utility, 3 authentication. ttl_millis: 0 as the policy says.
CREATE TABLE template (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  category INTEGER NOT NULL,
  status INTEGER NOT NULL,
  version INTEGER NOT NULL,
  paused_until INTEGER NOT NULL DEFAULT 0,
  ttl_millis INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business, id)
) STRICT;
CREATE UNIQUE INDEX template_name ON template (business, name, language);

-- pair_tat: the pair rate's theoretical arrival time. entry_until: the free entry window. entry_at: when its message came, 0 once it is open or over.
ALTER TABLE conversation ADD COLUMN pair_tat INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN entry_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN entry_until INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN customer_wrote_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN business_wrote_at INTEGER NOT NULL DEFAULT 0;

-- What a message was, for reports, bills and statistics. category: as a template's, 4 service. price: millionths of the currency's unit.
-- price_state: 0 nothing to pay, 1 reserved, 2 booked, 3 released.
ALTER TABLE message ADD COLUMN commitment BLOB;
ALTER TABLE message ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN template INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN category INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN market TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN price INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN price_state INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN delivered_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN read_at INTEGER NOT NULL DEFAULT 0;

-- Who wrote before these rows were kept may be written to like anybody who wrote (R10).
UPDATE conversation SET customer_wrote_at = opened_at WHERE window_until > 0;
INSERT INTO relation (business, customer, wrote_at) SELECT business, customer, opened_at FROM conversation WHERE window_until > 0;
