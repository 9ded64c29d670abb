-- What a proof of a look is over: RFC 6962's leaf hash of everything it says, a line of JSON a
-- field, so that no two looks have the same bytes. The same in ledger/store/rehashing.py, which
-- trusts no function of the database.
CREATE FUNCTION log.look_hash(
    look_position bigint,
    looked_at timestamptz,
    request text,
    way text,
    who text,
    role text,
    acting_for text[],
    shown text,
    spoke_of bigint,
    practices text[],
    patients uuid[],
    reason text
) RETURNS bytea
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN sha256(
    '\x00'::bytea
    || convert_to(
        look_position::text || chr(10)
        || (extract(epoch FROM looked_at) * 1000000)::bigint::text || chr(10)
        || to_json(request)::text || chr(10)
        || to_json(way)::text || chr(10)
        || to_json(who)::text || chr(10)
        || to_json(role)::text || chr(10)
        || array_to_json(acting_for)::text || chr(10)
        || to_json(shown)::text || chr(10)
        || spoke_of::text || chr(10)
        || array_to_json(practices)::text || chr(10)
        || array_to_json(patients)::text || chr(10)
        || coalesce(to_json(reason)::text, 'null') || chr(10),
        'UTF8'
    )
);
