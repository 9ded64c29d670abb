-- When a supplier's patients registered at the practice, objecting or not: who objects later had
-- registered before.
CREATE TABLE guarded.source_registrations (
    practice text COLLATE "C" NOT NULL,
    clinical_system text COLLATE "C" NOT NULL,
    registration text COLLATE "C" NOT NULL,
    source_patient text COLLATE "C" NOT NULL,
    registered_on date,
    deregistered_on date,
    CONSTRAINT pk_source_registrations PRIMARY KEY (practice, clinical_system, registration)
);

CREATE INDEX ix_source_registrations_source_patient
    ON guarded.source_registrations (practice, clinical_system, source_patient);
