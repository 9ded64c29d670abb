-- The log. Nothing in it identifies a patient; nothing in it ever changes (refuse_change.sql).
-- Positions have no gaps, so that a gap is evidence.
CREATE TABLE log.events (
    position bigint NOT NULL,
    stream text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    topic text COLLATE "C" NOT NULL,
    state bytea NOT NULL,
    recorded_at timestamptz NOT NULL,
    leaf_hash bytea NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (position),
    CONSTRAINT uq_events_stream_version UNIQUE (stream, version),
    CONSTRAINT ck_events_position CHECK (position >= 1),
    CONSTRAINT ck_events_version CHECK (version >= 0),
    CONSTRAINT ck_events_stream CHECK (stream <> '' AND strpos(stream, chr(10)) = 0),
    CONSTRAINT ck_events_topic CHECK (topic <> '' AND strpos(topic, chr(10)) = 0),
    CONSTRAINT ck_events_leaf_hash CHECK (octet_length(leaf_hash) = 32)
);

-- Who is survived by whom (ledger/store/supersessions.py): few events among many, found by either.
CREATE INDEX ix_events_superseded ON log.events (stream) WHERE topic = 'number-superseded';
CREATE INDEX ix_events_superseded_by
    ON log.events (substring(encode(state, 'escape'), '"superseded_by":"([^"]+)"'))
    WHERE topic = 'number-superseded';
