-- Who was shown what, of which patients. Nobody is named: patients stand as their random ids, and
-- whoever was asked about and never met as a keyed hash of their number, a UUID of version 8.
--
-- A row is one request's look at the patients of the same practices, so that a practice sees whole
-- rows or none. No patient: all that the practices have; no practice either: everybody.
CREATE TABLE log.looks (
    position bigint NOT NULL,
    looked_at timestamptz NOT NULL,
    request text COLLATE "C" NOT NULL,
    way text COLLATE "C" NOT NULL,
    who text NOT NULL,
    role text COLLATE "C" NOT NULL,
    acting_for text[] COLLATE "C" NOT NULL,
    shown text COLLATE "C" NOT NULL,
    spoke_of bigint NOT NULL,
    practices text[] COLLATE "C" NOT NULL,
    patients uuid[] NOT NULL,
    reason text,
    leaf_hash bytea NOT NULL,
    CONSTRAINT pk_looks PRIMARY KEY (position),
    CONSTRAINT ck_looks_position CHECK (position >= 1),
    CONSTRAINT ck_looks_leaf_hash CHECK (octet_length(leaf_hash) = 32)
);

-- To index every patient of a long list would take longer than all else that keeps it: those are
-- gone through.
CREATE INDEX ix_looks_patients ON log.looks USING gin (patients)
WHERE cardinality(patients) BETWEEN 1 AND 100;
CREATE INDEX ix_looks_gone_through ON log.looks (position)
WHERE cardinality(patients) NOT BETWEEN 1 AND 100;
CREATE INDEX ix_looks_practices ON log.looks USING gin (practices);
CREATE INDEX ix_looks_who ON log.looks (who, position);
-- Random ids do not compress.
ALTER TABLE log.looks ALTER COLUMN patients SET STORAGE EXTERNAL;
