"""What are the hashes of a log's leaves, made anew from what its events, or its looks, say?

A tile at a time, beside what is kept of it. RFC 6962's prefix of a leaf and the leaf's bytes, as
`leaf.py` and `migrations/sql/0006/look_hash.sql` tell them, are written out by the database, which spares making a value of each field to
write it out again. They are hashed here, while the database reads on.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from struct import Struct, unpack
from typing import NamedTuple

from sqlalchemy import Connection, text

from ledger.store.merkle import HASH, WIDTH, TileAt
from ledger.store.seal import EVENTS, LOOKS, Trunk


class Rehashed(NamedTuple):
    """The hashes `made` of the events below a tile, those `kept` with the events, and those in
    the tile itself. Where an event is missing, so are its hashes.
    """

    where: TileAt
    made: list[bytes]
    kept: memoryview
    tile: memoryview


class Leaf(NamedTuple):
    """The hash of the event at a position, as it is made anew and as it is kept with it."""

    position: int
    made: bytes
    kept: bytes


def rehash(
    connection: Connection, of: Trunk, take: Callable[[Rehashed], None], *, after: int, upto: int
) -> None:
    """Have the tiles over these events taken one by one, in order. `after` is where one begins.

    `take` may not ask the connection for anything: it is still being read from.
    """
    last = f"least(before + {WIDTH}, {upto})"
    leaves = _leaves(of, after="before", upto=last)
    tiles = _TILES.format(
        after=after, upto=upto, width=WIDTH, hash=HASH, leaves=leaves, tiles=of.tiles.fullname
    )
    connection.connection.cursor().copy_expert(tiles, _Rows(take, after // WIDTH))


def rehash_each(connection: Connection, of: Trunk, *, after: int, upto: int) -> list[Leaf]:
    """The same leaf by leaf, of a tile in which something is wrong."""
    rows = connection.execute(text(_leaves(of, after=f"{after}", upto=f"{upto}")))
    return [
        Leaf(position, sha256(leaf or b"").digest(), bytes(kept or b""))
        for position, kept, leaf in rows
    ]


def _leaves(of: Trunk, *, after: str, upto: str) -> str:
    told = {"leaf": _LEAF_OF[of.name], "log": of.kept.fullname}
    return _LEAVES.format(**told, after=after, upto=upto, limit=WIDTH + 1)


# Without a cast to bigint: no time that somebody put there ends the reading. The limit, which takes
# one event too many if two have a position, tells the planner how few there are.
_LEAVES = """
    SELECT position, leaf_hash, '\\x00'::bytea || {leaf} AS leaf
    FROM {log}
    WHERE position > {after} AND position <= {upto}
    ORDER BY position
    LIMIT {limit}
"""
_LEAF_OF = {
    EVENTS.name: """
        convert_to(
            position || E'\\n' || stream || E'\\n' || version || E'\\n' || topic || E'\\n'
            || trunc(extract(epoch FROM recorded_at) * 1000000) || E'\\n',
            'UTF8'
        )
        || state
    """,
    LOOKS.name: """
        convert_to(
            position || E'\\n'
            || trunc(extract(epoch FROM looked_at) * 1000000) || E'\\n'
            || to_json(request) || E'\\n' || to_json(way) || E'\\n' || to_json(who) || E'\\n'
            || to_json(role) || E'\\n' || array_to_json(acting_for) || E'\\n'
            || to_json(shown) || E'\\n' || spoke_of || E'\\n'
            || array_to_json(practices) || E'\\n' || array_to_json(patients) || E'\\n'
            || coalesce(to_json(reason)::text, 'null') || E'\\n',
            'UTF8'
        )
    """,
}
# The events of a tile in one row, behind their lengths: a row and a message for each event cost both
# sides more than its bytes. The rows come in the order of the series, for nothing else can
# begin the loop; sorted, they would all be kept until the last. A value in PostgreSQL has 1 GB at
# most, which is 4 MB for each of 256 events.
_TILES = """
COPY (
    SELECT
        coalesce(lengths, ''),
        coalesce(leaves, ''),
        coalesce(kept, ''),
        coalesce((SELECT hashes FROM {tiles} WHERE level = 0 AND index = before / {width}), '')
    FROM generate_series({after}, {upto} - 1, {width}) AS before
    CROSS JOIN LATERAL (
        SELECT
            string_agg(int4send(octet_length(leaf)), '') AS lengths,
            string_agg(leaf, '') AS leaves,
            string_agg(leaf_hash, '') FILTER (WHERE octet_length(leaf_hash) = {hash}) AS kept
        FROM ({leaves}) AS told_each
    ) AS told
) TO STDOUT (FORMAT binary)
"""
_HEADER, _END = 19, b"\xff\xff"
# Before a row's fields stands how many there are (2 bytes), and before each its length.
_COUNT, _LENGTH = 2, Struct(">i")


class _Rows:
    """Takes a binary COPY (https://www.postgresql.org/docs/current/sql-copy.html) as it comes."""

    def __init__(self, take: Callable[[Rehashed], None], number: int) -> None:
        self._take, self._number = take, number

    def write(self, row: bytes) -> None:
        """The next row. The header comes with the first, and a trailer after the last."""
        if row == _END:
            return
        told, leaves, kept, tile = _fields(row)
        lengths = unpack(f">{len(told) // _LENGTH.size}i", told)
        made = [sha256(leaf).digest() for leaf in unpack("%ds" * len(lengths) % lengths, leaves)]
        self._take(Rehashed(TileAt(0, self._number), made, kept, tile))
        self._number += 1


def _fields(row: bytes) -> Iterator[memoryview]:
    """The fields of a row, none of which is null."""
    rest = memoryview(row)[(_HEADER if row[0] else 0) + _COUNT :]
    while rest:
        (length,) = _LENGTH.unpack_from(rest)
        yield rest[_LENGTH.size :][:length]
        rest = rest[_LENGTH.size + length :]
