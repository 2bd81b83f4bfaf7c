-- Which node has the device's connection: 16 bytes, or none. Of use where several nodes share one store.
-- only sqlite
ALTER TABLE mailbox ADD COLUMN node BLOB NOT NULL DEFAULT X'';
ALTER TABLE mailbox ADD COLUMN node_before BLOB NOT NULL DEFAULT X'';

-- only postgres
ALTER TABLE mailbox ADD COLUMN node BLOB NOT NULL DEFAULT '';
-- The one before that, so that whoever comes learns whom he follows.
ALTER TABLE mailbox ADD COLUMN node_before BLOB NOT NULL DEFAULT '';
