-- Every public key that ever signed a checkpoint, so that old ones can be checked after a change.
CREATE TABLE log.seal_keys (
    key text COLLATE "C" NOT NULL,
    first_size bigint NOT NULL,
    CONSTRAINT pk_seal_keys PRIMARY KEY (key)
);
