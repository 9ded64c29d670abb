-- log: what was recorded. guarded: what identifies a patient. projection: what can be made again
-- from the log, made by the projector; projection_fresh: where it makes it before it swaps.
--
-- The schema `log` is made before the first migration, to hold Alembic's own table.
CREATE SCHEMA guarded;
CREATE SCHEMA projection AUTHORIZATION ledger_writer;
CREATE SCHEMA projection_fresh AUTHORIZATION ledger_writer;
