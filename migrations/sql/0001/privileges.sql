-- Granted last, when everything it names is there. See ledger_writer.sql for the why.
GRANT USAGE ON SCHEMA log, guarded TO ledger_writer;

GRANT SELECT ON ALL TABLES IN SCHEMA log TO ledger_writer;
GRANT INSERT, UPDATE, DELETE ON log.projection_positions TO ledger_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA guarded TO ledger_writer;

-- PostgreSQL lets everybody call a new function; these run with their owner's rights.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA log FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    log.append_events, log.append_requests, log.begin_import, log.append_staged,
    log.leaf_hash, log.position_at
TO ledger_writer;
