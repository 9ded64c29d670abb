-- The way in for many events: what begin_import() staged, all of it or none, in its order.
--
-- The same lock, the same checks and the same times as append_events(), but set-based. A
-- version is the next one if the version before it is there: staged earlier, or kept. That it
-- is not there already is the unique key's to refuse.
CREATE FUNCTION log.append_staged(
    idempotency_key text DEFAULT NULL,
    recorded_at timestamptz DEFAULT NULL,
    OUT first_position bigint,
    OUT last_position bigint
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET work_mem = '256MB'
AS $$
DECLARE
    staged regclass := to_regclass('pg_temp.staged_events');
    head bigint;
    now_recorded timestamptz;
    number_of_events bigint;
    opening record;
    wrong record;
    broken text;
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid = staged AND c.relkind = 'r' AND c.relpersistence = 't'
          AND c.relowner = current_user::regrole
    ) THEN
        RAISE EXCEPTION 'nothing is staged: call log.begin_import() and COPY into staged_events'
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;

    head := log.lock_log();

    IF idempotency_key IS NOT NULL THEN
        SELECT k.first_position, k.last_position INTO first_position, last_position
        FROM log.idempotency_keys AS k WHERE k.key = idempotency_key;
        IF FOUND THEN
            DROP TABLE pg_temp.staged_events;
            RETURN;
        END IF;
    END IF;

    SELECT count(*) INTO number_of_events FROM pg_temp.staged_events;
    IF number_of_events = 0 THEN
        DROP TABLE pg_temp.staged_events;
        RETURN;
    END IF;
    -- With distinct ordinals, which the primary key sees to, this makes positions contiguous.
    IF EXISTS (
        SELECT FROM pg_temp.staged_events AS s WHERE s.ordinal NOT BETWEEN 1 AND number_of_events
    ) THEN
        RAISE EXCEPTION 'staged events are to be numbered from 1 to %', number_of_events
            USING ERRCODE = 'invalid_parameter_value';
    END IF;

    SELECT s.topic, s.state INTO opening FROM pg_temp.staged_events AS s WHERE s.ordinal = 1;
    now_recorded := log.time_of_append(recorded_at, head, opening.topic, opening.state);

    SELECT s.stream, s.version INTO wrong
    FROM pg_temp.staged_events AS s
    LEFT JOIN pg_temp.staged_events AS before
        ON before.stream = s.stream AND before.version = s.version - 1 AND before.ordinal < s.ordinal
    WHERE before.stream IS NULL AND s.version <> 1
      -- A subquery for each row, rather than a join: it must go through the index.
      AND (SELECT e.version FROM log.events AS e
           WHERE e.stream = s.stream AND e.version = s.version - 1) IS NULL
    ORDER BY s.ordinal
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'version % of stream % was given, but version % is not there',
            wrong.version, wrong.stream, wrong.version - 1
            USING ERRCODE = 'LG002', HINT = 'Read the stream again and decide again.';
    END IF;

    BEGIN
        INSERT INTO log.events (position, stream, version, topic, state, recorded_at, leaf_hash)
        SELECT
            head + s.ordinal, s.stream, s.version, s.topic, s.state, now_recorded,
            log.leaf_hash(head + s.ordinal, s.stream, s.version, s.topic, now_recorded, s.state)
        FROM pg_temp.staged_events AS s;
    EXCEPTION
        WHEN unique_violation THEN
            GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
            IF broken <> 'uq_events_stream_version' THEN
                RAISE;
            END IF;
            SELECT s.stream, s.version INTO wrong
            FROM pg_temp.staged_events AS s
            WHERE EXISTS (SELECT FROM log.events AS e
                          WHERE e.stream = s.stream AND e.version = s.version)
               OR EXISTS (SELECT FROM pg_temp.staged_events AS other
                          WHERE other.stream = s.stream AND other.version = s.version
                            AND other.ordinal < s.ordinal)
            ORDER BY s.ordinal
            LIMIT 1;
            RAISE EXCEPTION 'version % of stream % was given, but is there already',
                wrong.version, wrong.stream
                USING ERRCODE = 'LG002', HINT = 'Read the stream again and decide again.';
    END;
    DROP TABLE pg_temp.staged_events;

    first_position := head + 1;
    last_position := head + number_of_events;
    IF idempotency_key IS NOT NULL THEN
        INSERT INTO log.idempotency_keys (key, first_position, last_position)
        VALUES (idempotency_key, append_staged.first_position, append_staged.last_position);
    END IF;
    PERFORM pg_notify('ledger_events', last_position::text);
END
$$;
