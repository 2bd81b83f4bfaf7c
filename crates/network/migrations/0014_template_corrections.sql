-- The category that a template will have, as a person decided, and from when on; 0 as long as none was announced.
ALTER TABLE template_life ADD COLUMN next_category INTEGER NOT NULL DEFAULT 0;
ALTER TABLE template_life ADD COLUMN next_category_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX template_life_next ON template_life (next_category_at) WHERE next_category_at > 0;
