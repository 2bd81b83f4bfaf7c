-- permissions: the names of what a token is good for, with commas between them. Tokens that were made before were good for everything.
ALTER TABLE token ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE token ADD COLUMN permissions TEXT NOT NULL
    DEFAULT 'whatsapp_business_messaging,whatsapp_business_management,business_management,whatsapp_business_manage_events';
CREATE INDEX token_business ON token (business, created_at);

-- proof_required: requests without appsecret_proof are refused.
ALTER TABLE app ADD COLUMN proof_required INTEGER NOT NULL DEFAULT 0;

-- Codes that owners made for apps; each gives a token once. redirect_uri: what has to be named again; '' for none.
CREATE TABLE login_code (
    business BLOB NOT NULL,
    hash BLOB NOT NULL,
    app INTEGER NOT NULL,
    permissions TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (business, hash)
) STRICT;
CREATE INDEX login_code_business ON login_code (business, expires_at);
