-- The Merkle tree over the looks, as log.tiles is the one over the events.
CREATE TABLE log.look_tiles (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT pk_look_tiles PRIMARY KEY (level, index),
    CONSTRAINT ck_look_tiles_level CHECK (level BETWEEN 0 AND 7),
    CONSTRAINT ck_look_tiles_hashes CHECK (
        octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0
    )
);
-- Hashes do not compress.
ALTER TABLE log.look_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
