-- Names, numbers, verification, terms, announcements.

-- phone: the number whose code the business knew, digits; "" without. phone_approved: 1 when it is the company's official one. country: of that number,
-- or of the company. pending: 1 while a request for a level is looked at.
ALTER TABLE business ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE business ADD COLUMN phone_proven_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE business ADD COLUMN phone_approved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE business ADD COLUMN country TEXT NOT NULL DEFAULT '';
ALTER TABLE business ADD COLUMN pending INTEGER NOT NULL DEFAULT 0;

-- The versions of the terms, and since when this server has each.
CREATE TABLE terms (
  version INTEGER NOT NULL PRIMARY KEY,
  in_force_at INTEGER NOT NULL
) STRICT;

-- Who accepted which version, and when.
CREATE TABLE terms_accepted (
  business BLOB NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  accepted_by TEXT NOT NULL,
  PRIMARY KEY (business, version)
) STRICT;

-- The newest request of each subject. subject: 1 name, 2 number, 3 verification. stage: 1 waiting, 2 approved, 3 refused, 4 withdrawn, 5 appealed,
-- 6 final. asked: what for. detail: all of it as JSON. review: the case in the console, if a person looks at it.
CREATE TABLE trust_request (
  business BLOB NOT NULL,
  subject INTEGER NOT NULL,
  stage INTEGER NOT NULL,
  since INTEGER NOT NULL,
  asked TEXT NOT NULL,
  detail TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL DEFAULT '',
  review BLOB,
  PRIMARY KEY (business, subject)
) STRICT;

-- When a business asked for which name: changes are counted.
CREATE TABLE name_asked (
  business BLOB NOT NULL,
  at INTEGER NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (business, at)
) STRICT;

-- Directories. search_key: the beginnings of words of names in use, folded. confirmed_name: how the names of confirmed businesses look to the eye.
CREATE TABLE search_key (
  word BLOB NOT NULL,
  business BLOB NOT NULL,
  PRIMARY KEY (word, business)
) STRICT;
CREATE INDEX search_key_business ON search_key (business);

CREATE TABLE confirmed_name (
  skeleton BLOB NOT NULL,
  business BLOB NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (skeleton, business)
) STRICT;
CREATE INDEX confirmed_name_business ON confirmed_name (business);

-- Documents of verifications. delete_at: when nobody needs it any more.
CREATE TABLE document (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  name TEXT NOT NULL,
  media_type TEXT NOT NULL,
  parts INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  complete INTEGER NOT NULL,
  delete_at INTEGER NOT NULL,
  PRIMARY KEY (business, id)
) STRICT;
CREATE INDEX document_delete ON document (delete_at);

CREATE TABLE document_part (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (business, id, part)
) STRICT;

-- What the platform announces. audience: 0 all, 1 a country, 2 a level. delivered_to: the last business whose log has it; under_way: 0 when all have it.
CREATE TABLE announcement (
  id INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  audience INTEGER NOT NULL,
  audience_value TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  delivered_to BLOB NOT NULL,
  under_way INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX announcement_under_way ON announcement (under_way, id);
