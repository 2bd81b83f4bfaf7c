-- phone_seen_at: when a message from or to the contact's number was last seen; phone_hidden: 1 when it shows no more, since he has a username.
ALTER TABLE contact ADD COLUMN phone_seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE contact ADD COLUMN phone_hidden INTEGER NOT NULL DEFAULT 0;
UPDATE contact SET phone_seen_at = created_at;

-- The devices of a customer: his keys.
CREATE TABLE contact_device (
    business BLOB NOT NULL,
    contact BLOB NOT NULL,
    device BLOB NOT NULL,
    PRIMARY KEY (business, contact, device)
) STRICT;

-- The picture that the business shows of itself: a JPEG, named by its hash.
CREATE TABLE profile_picture (
    business BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    data BLOB NOT NULL
) STRICT;

-- For which keys of the customer a message was sent, when a program named them.
CREATE TABLE message_identity (
    business BLOB NOT NULL,
    message BLOB NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (business, message)
) STRICT;

-- The version of the Cloud API in which an app is told of events: the one in which it subscribed.
ALTER TABLE subscription ADD COLUMN version INTEGER NOT NULL DEFAULT 23;
