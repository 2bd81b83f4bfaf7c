-- The newest emoji of each side on a message; '' when it was taken back. id: the reaction's own message.
CREATE TABLE message_reaction (
    business BLOB NOT NULL,
    message BLOB NOT NULL,
    from_business INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (business, message, from_business)
) STRICT;
