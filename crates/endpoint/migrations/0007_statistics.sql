-- What the network said a message costs, as programs are told it: JSON; '' of what was sent before prices were kept.
ALTER TABLE message ADD COLUMN price TEXT NOT NULL DEFAULT '';

-- What each operator did on a day (its first millisecond, UTC). operator: zeros of what programs sent.
CREATE TABLE operator_statistic (
    business BLOB NOT NULL,
    day INTEGER NOT NULL,
    operator BLOB NOT NULL,
    sent INTEGER NOT NULL,
    PRIMARY KEY (business, day, operator)
) STRICT;

-- How customers reacted on a day, by what their emoji says: 1 glad, 2 neither, 3 not glad.
CREATE TABLE mood (
    business BLOB NOT NULL,
    day INTEGER NOT NULL,
    feeling INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (business, day, feeling)
) STRICT;
