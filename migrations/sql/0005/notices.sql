-- A breach as it was first seen open: what feeds list and webhooks are told. Nothing here
-- identifies a patient. A finding that closed and came back is another turn.
CREATE TABLE outbox.notices (
    number bigint GENERATED ALWAYS AS IDENTITY,
    finding text COLLATE "C" NOT NULL,
    turn integer NOT NULL,
    practice text COLLATE "C" NOT NULL,
    rule text COLLATE "C" NOT NULL,
    severity text COLLATE "C" NOT NULL,
    since date NOT NULL,
    found_at timestamptz NOT NULL,
    noticed_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT pk_notices PRIMARY KEY (number),
    CONSTRAINT uq_notices_finding_turn UNIQUE (finding, turn)
);

CREATE UNIQUE INDEX ix_notices_standing ON outbox.notices (finding) WHERE ended_at IS NULL;
CREATE INDEX ix_notices_practice ON outbox.notices (practice, number);
