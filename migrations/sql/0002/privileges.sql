-- The tree grows under the writer's hand, and is refused anything else.
CREATE TRIGGER tiles_are_kept
BEFORE DELETE OR TRUNCATE ON log.tiles
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

CREATE TRIGGER checkpoints_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON log.checkpoints
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

CREATE TRIGGER seal_keys_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON log.seal_keys
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

GRANT SELECT, INSERT, UPDATE ON log.tiles TO ledger_writer;
GRANT SELECT, INSERT ON log.checkpoints, log.seal_keys TO ledger_writer;
REVOKE ALL ON FUNCTION log.tile_grows() FROM PUBLIC;
