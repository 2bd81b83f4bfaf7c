-- A delivery stays after its end: the log of webhooks. hook: who is told, an app or an endpoint of the owner's. state: 0 waiting, 1 taken, 2 given up,
-- 3 dropped. origin: 0 live, 1 replayed, 2 a test. field, kind: the webhook field, and what of it: a message's type, a status, '' of the rest.
-- message: the message it tells of. refusals: how often it was refused by a receiver that was not down.
-- The last columns tell of the newest try; answer: the first bytes of what the receiver said.
DROP INDEX delivery_lane;
ALTER TABLE delivery RENAME COLUMN app TO hook;
ALTER TABLE delivery ADD COLUMN field TEXT NOT NULL DEFAULT 'messages';
ALTER TABLE delivery ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery ADD COLUMN message BLOB;
ALTER TABLE delivery ADD COLUMN origin INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN replay_of INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN tried_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN http_status INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN took_millis INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN answer BLOB;
ALTER TABLE delivery ADD COLUMN reason TEXT NOT NULL DEFAULT '';
-- What a hook still has to be told, in order.
CREATE INDEX delivery_waiting ON delivery (business, hook, seq) WHERE state = 0;
-- One conversation's part of the log, and of what waits.
CREATE INDEX delivery_chat ON delivery (business, chat, seq);
-- What never arrived.
CREATE INDEX delivery_lost ON delivery (business, state, seq) WHERE state > 1;

-- The tries of a delivery that failed; the newest ones.
CREATE TABLE delivery_attempt (
    business BLOB NOT NULL,
    seq INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    at INTEGER NOT NULL,
    http_status INTEGER NOT NULL,
    took_millis INTEGER NOT NULL,
    answer BLOB,
    reason TEXT NOT NULL,
    PRIMARY KEY (business, seq, attempt)
) STRICT;

-- A receiver that fails, until it takes something again.
CREATE TABLE webhook_failing (
    business BLOB NOT NULL,
    hook INTEGER NOT NULL,
    failing_since INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (business, hook)
) STRICT;

-- The owner's own endpoints beside those of Meta's API. app: whose secret signs where there is none of its own. filter: JSON.
CREATE TABLE webhook_endpoint (
    business BLOB NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,
    verify_token TEXT NOT NULL,
    app INTEGER,
    secret_sealed BLOB,
    filter TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;

-- The number's own address comes before the account's (Cloud API, section 3g).
ALTER TABLE waba_app ADD COLUMN phone_callback_uri TEXT;
ALTER TABLE waba_app ADD COLUMN phone_verify_token TEXT;
