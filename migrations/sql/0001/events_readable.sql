-- The log for people: `state` as jsonb. Proofs are over the exact bytes in log.events.
CREATE VIEW log.events_readable AS
SELECT
    position,
    stream,
    version,
    topic,
    convert_from(state, 'UTF8')::jsonb AS state,
    recorded_at,
    encode(leaf_hash, 'hex') AS leaf_hash
FROM log.events;
