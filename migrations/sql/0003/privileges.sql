-- What left has left: members are added with their release, and neither changed nor taken out.
-- Who is erased loses the number that belongs to the id (guarded.patients), and with it the name.
CREATE TRIGGER release_members_are_append_only
BEFORE UPDATE OR DELETE OR TRUNCATE ON guarded.release_members
FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

GRANT SELECT, INSERT ON guarded.release_members TO ledger_writer;
