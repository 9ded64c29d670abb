"""Where is it kept?

server, postgres        the embedded PostgreSQL: who starts it, who stops it
engine, tables          connections as the writer's role; the tables Alembic keeps
append, group_commit    the only ways in: one SQL function under one lock
looks                   who looked at whom: a log of its own
together                one commit for many callers
log, leaf               reading events back; the bytes a proof is over
supersessions           whose entries bear on whom, from the log
recorder                the same log in the shape the `eventsourcing` library asks for
identities, unmatched,
source_records, source_patients,
source_registrations,
references, keys        what must never stand in the log, guarded and erasable
"""
