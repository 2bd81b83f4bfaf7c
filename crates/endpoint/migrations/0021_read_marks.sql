-- What a customer has read is found by walking back from there to what he had read before, and not by an index of what is unread: each status of each message
-- moved its entry, at a place of its own for each chat. In a group it is noted how far each participant has read, in places of the chat.
DROP INDEX message_unread;
ALTER TABLE group_participant ADD COLUMN read_ord INTEGER NOT NULL DEFAULT 0;
