-- Who a random patient id is. Erasing a patient sets the number to NULL: the id stays, and with
-- it the proof of the log.
CREATE TABLE guarded.patients (
    patient uuid NOT NULL,
    nhs_number text COLLATE "C",
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_patients PRIMARY KEY (patient),
    CONSTRAINT uq_patients_nhs_number UNIQUE (nhs_number)
);
