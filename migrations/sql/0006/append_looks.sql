-- The only way in for looks: all of them or none, in the order given (ledger/store/looks.py).
--
-- Whoever appends waits for whoever does so now, as with events and under another lock, so
-- positions have no gaps. The time is the database's, in a re-enactment too: the look is of today.
CREATE FUNCTION log.append_looks(looks jsonb) RETURNS bigint
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last_position bigint;
    last_time timestamptz;
BEGIN
    -- Under a snapshot taken before the lock we should not see who was before us.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'appending needs READ COMMITTED, this transaction is %',
            upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock(20180626, 6);
    SELECT l.position, l.looked_at INTO last_position, last_time
    FROM log.looks AS l ORDER BY l.position DESC LIMIT 1;
    last_position := coalesce(last_position, 0);
    last_time := greatest(clock_timestamp(), last_time);

    INSERT INTO log.looks (
        position, looked_at, request, way, who, role, acting_for, shown, spoke_of, practices,
        patients, reason, leaf_hash
    )
    SELECT
        last_position + l.ordinal, last_time, l.request, l.way, l.who, l.role, l.acting_for,
        l.shown, l.spoke_of, l.practices, l.patients, l.reason,
        log.look_hash(
            last_position + l.ordinal, last_time, l.request, l.way, l.who, l.role, l.acting_for,
            l.shown, l.spoke_of, l.practices, l.patients, l.reason
        )
    FROM ROWS FROM (
        jsonb_to_recordset(looks) AS (
            request text, way text, who text, role text, acting_for text[], shown text,
            spoke_of bigint, practices text[], patients uuid[], reason text
        )
    ) WITH ORDINALITY AS l (
        request, way, who, role, acting_for, shown, spoke_of, practices, patients, reason, ordinal
    );
    RETURN last_position + jsonb_array_length(looks);
END
$$;
