-- The ledger's own secrets, made when it is opened.
CREATE TABLE guarded.keys (
    name text NOT NULL,
    secret bytea NOT NULL,
    CONSTRAINT pk_keys PRIMARY KEY (name)
);
