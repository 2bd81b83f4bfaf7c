-- What people decide about businesses, who they are, and the record of it that nobody can change unnoticed.

-- kind: 1 name, 2 verification, 3 number, 4 template, 5 report, 6 appeal. state: 1 open, 2 approved, 3 rejected, 4 withdrawn.
-- subject: what of the business it is about, as the part of the program that opened it names it. first: the case an appeal is against.
-- claimed_by: who has it before him until claimed_until, so that two do not decide one case.
CREATE TABLE review_case (
  case_id BLOB NOT NULL PRIMARY KEY,
  business BLOB NOT NULL,
  kind INTEGER NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 1,
  opened_at INTEGER NOT NULL,
  first BLOB,
  claimed_by BLOB,
  claimed_until INTEGER NOT NULL DEFAULT 0,
  decided_by BLOB,
  decided_at INTEGER NOT NULL DEFAULT 0,
  reason TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX review_case_state ON review_case (state, case_id);
CREATE INDEX review_case_queue ON review_case (state, kind, case_id);
CREATE INDEX review_case_business ON review_case (business, case_id);
CREATE INDEX review_case_subject ON review_case (business, kind, subject, state);

-- Chains of records; hash is SHA-256 over the hash before it and the record as JSON. business: whose rights it is about, if it is about one's.
-- actor_kind: 1 the program itself, 2 an operator of the console, 3 a business.
CREATE TABLE audit (
  chain TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor_kind INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  business BLOB,
  hash BLOB NOT NULL,
  PRIMARY KEY (chain, seq)
) STRICT;
CREATE INDEX audit_business ON audit (business, seq);

-- The newest record of each chain: without it, records cut off at the end would not be missed.
CREATE TABLE audit_head (
  chain TEXT NOT NULL PRIMARY KEY,
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;

-- only sqlite
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is appended to and never changed'); END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is appended to and never changed'); END;
-- only postgres
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit log is appended to and never changed'; END $$;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses();
-- both

-- The people of the console. role: reviewer, finance or admin. removed_at is 0 as long as he may sign in.
CREATE TABLE console_operator (
  operator BLOB NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  removed_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX console_operator_active ON console_operator (removed_at, created_at);

-- One-time links and sessions, by the hash of their secret.
CREATE TABLE console_sign_in (
  hash BLOB NOT NULL PRIMARY KEY,
  operator BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX console_sign_in_operator ON console_sign_in (operator);
CREATE INDEX console_sign_in_expires ON console_sign_in (expires_at);

CREATE TABLE console_session (
  hash BLOB NOT NULL PRIMARY KEY,
  operator BLOB NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX console_session_operator ON console_session (operator);
CREATE INDEX console_session_expires ON console_session (expires_at);
