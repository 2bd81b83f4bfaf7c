-- What was set of a business's number and account, as JSON: a row for each subject (suki_endpoint::settings).
CREATE TABLE setting (
    business BLOB NOT NULL,
    subject TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (business, subject)
) STRICT;

-- Links that open a chat with a text in the composer.
CREATE TABLE qr_link (
    business BLOB NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (business, code)
) STRICT;
CREATE INDEX qr_link_created ON qr_link (business, created_at, code);

-- Whose link a code is: who opens one knows nothing else.
CREATE TABLE qr_code (
    code TEXT NOT NULL PRIMARY KEY,
    business BLOB NOT NULL
) STRICT;
