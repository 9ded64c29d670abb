-- How far each projection has read; locked while it reads on, so that each event counts once.
CREATE TABLE log.projection_positions (
    name text NOT NULL,
    position bigint NOT NULL,
    fingerprint text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_projection_positions PRIMARY KEY (name)
);
