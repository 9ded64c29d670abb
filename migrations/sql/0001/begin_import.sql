-- Where an import is staged: a temporary table, gone with the transaction, for COPY to fill.
--
-- append_staged() will read it with its owner's rights. So the caller must not be able to put
-- anything there but rows (a view, a trigger or a rule would run with those rights): the table
-- belongs to the functions' owner, and the caller may do nothing with it but INSERT.
CREATE FUNCTION log.begin_import() RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    CREATE TEMPORARY TABLE staged_events (
        ordinal bigint NOT NULL,
        stream text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        topic text NOT NULL,
        state bytea NOT NULL
    ) ON COMMIT DROP;
    GRANT INSERT ON TABLE pg_temp.staged_events TO ledger_writer;
END
$$;
