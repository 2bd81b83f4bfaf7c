-- What the business knows of its templates, as the network last told it. body: the template as the network writes it, JSON. folded: name and texts in
-- lower case, for searching. category and status: the words of the Cloud API.
CREATE TABLE template (
    business BLOB NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    category TEXT NOT NULL,
    status TEXT NOT NULL,
    quality TEXT NOT NULL,
    folded TEXT NOT NULL,
    body TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;
CREATE INDEX template_name ON template (business, name, language);

-- What the network said of all templates together, when they were last read from it. limits: JSON.
CREATE TABLE template_sync (
    business BLOB NOT NULL PRIMARY KEY,
    allowed INTEGER NOT NULL,
    limits TEXT NOT NULL,
    synced_at INTEGER NOT NULL
) STRICT;

-- kind: what a message is; `text` also holds the words of what is not a text. template_id: "<id>.<version>" of an approved text. content: what was
-- sent, where that is more than a text. shown: what its reader sees of it, JSON.
ALTER TABLE message ADD COLUMN kind TEXT NOT NULL DEFAULT 'text';
ALTER TABLE message ADD COLUMN template_id TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN template_category TEXT NOT NULL DEFAULT '';
ALTER TABLE message ADD COLUMN content BLOB;
ALTER TABLE message ADD COLUMN shown TEXT;

-- One chat's part of the outbox, in order.
CREATE INDEX outbox_chat ON outbox (business, chat, seq);
