-- What was told stays told: nothing of it is deleted.
GRANT USAGE ON SCHEMA outbox TO ledger_writer;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA outbox TO ledger_writer;
