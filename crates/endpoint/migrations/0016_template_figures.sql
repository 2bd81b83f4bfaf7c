-- How often customers pressed the quick replies of a template, by day (its first millisecond, UTC) and by what stands on them. The network reads neither.
CREATE TABLE template_click (
    business BLOB NOT NULL,
    template INTEGER NOT NULL,
    day INTEGER NOT NULL,
    button TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (business, template, day, button)
) STRICT;

-- What programs said of a template that no rule asks about: JSON.
CREATE TABLE template_extra (
    business BLOB NOT NULL,
    template INTEGER NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (business, template)
) STRICT;
