-- What earlier deliveries told that later ones take for granted.
CREATE TABLE guarded.source_references (
    clinical_system text COLLATE "C" NOT NULL,
    scope text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    value text NOT NULL,
    CONSTRAINT pk_source_references PRIMARY KEY (clinical_system, scope, kind, key)
);
