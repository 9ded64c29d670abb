-- What the ledger has put its name to of the looks, under an origin of its own.
CREATE TABLE log.look_checkpoints (
    size bigint NOT NULL,
    note text NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_look_checkpoints PRIMARY KEY (size)
);
