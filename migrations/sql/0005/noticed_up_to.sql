-- How far findings had come when notices were last taken: findings that are behind it are being
-- made again, and what they lack has not ended.
CREATE TABLE outbox.noticed_up_to (
    only_row boolean NOT NULL DEFAULT true,
    position bigint NOT NULL,
    CONSTRAINT pk_noticed_up_to PRIMARY KEY (only_row),
    CONSTRAINT ck_noticed_up_to_only_row CHECK (only_row)
);
