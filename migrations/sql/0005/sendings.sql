-- A notice on its way to one webhook.
CREATE TABLE outbox.sendings (
    notice bigint NOT NULL,
    webhook text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    began_at timestamptz NOT NULL,
    next_try timestamptz NOT NULL,
    tried_at timestamptz,
    last_error text COLLATE "C",
    CONSTRAINT pk_sendings PRIMARY KEY (notice, webhook),
    CONSTRAINT fk_sendings_notice FOREIGN KEY (notice) REFERENCES outbox.notices (number),
    CONSTRAINT ck_sendings_state CHECK (state IN ('waiting', 'delivered', 'dead', 'dropped'))
);

CREATE INDEX ix_sendings_waiting ON outbox.sendings (webhook, next_try) WHERE state = 'waiting';
CREATE INDEX ix_sendings_dead ON outbox.sendings (webhook, notice) WHERE state = 'dead';
