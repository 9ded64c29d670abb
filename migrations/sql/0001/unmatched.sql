-- What came without a usable NHS number: kept until somebody knows whose it is.
CREATE TABLE guarded.unmatched (
    practice text COLLATE "C" NOT NULL,
    clinical_system text COLLATE "C" NOT NULL,
    entry_id text COLLATE "C" NOT NULL,
    number_as_sent text,
    source_patient text COLLATE "C",
    stream text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    resolved_position bigint,
    CONSTRAINT pk_unmatched PRIMARY KEY (practice, clinical_system, entry_id)
);
