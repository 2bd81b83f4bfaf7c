-- Reactions of the business that are under way: each is a message of its own to the network, and none in the chat. message: what it stands on.
CREATE TABLE reaction_sent (
    business BLOB NOT NULL,
    id BLOB NOT NULL,
    chat BLOB NOT NULL,
    message BLOB NOT NULL,
    emoji TEXT NOT NULL,
    status INTEGER NOT NULL,
    app INTEGER,
    callback_data TEXT NOT NULL,
    price TEXT NOT NULL,
    PRIMARY KEY (business, id)
) STRICT;
