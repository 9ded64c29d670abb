-- What is told to others: no part of the log, and not made again from it either, because what was
-- told once is not told twice.
CREATE SCHEMA outbox;
