-- Templates: what they say, how they live, and what customers make of them. The row that admissions read is in 0002.

-- components: the parts as they were last proposed, as JSON. parameter_format: 1 positional, 2 named. previous_category: 0 as long as the platform has
-- not corrected it. ttl_seconds: 0 when the business did not say. quality: 0 unknown, 1 green, 2 yellow, 3 red. before: the status an appeal is against.
CREATE TABLE template_life (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  components TEXT NOT NULL,
  parameter_format INTEGER NOT NULL,
  previous_category INTEGER NOT NULL DEFAULT 0,
  allow_category_change INTEGER NOT NULL DEFAULT 1,
  ttl_seconds INTEGER NOT NULL DEFAULT 0,
  quality INTEGER NOT NULL DEFAULT 0,
  quality_at INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT 'NONE',
  explanation TEXT NOT NULL DEFAULT '',
  pauses INTEGER NOT NULL DEFAULT 0,
  greeting INTEGER NOT NULL DEFAULT 0,
  before INTEGER NOT NULL DEFAULT 0,
  review_case BLOB,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (business, id)
) STRICT;

-- Every text that was approved. It outlives its template as long as messages of it may be under way.
CREATE TABLE template_text (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  category INTEGER NOT NULL,
  parameter_format INTEGER NOT NULL,
  components TEXT NOT NULL,
  superseded_at INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (business, id, version)
) STRICT;
CREATE INDEX template_text_name ON template_text (business, name, superseded_at);
CREATE INDEX template_text_superseded ON template_text (superseded_at) WHERE superseded_at > 0;

-- What happened to a template. kind: 1 created, 2 edited while approved, 3 appealed for, 4 approved, 5 rejected, 6 paused, 7 disabled, 8 sent again,
-- 9 deleted, 10 its category corrected, 11 edited otherwise.
CREATE TABLE template_change (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (business, id, seq)
) STRICT;
CREATE INDEX template_change_kind ON template_change (business, kind, at);

-- Names of deleted templates that cannot be used yet.
CREATE TABLE template_name_block (
  business BLOB NOT NULL,
  name TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (business, name)
) STRICT;
CREATE INDEX template_name_block_until ON template_name_block (until);

-- Messages of a template that were read, and customers who blocked or reported the business after one, by day since 1970. changed: not rated yet.
CREATE TABLE template_feedback (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  reads INTEGER NOT NULL DEFAULT 0,
  against INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (business, id, day)
) STRICT;
CREATE INDEX template_feedback_changed ON template_feedback (day) WHERE changed = 1;
CREATE INDEX template_feedback_day ON template_feedback (day);

-- Who was against a template, and when last: nobody counts twice.
CREATE TABLE template_against (
  business BLOB NOT NULL,
  id INTEGER NOT NULL,
  customer BLOB NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (business, id, customer)
) STRICT;
CREATE INDEX template_against_at ON template_against (at);

-- How new a pack is; it stays when its last text is gone, so that a serial never comes again.
CREATE TABLE template_pack (
  business BLOB NOT NULL,
  name TEXT NOT NULL,
  serial INTEGER NOT NULL,
  PRIMARY KEY (business, name)
) STRICT;

CREATE INDEX template_paused ON template (paused_until) WHERE status = 4;
