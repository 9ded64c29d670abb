-- Everybody who appends waits here, until whoever appends now commits or rolls back.
--
-- So positions have no gaps, commit order is position order, and no reader can miss an event.
-- The number is the day in 2018 on which Parliament was told of the missing objections.
CREATE FUNCTION log.lock_log() RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Under a snapshot taken before the lock we should not see who was before us.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'appending needs READ COMMITTED, this transaction is %',
            upper(current_setting('transaction_isolation'))
            USING ERRCODE = 'invalid_transaction_state';
    END IF;
    PERFORM pg_advisory_xact_lock(20180626);
    RETURN coalesce((SELECT max(e.position) FROM log.events AS e), 0);
END
$$;
