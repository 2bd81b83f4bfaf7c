-- Groups of several customers. A group is a chat whose contact has the chat's own id and the group's subject as its name; no account is that contact.
-- graph: its id in the Cloud API. deleted_at: 0 as long as it is there.
CREATE TABLE customer_group (
    business BLOB NOT NULL,
    chat BLOB NOT NULL,
    graph INTEGER NOT NULL,
    deleted_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (business, chat)
) STRICT;
CREATE UNIQUE INDEX customer_group_graph ON customer_group (business, graph);

CREATE TABLE group_participant (
    business BLOB NOT NULL,
    chat BLOB NOT NULL,
    contact BLOB NOT NULL,
    joined_at INTEGER NOT NULL,
    PRIMARY KEY (business, chat, contact)
) STRICT;

-- Which participant wrote a message.
CREATE TABLE message_author (
    business BLOB NOT NULL,
    message BLOB NOT NULL,
    contact BLOB NOT NULL,
    PRIMARY KEY (business, message)
) STRICT;

-- How far a message of the business to a group came with each participant; status, error_code and price as in message.
CREATE TABLE message_recipient (
    business BLOB NOT NULL,
    message BLOB NOT NULL,
    contact BLOB NOT NULL,
    status INTEGER NOT NULL,
    error_code INTEGER NOT NULL,
    error_detail TEXT NOT NULL,
    price TEXT NOT NULL,
    PRIMARY KEY (business, message, contact)
) STRICT;
