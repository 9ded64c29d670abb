"""Is the log still what was signed, and if not, which position is the first that is wrong?

Every leaf is hashed anew from what its event says, every tile from the leaves, and every
checkpoint's root from the tiles; each is held against what is kept. Whoever altered an event, its
hash and the tiles above it would have to sign anew too, and whoever holds an older checkpoint
would see that.
"""

import struct
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from ledger.domain.refusals import NotAFact
from ledger.store.checkpoint import Checkpoint, Verifier, read_checkpoint
from ledger.store.log import head
from ledger.store.merkle import HASH, WIDTH, TileAt, Tiles, grown, root
from ledger.store.seal import reader
from ledger.store.tables import checkpoints

_BATCH = 64 * WIDTH
_LEAF_PREFIX = b"\x00"


class Wrong(NamedTuple):
    """What is wrong first: the position where it is known, and what there is to say of it."""

    position: int | None
    reason: str


class Verified(NamedTuple):
    """How many events, and how many checkpoints over them, were gone through; what was wrong."""

    events: int
    checkpoints: int
    wrong: Wrong | None


def verify(
    connection: Connection, verifiers: Sequence[Verifier], *, held: Checkpoint | None = None
) -> Verified:
    """Go through the whole log. `held` is a checkpoint somebody kept elsewhere, and trusts."""
    size = connection.execute(select(func.max(checkpoints.c.size))).scalar_one() or 0
    seen = 0
    for numbered in _leaves(connection):
        leaves = [leaf for _, leaf, _ in numbered]
        for expected, (position, leaf, kept) in enumerate(numbered, start=seen + 1):
            if position != expected:
                return Verified(seen, 0, Wrong(expected, "no event stands there: one was removed"))
            if leaf != kept:
                return Verified(seen, 0, Wrong(position, "the event is not what was appended"))
        wrong = _tiles_hold(connection, seen, leaves)
        if wrong is not None:
            return Verified(seen, 0, wrong)
        seen += len(leaves)
    if seen < size:
        reason = f"{size - seen} events that were signed are gone from the end of the log"
        return Verified(seen, 0, Wrong(seen + 1, reason))
    return _checkpoints_hold(connection, verifiers, held, seen)


def _tiles_hold(connection: Connection, size: int, leaves: Sequence[bytes]) -> Wrong | None:
    """Whether the tiles kept agree with these leaves, the next after `size`."""
    at = reader(connection, range(size, size + len(leaves)))
    for where, hashes in grown(size, leaves, _up_to(size, at)):
        kept = at(where)
        # The log may be ahead of the tree over it.
        held = hashes[: len(kept)]
        if held == kept[: len(held)]:
            continue
        if where.level == 0:
            offset = next(
                i for i in range(0, len(held), HASH) if held[i:][:HASH] != kept[i:][:HASH]
            )
            position = where.number * WIDTH + offset // HASH + 1
            return Wrong(position, "the event was altered after it had been sealed")
        return Wrong(None, f"tile {where.number} of level {where.level} is not what was sealed")
    return None


def _up_to(size: int, at: Tiles) -> Tiles:
    """The tiles as they were when the tree had this size."""

    def tail(where: TileAt) -> bytes:
        width = (size >> 8 * where.level) - where.number * WIDTH
        return at(where)[: width * HASH]

    return tail


def _checkpoints_hold(
    connection: Connection,
    verifiers: Sequence[Verifier],
    held: Checkpoint | None,
    seen: int,
) -> Verified:
    at = reader(connection)
    signed = connection.execute(
        select(checkpoints.c.size, checkpoints.c.note).order_by(checkpoints.c.size)
    ).all()
    notes: list[Checkpoint] = []
    for size, note in signed:
        try:
            checkpoint = read_checkpoint(note, verifiers)
        except NotAFact as refusal:
            return Verified(seen, len(notes), Wrong(size, str(refusal)))
        if checkpoint.size != size:
            return Verified(seen, len(notes), Wrong(size, "its checkpoint is of another size"))
        notes.append(checkpoint)
    for checkpoint in [*notes, *([held] if held else [])]:
        if checkpoint.size > seen:
            reason = f"a checkpoint was signed over {checkpoint.size} events, and {seen} are there"
            return Verified(seen, len(notes), Wrong(seen + 1, reason))
        if root(checkpoint.size, at) != checkpoint.root:
            reason = f"the log does not lead to the checkpoint signed at {checkpoint.size}"
            return Verified(seen, len(notes), Wrong(checkpoint.size, reason))
    return Verified(seen, len(notes), None)


# The leaf's bytes, as ledger/store/leaf.py tells them: made by the database, which spares making
# a value of each field to write it out again, and hashed here.
_LEAVES = """
COPY (
    SELECT
        position,
        leaf_hash,
        convert_to(
            position || E'\\n' || stream || E'\\n' || version || E'\\n' || topic || E'\\n'
            || (extract(epoch FROM recorded_at) * 1000000)::bigint || E'\\n',
            'UTF8'
        ) || state
    FROM log.events
    WHERE position > {after} AND position <= {upto}
    ORDER BY position
) TO STDOUT (FORMAT binary)
"""
_HEADER = 19
_ROW = struct.Struct(">hiqi")
_LENGTH = struct.Struct(">i")
_END = b"\xff\xff"


def _leaves(connection: Connection) -> Iterator[list[tuple[int, bytes, bytes]]]:
    """Position, hash made anew and hash kept, some at a time and in order."""
    last, _ = head(connection)
    # One batch is hashed while the database, on a connection of its own, makes the next.
    with connection.engine.connect() as reading, ThreadPoolExecutor(1) as ahead:

        def copied(after: int) -> memoryview:
            out = BytesIO()
            told = _LEAVES.format(after=after, upto=min(after + _BATCH, last))
            reading.connection.cursor().copy_expert(told, out)
            return out.getbuffer()

        coming = ahead.submit(copied, 0)
        for after in range(0, last, _BATCH):
            here, coming = coming.result(), ahead.submit(copied, after + _BATCH)
            if found := list(_parsed(here)):
                yield found


def _parsed(copied: memoryview) -> Iterator[tuple[int, bytes, bytes]]:
    """The rows of a binary COPY (https://www.postgresql.org/docs/current/sql-copy.html)."""
    here = _HEADER
    while copied[here : here + len(_END)] != _END:
        _, _, position, length = _ROW.unpack_from(copied, here)
        here += _ROW.size
        kept = bytes(copied[here : here + length])
        (size,) = _LENGTH.unpack_from(copied, here + length)
        here += length + _LENGTH.size
        leaf = sha256(_LEAF_PREFIX)
        leaf.update(copied[here : here + size])
        here += size
        yield position, leaf.digest(), kept
