-- kind: 0 a business and one customer, 1 a group of several, 2 the seat of a group's participant, 3 a group that is no more. A group's customer is its own id,
-- which is nobody's account. A seat has a row of its own, so that prices, receipts and statistics are kept of each participant as of any customer.
ALTER TABLE conversation ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;

-- approval: 1 when the business lets each customer in. link: what its invitation's link ends with, '' for none. deleted_at: 0 as long as it is there.
CREATE TABLE customer_group (
  conversation BLOB NOT NULL PRIMARY KEY,
  business BLOB NOT NULL,
  subject TEXT NOT NULL,
  description TEXT NOT NULL,
  approval INTEGER NOT NULL,
  link TEXT NOT NULL,
  picture BLOB NOT NULL,
  picture_hash BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX customer_group_business ON customer_group (business, conversation) WHERE deleted_at = 0;
CREATE INDEX customer_group_created ON customer_group (business, created_at);

-- The customers of a group. seat: the conversation row that is his.
CREATE TABLE group_seat (
  conversation BLOB NOT NULL,
  account BLOB NOT NULL,
  seat BLOB NOT NULL,
  joined_at INTEGER NOT NULL,
  PRIMARY KEY (conversation, account)
) STRICT;

-- What an invitation's link ends with, and which group's it is.
CREATE TABLE group_link (
  link TEXT NOT NULL PRIMARY KEY,
  conversation BLOB NOT NULL
) STRICT;

-- Customers who wait to be let in.
CREATE TABLE join_request (
  conversation BLOB NOT NULL,
  account BLOB NOT NULL,
  request BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (conversation, account)
) STRICT;
CREATE UNIQUE INDEX join_request_id ON join_request (conversation, request);

-- To whom a message of a group did not go, and why, as the sender is told again when he asks again. conversation: the seat. refused: an encoded refusal.
CREATE TABLE group_refusal (
  conversation BLOB NOT NULL,
  message_id BLOB NOT NULL,
  at INTEGER NOT NULL,
  refused BLOB NOT NULL,
  PRIMARY KEY (conversation, message_id)
) STRICT;
CREATE INDEX group_refusal_at ON group_refusal (at);
