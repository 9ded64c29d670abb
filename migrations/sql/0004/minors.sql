-- Who turns thirteen when, of those for whom somebody spoke before: gone once the log tells it.
CREATE TABLE guarded.minors (
    patient uuid NOT NULL,
    thirteen_on date NOT NULL,
    CONSTRAINT pk_minors PRIMARY KEY (patient)
);

CREATE INDEX ix_minors_thirteen_on ON guarded.minors (thirteen_on);

GRANT SELECT, INSERT, UPDATE, DELETE ON guarded.minors TO ledger_writer;
