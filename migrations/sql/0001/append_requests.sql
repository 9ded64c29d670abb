-- The way in for many callers' events in one transaction (ledger/store/group_commit.py).
--
-- `sizes` says how many events each request has, `keys` its idempotency key or NULL. Either all
-- requests are appended, or the first that cannot be fails them all: the caller then asks for
-- each apart, where each gets its own answer. A key used before fails here too (LG004).
CREATE FUNCTION log.append_requests(
    sizes integer[],
    keys text[],
    streams text[],
    versions integer[],
    topics text[],
    states bytea[],
    OUT first_position bigint,
    OUT last_position bigint
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    SELECT appended.first_position, appended.last_position INTO first_position, last_position
    FROM log.append_events(streams, versions, topics, states) AS appended;

    INSERT INTO log.idempotency_keys (key, first_position, last_position)
    SELECT request.key, request.upto - request.size + 1, request.upto
    FROM (
        SELECT
            given.key,
            given.size,
            append_requests.first_position - 1 + sum(given.size) OVER (ORDER BY given.ordinal) AS upto
        FROM unnest(sizes, keys) WITH ORDINALITY AS given (size, key, ordinal)
    ) AS request
    WHERE request.key IS NOT NULL;
EXCEPTION
    WHEN unique_violation THEN
        RAISE EXCEPTION 'a request among these was appended before' USING ERRCODE = 'LG004';
END
$$;
