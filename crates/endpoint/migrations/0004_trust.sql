-- What the network last said of a business's terms, name, number and level, as JSON (suki_protocol::calls::trust::TrustStatus).
CREATE TABLE trust (
    business BLOB NOT NULL PRIMARY KEY,
    status TEXT NOT NULL
) STRICT;
