-- What makes a delivery sent twice add nothing: every row kept, and a keyed hash of its content.
CREATE TABLE guarded.source_records (
    practice text COLLATE "C" NOT NULL,
    clinical_system text COLLATE "C" NOT NULL,
    entry_id text COLLATE "C" NOT NULL,
    content_hash bytea NOT NULL,
    patient uuid,
    position bigint NOT NULL,
    removed boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_source_records PRIMARY KEY (practice, clinical_system, entry_id)
);
