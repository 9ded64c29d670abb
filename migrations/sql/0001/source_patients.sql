-- Which NHS number a supplier's own patient id means, because deltas do not repeat it.
CREATE TABLE guarded.source_patients (
    practice text COLLATE "C" NOT NULL,
    clinical_system text COLLATE "C" NOT NULL,
    source_patient text COLLATE "C" NOT NULL,
    nhs_number text COLLATE "C",
    number_as_sent text,
    left_out boolean NOT NULL DEFAULT false,
    died_on date,
    born_on date,
    last_number text COLLATE "C",
    CONSTRAINT pk_source_patients PRIMARY KEY (practice, clinical_system, source_patient)
);

CREATE INDEX ix_source_patients_nhs_number ON guarded.source_patients (nhs_number);
