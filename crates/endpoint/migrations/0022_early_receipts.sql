-- Receipts that came before it was stored that the network has taken their message. contact: the participant of a group; empty where there is one customer.
-- status: as the receipt says it.
CREATE TABLE early_receipt (
    business BLOB NOT NULL,
    message BLOB NOT NULL,
    contact BLOB NOT NULL,
    status INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (business, message, contact, status)
) STRICT;
