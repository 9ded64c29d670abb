-- Which positions a request was given, so that asking twice appends once.
CREATE TABLE log.idempotency_keys (
    key text COLLATE "C" NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (key)
);
