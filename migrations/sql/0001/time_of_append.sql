-- When is what is appended now recorded? Never earlier than what was appended before.
--
-- A live ledger takes the database's clock, whatever the caller says. A re-enactment, as
-- position 1 says it is, takes the caller's word. Call it under the lock.
CREATE FUNCTION log.time_of_append(
    asked timestamptz, last_position bigint, first_topic text, first_state bytea
) RETURNS timestamptz
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    last_time timestamptz;
    opening_topic text := first_topic;
    opening_state bytea := first_state;
BEGIN
    IF last_position > 0 THEN
        SELECT e.recorded_at INTO STRICT last_time
        FROM log.events AS e WHERE e.position = last_position;
        SELECT e.topic, e.state INTO STRICT opening_topic, opening_state
        FROM log.events AS e WHERE e.position = 1;
    END IF;

    IF opening_topic <> 'ledger-opened'
       OR convert_from(opening_state, 'UTF8')::jsonb ->> 'mode' IS DISTINCT FROM 're-enactment'
    THEN
        RETURN greatest(clock_timestamp(), last_time);
    END IF;

    IF asked < last_time THEN
        RAISE EXCEPTION 'recorded_at goes back: the log stands at %, but % was given',
            last_time, asked
            USING ERRCODE = 'LG003',
                  HINT = 'Append in the order of time, or leave recorded_at out.';
    END IF;
    RETURN coalesce(asked, last_time, clock_timestamp());
END
$$;
