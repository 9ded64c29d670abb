-- What a proof is over: RFC 6962's leaf hash of everything an event says, in one fixed form.
-- The same in Python: ledger/store/leaf.py.
CREATE FUNCTION log.leaf_hash(
    event_position bigint,
    stream text,
    version integer,
    topic text,
    recorded_at timestamptz,
    state bytea
) RETURNS bytea
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN sha256(
    '\x00'::bytea
    || convert_to(
        event_position::text || chr(10)
        || stream || chr(10)
        || version::text || chr(10)
        || topic || chr(10)
        -- Microseconds since 1970, exactly: extract() is numeric since PostgreSQL 14.
        || (extract(epoch FROM recorded_at) * 1000000)::bigint::text || chr(10),
        'UTF8'
    )
    || state
);
