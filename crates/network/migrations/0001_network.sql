-- Every table leads its key with what it is distributed by: the account, the device or the conversation; directories by the value itself.

CREATE TABLE setting (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;

CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT;

-- kind: 1 person, 2 business, 3 the platform itself.
CREATE TABLE account (
  account BLOB NOT NULL PRIMARY KEY,
  kind INTEGER NOT NULL,
  phone TEXT,
  created_at INTEGER NOT NULL
) STRICT;

-- trust: 1 plain, 2 checked, 3 confirmed.
CREATE TABLE business (
  account BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  about TEXT NOT NULL,
  trust INTEGER NOT NULL,
  hosted_by TEXT NOT NULL,
  slug TEXT NOT NULL
) STRICT;

-- Directories: an alias and whose it is.
CREATE TABLE slug (
  slug TEXT NOT NULL PRIMARY KEY,
  account BLOB NOT NULL
) STRICT;

CREATE TABLE phone (
  phone TEXT NOT NULL PRIMARY KEY,
  account BLOB NOT NULL
) STRICT;

-- A device by its id, for logging in. removed_at is 0 as long as it belongs to its account; announced is 1 once it has offered key packages.
CREATE TABLE device (
  device BLOB NOT NULL PRIMARY KEY,
  account BLOB NOT NULL,
  kind INTEGER NOT NULL,
  signature_key BLOB NOT NULL,
  announced INTEGER NOT NULL DEFAULT 0,
  removed_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- The devices of an account; a removed one is not here.
CREATE TABLE account_device (
  account BLOB NOT NULL,
  device BLOB NOT NULL,
  name TEXT NOT NULL,
  added_at INTEGER NOT NULL,
  PRIMARY KEY (account, device)
) STRICT;

CREATE TABLE key_package (
  device BLOB NOT NULL,
  suite INTEGER NOT NULL,
  last_resort INTEGER NOT NULL,
  id BLOB NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (device, suite, last_resort, id)
) STRICT;

-- epoch: the group's; 0 before the endpoint has made it. window_until: 0 if it never was open.
-- business_read, customer_read: when the newest message that side has read was accepted.
CREATE TABLE conversation (
  conversation BLOB NOT NULL PRIMARY KEY,
  business BLOB NOT NULL,
  customer BLOB NOT NULL,
  epoch INTEGER NOT NULL DEFAULT 0,
  window_until INTEGER NOT NULL DEFAULT 0,
  business_read INTEGER NOT NULL DEFAULT 0,
  customer_read INTEGER NOT NULL DEFAULT 0,
  opened_at INTEGER NOT NULL
) STRICT;

-- Both sides' view of it: a row for the business and one for the customer.
CREATE TABLE account_conversation (
  account BLOB NOT NULL,
  other BLOB NOT NULL,
  conversation BLOB NOT NULL,
  PRIMARY KEY (account, other)
) STRICT;

-- The devices that are in a conversation's group.
CREATE TABLE member (
  conversation BLOB NOT NULL,
  device BLOB NOT NULL,
  of_business INTEGER NOT NULL,
  PRIMARY KEY (conversation, device)
) STRICT;

CREATE TABLE group_info (
  conversation BLOB NOT NULL PRIMARY KEY,
  epoch INTEGER NOT NULL,
  data BLOB NOT NULL
) STRICT;

-- One commit an epoch.
CREATE TABLE group_commit (
  conversation BLOB NOT NULL,
  epoch INTEGER NOT NULL,
  commit_id BLOB NOT NULL,
  device BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (conversation, epoch)
) STRICT;
CREATE UNIQUE INDEX group_commit_id ON group_commit (conversation, commit_id);
CREATE INDEX group_commit_at ON group_commit (at);

-- What was accepted, so that sending again stores nothing again.
CREATE TABLE message (
  conversation BLOB NOT NULL,
  message_id BLOB NOT NULL,
  device BLOB NOT NULL,
  of_business INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (conversation, message_id)
) STRICT;
CREATE INDEX message_at ON message (at);

-- One-time codes, as keyed hashes. device is what the code was used for; a used code answers the same device again.
CREATE TABLE link_code (
  code BLOB NOT NULL PRIMARY KEY,
  account BLOB NOT NULL,
  device BLOB,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX link_code_expires ON link_code (expires_at);

CREATE TABLE enrolment (
  code BLOB NOT NULL PRIMARY KEY,
  device BLOB,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX enrolment_expires ON enrolment (expires_at);

-- sent codes went out since hour_began.
CREATE TABLE phone_code (
  phone TEXT NOT NULL PRIMARY KEY,
  code BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  tries_left INTEGER NOT NULL,
  hour_began INTEGER NOT NULL,
  sent INTEGER NOT NULL
) STRICT;
CREATE INDEX phone_code_hour ON phone_code (hour_began);
