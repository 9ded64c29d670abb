"""Is the log still what was signed, and if not, which position is the first that is wrong?

Every leaf is hashed anew from what its event says, every tile from the leaves, and every
checkpoint's root from the tiles; each is held against what is kept. Whoever altered an event, its
hash and the tiles above it would have to sign anew too, and whoever holds an older checkpoint
would see that.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from ledger.domain.refusals import NotAFact
from ledger.store.checkpoint import Checkpoint, Verifier, read_checkpoint
from ledger.store.leaf import leaf_hash
from ledger.store.log import events_at, head
from ledger.store.merkle import HASH, WIDTH, TileAt, Tiles, grown, root
from ledger.store.seal import newest, reader
from ledger.store.tables import checkpoints, events

_BATCH = 64 * WIDTH


class Wrong(NamedTuple):
    """What is wrong first: the position where it is known, and what there is to say of it.

    `tree`: the events are what was signed, as far as can be told, and the tree over them is not.
    """

    position: int | None
    reason: str
    tree: bool = False


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
    for found, upto in _leaves(connection):
        leaves = found.made
        wrong = _first_wrong(connection, found, range(seen + 1, upto + 1))
        wrong = wrong or _tiles_hold(connection, seen, leaves)
        if wrong is not None:
            return Verified(seen, 0, wrong)
        seen += len(leaves)
    if seen < size:
        reason = f"{size - seen} events that were signed are gone from the end of the log"
        return Verified(seen, 0, Wrong(seen + 1, reason))
    return _checkpoints_hold(connection, verifiers, held, seen)


def some_hold(
    connection: Connection, leaves: Mapping[int, bytes], held: Checkpoint
) -> Wrong | None:
    """Whether the events at these positions still have these leaf hashes, and the present tree
    begins with the one that was signed.
    """
    there = {event.position: leaf_hash(event) for event in events_at(connection, leaves)}
    for position in sorted(leaves):
        if position not in there:
            return Wrong(position, "no event stands there: one was removed")
        if there[position] != leaves[position]:
            return Wrong(position, "the event is not what was signed")
    signed = newest(connection)
    size = 0 if signed is None else signed.size
    if size < held.size or root(held.size, reader(connection)) != held.root:
        reason = f"the tree does not lead to the checkpoint signed at {held.size}"
        return Wrong(None, reason, tree=True)
    return None


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
            if _is_what_was_signed(connection, where, hashes, at):
                return Wrong(position, "the event stands, and its tile was altered", tree=True)
            return Wrong(position, "the event was altered after it had been sealed")
        reason = f"tile {where.number} of level {where.level} is not what was sealed"
        return Wrong(None, reason, tree=True)
    return None


def _is_what_was_signed(connection: Connection, where: TileAt, made: bytes, at: Tiles) -> bool:
    """Whether these hashes, rather than those kept in their tile, lead to what was signed."""
    sealed = newest(connection)
    if sealed is None:
        return False
    width = min(sealed.size - where.number * WIDTH, WIDTH)
    if width == WIDTH:
        # The tile above has the hash of this one as a whole.
        over = at(TileAt(1, where.number // WIDTH))
        return over[where.number % WIDTH * HASH :][:HASH] == root(WIDTH, lambda _: made)

    def mended(asked: TileAt) -> bytes:
        return made if asked == where else at(asked)

    return root(sealed.size, mended) == sealed.root


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
            return Verified(seen, len(notes), Wrong(size, str(refusal), tree=True))
        if checkpoint.size != size:
            reason = "its checkpoint is of another size"
            return Verified(seen, len(notes), Wrong(size, reason, tree=True))
        notes.append(checkpoint)
    for checkpoint in [*notes, *([held] if held else [])]:
        if checkpoint.size > seen:
            reason = f"a checkpoint was signed over {checkpoint.size} events, and {seen} are there"
            return Verified(seen, len(notes), Wrong(seen + 1, reason))
        if root(checkpoint.size, at) != checkpoint.root:
            reason = f"the log does not lead to the checkpoint signed at {checkpoint.size}"
            return Verified(seen, len(notes), Wrong(checkpoint.size, reason, tree=True))
    return Verified(seen, len(notes), None)


# The hash kept and, behind RFC 6962's prefix of a leaf, the leaf's bytes as ledger/store/leaf.py
# tells them: made by the database, which spares making a value of each field to write it out
# again, and hashed here.
_LEAVES = """
COPY (
    SELECT
        leaf_hash
        || '\\x00'::bytea
        || convert_to(
            position || E'\\n' || stream || E'\\n' || version || E'\\n' || topic || E'\\n'
            || (extract(epoch FROM recorded_at) * 1000000)::bigint || E'\\n',
            'UTF8'
        )
        || state
    FROM log.events
    WHERE position > {after} AND position <= {upto}
    ORDER BY position
) TO STDOUT (FORMAT binary)
"""
_HEADER, _END = 19, b"\xff\xff"
# Before the one field of a row stand how many there are (2 bytes), and its length (4).
_KEPT, _LEAF = slice(6, 6 + HASH), slice(6 + HASH, None)


class _Hashes:
    """Takes a binary COPY (https://www.postgresql.org/docs/current/sql-copy.html) as it comes, a
    row at a time: each is hashed while the database makes the next.
    """

    def __init__(self) -> None:
        self.made: list[bytes] = []
        self.kept: list[bytes] = []
        self._made, self._kept = self.made.append, self.kept.append

    def write(self, row: bytes) -> None:
        """The next row. The header comes with the first, and a trailer after the last."""
        if row[0]:
            row = row if row == _END else row[_HEADER:]
            if row == _END:
                return
        self._made(sha256(row[_LEAF]).digest())
        self._kept(row[_KEPT])


def _leaves(connection: Connection) -> Iterator[tuple[_Hashes, int]]:
    """The hashes made anew and those kept, some at a time and in order, and up to which position."""
    last, _ = head(connection)
    cursor = connection.connection.cursor()
    for after in range(0, last, _BATCH):
        found, upto = _Hashes(), min(after + _BATCH, last)
        cursor.copy_expert(_LEAVES.format(after=after, upto=upto), found)
        yield found, upto


def _first_wrong(connection: Connection, found: _Hashes, expected: range) -> Wrong | None:
    """Where an event is first missing, or is not what its own hash says."""
    if len(found.made) == len(expected) and found.made == found.kept:
        return None
    there = connection.execute(
        select(events.c.position)
        .where(events.c.position.between(expected[0], expected[-1]))
        .order_by(events.c.position)
    ).scalars()
    pairs = zip(found.made, found.kept, strict=True)
    for position, stands, (made, kept) in zip(expected, there, pairs, strict=False):
        if position != stands:
            return Wrong(position, "no event stands there: one was removed")
        if made != kept:
            return Wrong(position, "the event is not what was appended")
    return Wrong(expected[len(found.made)], "no event stands there: one was removed")
