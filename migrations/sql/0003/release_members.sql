-- Whose data left with which release. Random ids alone, also for numbers the ledger had never met:
-- an objection may become known later. The event of the release holds a keyed digest of its members.
CREATE TABLE guarded.release_members (
    patient uuid NOT NULL,
    release uuid NOT NULL,
    CONSTRAINT pk_release_members PRIMARY KEY (patient, release)
);

CREATE INDEX ix_release_members_release ON guarded.release_members (release);
