-- The Merkle tree over the log, as tiles of up to 256 hashes (ledger/store/merkle.py).
CREATE TABLE log.tiles (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT pk_tiles PRIMARY KEY (level, index),
    CONSTRAINT ck_tiles_level CHECK (level BETWEEN 0 AND 7),
    CONSTRAINT ck_tiles_hashes CHECK (
        octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0
    )
);
-- Hashes do not compress.
ALTER TABLE log.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
