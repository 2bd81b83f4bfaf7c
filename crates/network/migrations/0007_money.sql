-- What a conversation's prices depend on. country: the customer's, by his calling code; '' until it was looked up.
-- open_…: until when a paid conversation of the category is open, under the model per-conversation.
ALTER TABLE conversation ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE conversation ADD COLUMN open_marketing INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN open_utility INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN open_authentication INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversation ADD COLUMN open_service INTEGER NOT NULL DEFAULT 0;

-- How a message was priced. price_category: with authentication-international as 5. price_type: 1 regular, 2 free_customer_service,
-- 3 free_entry_point, 4 allowance, 5 small_business, 6 open_conversation. price_tier: the slice of the month's volume, such as 0:25000.
-- price_month: the month (its first millisecond) whose counters it is counted in, 0 if in none.
ALTER TABLE message ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN currency TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN price_category INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN price_type INTEGER NOT NULL DEFAULT 0;
ALTER TABLE message ADD COLUMN price_tier TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN price_month INTEGER NOT NULL DEFAULT 0;
CREATE INDEX message_reserved ON message (at) WHERE price_state = 1;
CREATE INDEX message_unread ON message (conversation, at) WHERE of_business = 1 AND read_at = 0;

-- Rate cards as they were imported, by when they take effect. The policy's test tariff holds before the first.
CREATE TABLE rate_card (
  currency TEXT NOT NULL,
  effective_at INTEGER NOT NULL,
  imported_at INTEGER NOT NULL,
  imported_by TEXT NOT NULL,
  rates TEXT NOT NULL,
  tiers TEXT NOT NULL,
  PRIMARY KEY (currency, effective_at)
) STRICT;

-- How many messages a business has to pay in a month (its first millisecond, UTC), for the volume tiers. Free service is counted under market ''.
CREATE TABLE volume (
  business BLOB NOT NULL,
  month INTEGER NOT NULL,
  market TEXT NOT NULL,
  category INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (business, month, market, category)
) STRICT;

-- Double entry: each row moves an amount from the credit to the debit account, so that all accounts together are always nought.
-- step: 1 reserved, 2 booked, 3 released, 4 extra service. Accounts: 1 owed by the business, 2 reserved, 3 messages, 4 services.
-- conversation and message_id name what it is about; an extra service has zeros and its own id there. Rows are never changed.
CREATE TABLE ledger_entry (
  business BLOB NOT NULL,
  conversation BLOB NOT NULL,
  message_id BLOB NOT NULL,
  step INTEGER NOT NULL,
  at INTEGER NOT NULL,
  debit INTEGER NOT NULL,
  credit INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  PRIMARY KEY (business, conversation, message_id, step)
) STRICT;
CREATE INDEX ledger_entry_at ON ledger_entry (business, at);

-- What the ledger and the free messages come to, by day (its first millisecond, UTC).
CREATE TABLE bill_line (
  business BLOB NOT NULL,
  day INTEGER NOT NULL,
  currency TEXT NOT NULL,
  market TEXT NOT NULL,
  country TEXT NOT NULL,
  category INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  tier TEXT NOT NULL,
  count INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (business, day, currency, market, country, category, kind, tier)
) STRICT;

-- Services billed apart from messages.
CREATE TABLE extra_charge (
  business BLOB NOT NULL,
  at INTEGER NOT NULL,
  id BLOB NOT NULL,
  service TEXT NOT NULL,
  amount INTEGER NOT NULL,
  currency TEXT NOT NULL,
  PRIMARY KEY (business, at, id)
) STRICT;

-- What the ledger's account of reserved amounts comes to, so that nobody has to add it up.
CREATE TABLE reserved (
  business BLOB NOT NULL,
  currency TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (business, currency)
) STRICT;
