-- Looks are appended by the one function and read; neither writer nor owner changes them.
CREATE TRIGGER looks_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON log.looks
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

CREATE TRIGGER look_tiles_are_kept
BEFORE DELETE OR TRUNCATE ON log.look_tiles
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

CREATE TRIGGER look_tile_grows BEFORE UPDATE ON log.look_tiles
FOR EACH ROW EXECUTE FUNCTION log.tile_grows();

CREATE TRIGGER look_checkpoints_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON log.look_checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

GRANT SELECT ON log.looks TO ledger_writer;
GRANT SELECT, INSERT, UPDATE ON log.look_tiles TO ledger_writer;
GRANT SELECT, INSERT ON log.look_checkpoints TO ledger_writer;
REVOKE ALL ON FUNCTION log.look_hash, log.append_looks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.append_looks TO ledger_writer;
