-- What a contact lets the business do, as the network last said. Times of 0: not. word_at: when a word that stops was read here and the network was not told yet.
CREATE TABLE contact_consent (
    business BLOB NOT NULL,
    contact BLOB NOT NULL,
    consent_at INTEGER NOT NULL DEFAULT 0,
    consent_until INTEGER NOT NULL DEFAULT 0,
    stopped_at INTEGER NOT NULL DEFAULT 0,
    important_only INTEGER NOT NULL DEFAULT 0,
    saved INTEGER NOT NULL DEFAULT 0,
    word_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (business, contact)
) STRICT;
CREATE INDEX contact_consent_word ON contact_consent (business, contact) WHERE word_at > 0;
