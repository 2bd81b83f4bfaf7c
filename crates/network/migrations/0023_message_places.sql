-- A message is found by its id, which begins with the time: on SQLite the newest ids share a few pages, while each conversation's place in an index is a page of
-- its own. PostgreSQL has the distribution key first (docs/SCALE.md). What is read of a conversation goes by its time.
-- only sqlite
CREATE TABLE message_by_id (
  conversation BLOB NOT NULL,
  message_id BLOB NOT NULL,
  device BLOB NOT NULL,
  of_business INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  at INTEGER NOT NULL,
  commitment BLOB,
  kind INTEGER NOT NULL DEFAULT 0,
  template INTEGER NOT NULL DEFAULT 0,
  category INTEGER NOT NULL DEFAULT 0,
  market TEXT NOT NULL DEFAULT '',
  price INTEGER NOT NULL DEFAULT 0,
  price_state INTEGER NOT NULL DEFAULT 0,
  delivered_at INTEGER NOT NULL DEFAULT 0,
  read_at INTEGER NOT NULL DEFAULT 0,
  country TEXT NOT NULL DEFAULT '',
  currency TEXT NOT NULL DEFAULT '',
  price_category INTEGER NOT NULL DEFAULT 0,
  price_type INTEGER NOT NULL DEFAULT 0,
  price_tier TEXT NOT NULL DEFAULT '',
  price_month INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (message_id, conversation)
) STRICT;
INSERT INTO message_by_id (conversation, message_id, device, of_business, epoch, at, commitment, kind, template, category, market, price, price_state,
    delivered_at, read_at, country, currency, price_category, price_type, price_tier, price_month)
  SELECT conversation, message_id, device, of_business, epoch, at, commitment, kind, template, category, market, price, price_state,
    delivered_at, read_at, country, currency, price_category, price_type, price_tier, price_month
  FROM message ORDER BY rowid;
DROP TABLE message;
ALTER TABLE message_by_id RENAME TO message;
CREATE INDEX message_at ON message (at);
CREATE INDEX message_reserved ON message (at) WHERE price_state = 1;
-- only postgres
DROP INDEX message_unread;
-- both
CREATE INDEX message_conversation ON message (conversation, at);
