-- How often a person has moved to another number.
ALTER TABLE account ADD COLUMN moves INTEGER NOT NULL DEFAULT 0;
