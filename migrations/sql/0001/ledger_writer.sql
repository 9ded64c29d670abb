-- Who may do what: the role every session of the application runs as.
--
-- Privileges are the interface of the log. The writer may call the append functions and read;
-- it may not INSERT, UPDATE or DELETE an event, with or without the trigger.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ledger_writer') THEN
        CREATE ROLE ledger_writer NOLOGIN;
    END IF;
EXCEPTION
    -- Roles belong to the whole server: another ledger beside this one was made just now.
    WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

-- So that SET ROLE works. A superuser needs no membership; and granting only where it is
-- missing keeps two migrations of one server from updating the same row of pg_auth_members.
DO $$
BEGIN
    -- Since PostgreSQL 16 membership alone does not allow SET ROLE, and has a name of its own.
    IF NOT pg_has_role(
        current_user, 'ledger_writer',
        CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END
    )
    THEN
        EXECUTE format('GRANT ledger_writer TO %I', current_user);
    END IF;
    -- Imports are staged in a temporary table; everybody may make one unless that was revoked.
    IF NOT has_database_privilege('ledger_writer', current_database(), 'TEMPORARY') THEN
        EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO ledger_writer', current_database());
    END IF;
END
$$;
