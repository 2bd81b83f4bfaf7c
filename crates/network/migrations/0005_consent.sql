-- The ledger of consent: what was said between a customer and a business. Nothing in it is changed but replaced_at, when something later took its place.
-- subject: the customer's account as text, or the digits of a phone that nobody has registered yet. at: different for every event of a subject.
-- by_side: 1 the customer, 2 the business. aspect: what it is about, 1 consent, 2 marketing, 3 saved, 4 the business's block list; from 10 on what
-- the business is not told: 10 block, 11 choice, 12 report. what: the word of the event.
CREATE TABLE consent_event (
  business BLOB NOT NULL,
  subject TEXT NOT NULL,
  at INTEGER NOT NULL,
  by_side INTEGER NOT NULL,
  aspect INTEGER NOT NULL,
  what TEXT NOT NULL,
  choice INTEGER NOT NULL DEFAULT 0,
  given_at INTEGER NOT NULL DEFAULT 0,
  how TEXT NOT NULL DEFAULT '',
  form TEXT NOT NULL DEFAULT '',
  wording TEXT NOT NULL DEFAULT '',
  evidence TEXT NOT NULL DEFAULT '',
  replaced_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business, subject, at)
) STRICT;
CREATE INDEX consent_event_subject ON consent_event (subject, business);
CREATE INDEX consent_event_counts ON consent_event (business, subject, at) WHERE replaced_at = 0;
CREATE INDEX consent_event_replaced ON consent_event (replaced_at) WHERE replaced_at > 0;

-- How often something was done since `began`; owner and other: whose limit it is. what: 1 giving back, 2 reports, 3 records, 4 settings.
CREATE TABLE consent_use (
  owner BLOB NOT NULL,
  other BLOB NOT NULL,
  what INTEGER NOT NULL,
  began INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (owner, other, what)
) STRICT;
CREATE INDEX consent_use_began ON consent_use (began);

-- barred_at: since when the business does not want the customer's messages.
ALTER TABLE relation ADD COLUMN barred_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX relation_customer ON relation (customer, business);
CREATE INDEX relation_barred ON relation (business, customer) WHERE barred_at > 0;

-- opened_by: 1 the customer, 2 the business. barred_at: as in relation, so that a submission finds it with the conversation.
ALTER TABLE conversation ADD COLUMN opened_by INTEGER NOT NULL DEFAULT 1;
ALTER TABLE conversation ADD COLUMN barred_at INTEGER NOT NULL DEFAULT 0;

-- Reports. state: 1 waits for a decision, 2 the customer was right, 3 nothing was wrong.
CREATE TABLE report (
  business BLOB NOT NULL,
  report BLOB NOT NULL,
  customer BLOB NOT NULL,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  state INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (business, report)
) STRICT;
CREATE INDEX report_at ON report (at);

-- The messages a customer showed, each once, with what proves that the business sent it. sent_at: when the network accepted it; at: when it was reported.
CREATE TABLE report_message (
  business BLOB NOT NULL,
  report BLOB NOT NULL,
  conversation BLOB NOT NULL,
  message_id BLOB NOT NULL,
  kind INTEGER NOT NULL,
  template INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  at INTEGER NOT NULL,
  content BLOB NOT NULL,
  commitment_key BLOB NOT NULL,
  PRIMARY KEY (business, report, message_id)
) STRICT;
CREATE UNIQUE INDEX report_message_once ON report_message (conversation, message_id);
CREATE INDEX report_message_at ON report_message (at);
