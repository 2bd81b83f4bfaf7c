-- Every table is led by its distribution key, the business; the small directory tables are keyed by the value they find.

CREATE TABLE business (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    slug TEXT NOT NULL,
    hosted_by TEXT NOT NULL,
    trust TEXT NOT NULL,
    phone TEXT NOT NULL,
    phone_number_id INTEGER NOT NULL,
    waba_id INTEGER NOT NULL,
    device BLOB NOT NULL,
    certificate BLOB NOT NULL,
    network_key BLOB NOT NULL,
    seed_sealed BLOB NOT NULL,
    log_cursor INTEGER NOT NULL,
    window_millis INTEGER NOT NULL,
    business_renews_window INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- Which business a Cloud API id belongs to. kind: phone_number, waba, app.
CREATE TABLE graph_id (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    business BLOB NOT NULL
) STRICT;

CREATE TABLE app (
    business BLOB NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    secret_sealed BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;

CREATE TABLE token (
    hash BLOB NOT NULL PRIMARY KEY,
    business BLOB NOT NULL,
    app INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- name_folded: the name in lower case, since SQLite's own folding knows ASCII only.
CREATE TABLE contact (
    business BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    name_folded TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;

-- What a contact is known by. kind: account, phone, user_id; later username and the ids of other networks.
CREATE TABLE contact_alias (
    business BLOB NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    contact BLOB NOT NULL,
    PRIMARY KEY (business, kind, value)
) STRICT;
CREATE INDEX contact_alias_contact ON contact_alias (business, contact);

-- incoming: how many messages the customer has sent; an operator's unread count is that less what he has seen.
CREATE TABLE chat (
    business BLOB NOT NULL,
    id BLOB NOT NULL,
    contact BLOB NOT NULL,
    window_until INTEGER,
    incoming INTEGER NOT NULL,
    last_ord INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;
CREATE INDEX chat_updated ON chat (business, updated_at, id);
CREATE UNIQUE INDEX chat_contact ON chat (business, contact);

CREATE TABLE chat_seen (
    business BLOB NOT NULL,
    chat BLOB NOT NULL,
    operator BLOB NOT NULL,
    incoming INTEGER NOT NULL,
    PRIMARY KEY (business, chat, operator)
) STRICT;

-- status: 0 pending, 1 sent, 2 delivered, 3 read, 9 failed. incoming_no: the customer's n-th message; 0 on the business's own.
CREATE TABLE message (
    business BLOB NOT NULL,
    chat BLOB NOT NULL,
    ord INTEGER NOT NULL,
    id BLOB NOT NULL,
    from_business INTEGER NOT NULL,
    text TEXT NOT NULL,
    preview_url INTEGER NOT NULL,
    reply_to BLOB,
    at INTEGER NOT NULL,
    status INTEGER NOT NULL,
    error_code INTEGER NOT NULL,
    error_detail TEXT NOT NULL,
    operator BLOB,
    via TEXT NOT NULL,
    app INTEGER,
    callback_data TEXT NOT NULL,
    incoming_no INTEGER NOT NULL,
    PRIMARY KEY (business, chat, ord)
) STRICT;
CREATE UNIQUE INDEX message_id ON message (business, id);
CREATE INDEX message_unread ON message (business, chat, status, ord) WHERE from_business = 1 AND status < 3;

-- MLS state, sealed under the key file. The cold part changes with the group, the hot part with every message.
CREATE TABLE mls_group (
    business BLOB NOT NULL,
    chat BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (business, chat)
) STRICT;
CREATE TABLE mls_ratchet (
    business BLOB NOT NULL,
    chat BLOB NOT NULL,
    version INTEGER NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (business, chat)
) STRICT;

-- Changes of groups that are still to be made: a device to add or to remove.
CREATE TABLE group_change (
    business BLOB NOT NULL,
    chat BLOB NOT NULL,
    device BLOB NOT NULL,
    adds INTEGER NOT NULL,
    PRIMARY KEY (business, chat, device)
) STRICT;

-- What the network has not taken yet, in order. kind: message, control, read. payload: the frame's body; empty while it waits for its group.
CREATE TABLE outbox (
    business BLOB NOT NULL,
    seq INTEGER NOT NULL,
    chat BLOB NOT NULL,
    message BLOB NOT NULL,
    kind TEXT NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (business, seq)
) STRICT;

CREATE TABLE subscription (
    business BLOB NOT NULL,
    app INTEGER NOT NULL,
    object TEXT NOT NULL,
    callback_url TEXT NOT NULL,
    verify_token TEXT NOT NULL,
    fields TEXT NOT NULL,
    PRIMARY KEY (business, app, object)
) STRICT;

CREATE TABLE waba_app (
    business BLOB NOT NULL,
    app INTEGER NOT NULL,
    override_callback_uri TEXT,
    override_verify_token TEXT,
    PRIMARY KEY (business, app)
) STRICT;

-- Webhook deliveries under way. One lane per app and conversation is delivered in the order of seq.
CREATE TABLE delivery (
    business BLOB NOT NULL,
    seq INTEGER NOT NULL,
    app INTEGER NOT NULL,
    chat BLOB NOT NULL,
    body BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    PRIMARY KEY (business, seq)
) STRICT;

CREATE TABLE operator (
    business BLOB NOT NULL,
    id BLOB NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;
CREATE UNIQUE INDEX operator_email ON operator (email, business);

CREATE TABLE sign_in (
    hash BLOB NOT NULL PRIMARY KEY,
    business BLOB NOT NULL,
    operator BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    hash BLOB NOT NULL PRIMARY KEY,
    business BLOB NOT NULL,
    operator BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_operator ON session (business, operator);
CREATE INDEX sign_in_operator ON sign_in (business, operator);
