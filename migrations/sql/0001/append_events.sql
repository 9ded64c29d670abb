-- The way in for a few events: all of them or none, in the order given.
--
-- A key that was used before appends nothing and returns the earlier positions, so that a
-- caller who never heard the answer can ask again.
--
-- A stream's versions are consecutive from 1. They may start at 0 too, for the `eventsourcing`
-- library counts so in places; the ledger's own way in (ledger/store/append.py) starts at 1.
CREATE FUNCTION log.append_events(
    streams text[],
    versions integer[],
    topics text[],
    states bytea[],
    idempotency_key text DEFAULT NULL,
    recorded_at timestamptz DEFAULT NULL,
    OUT first_position bigint,
    OUT last_position bigint
)
LANGUAGE plpgsql
SECURITY DEFINER
-- Nothing a caller made, in a schema or among temporary objects, is found by a bare name.
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    number_of_events integer := cardinality(streams);
    head bigint;
    now_recorded timestamptz;
    wrong record;
BEGIN
    IF number_of_events <> ALL (ARRAY[cardinality(versions), cardinality(topics), cardinality(states)])
       OR number_of_events = 0
    THEN
        RAISE EXCEPTION 'events are given as four arrays of one length, at least 1'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    head := log.lock_log();

    IF idempotency_key IS NOT NULL THEN
        SELECT k.first_position, k.last_position INTO first_position, last_position
        FROM log.idempotency_keys AS k WHERE k.key = idempotency_key;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;

    now_recorded := log.time_of_append(recorded_at, head, topics[1], states[1]);

    SELECT numbered.* INTO wrong
    FROM (
        SELECT
            given.ordinal,
            given.stream,
            given.version,
            row_number() OVER (PARTITION BY given.stream ORDER BY given.ordinal) - 1
            + coalesce(
                kept.version + 1,
                least(first_value(given.version) OVER (
                    PARTITION BY given.stream ORDER BY given.ordinal
                ), 1)
            ) AS expected
        FROM unnest(streams, versions) WITH ORDINALITY AS given (stream, version, ordinal)
        LEFT JOIN LATERAL (
            SELECT e.version FROM log.events AS e
            WHERE e.stream = given.stream ORDER BY e.version DESC LIMIT 1
        ) AS kept ON true
    ) AS numbered
    WHERE numbered.version <> numbered.expected
    ORDER BY numbered.ordinal
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'stream % is to go on with version %, but % was given',
            wrong.stream, wrong.expected, wrong.version
            USING ERRCODE = 'LG002', HINT = 'Read the stream again and decide again.';
    END IF;

    INSERT INTO log.events (position, stream, version, topic, state, recorded_at, leaf_hash)
    SELECT
        head + given.ordinal, given.stream, given.version, given.topic, given.state, now_recorded,
        log.leaf_hash(
            head + given.ordinal, given.stream, given.version, given.topic, now_recorded, given.state
        )
    FROM unnest(streams, versions, topics, states)
        WITH ORDINALITY AS given (stream, version, topic, state, ordinal);

    first_position := head + 1;
    last_position := head + number_of_events;
    IF idempotency_key IS NOT NULL THEN
        INSERT INTO log.idempotency_keys (key, first_position, last_position)
        VALUES (idempotency_key, append_events.first_position, append_events.last_position);
    END IF;
    PERFORM pg_notify('ledger_events', last_position::text);
END
$$;
