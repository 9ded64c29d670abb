-- What the ledger has put its name to; whoever holds a copy can tell if it ever says otherwise.
CREATE TABLE log.checkpoints (
    size bigint NOT NULL,
    note text NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_checkpoints PRIMARY KEY (size)
);
