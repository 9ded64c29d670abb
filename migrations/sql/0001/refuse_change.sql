-- What is written stays: said to whoever may otherwise do everything, such as the owner.
-- A superuser can still switch triggers off, which is why the log has a Merkle tree.
CREATE FUNCTION log.refuse_change() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION '% of %.% is refused: the log is append-only',
        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'LG001',
              HINT = 'Record a new event that says what changed.';
END
$$;

CREATE TRIGGER events_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON log.events
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

CREATE TRIGGER idempotency_keys_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON log.idempotency_keys
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
