"""Is the log still what was signed, and if not, which position is the first that is wrong?

Every leaf is hashed anew from what its event says, every tile from the leaves, and every
checkpoint's root from the tiles; each is held against what is kept. Whoever altered an event, its
hash and the tiles above it would have to sign anew too, and whoever holds an older checkpoint
would see that.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from ledger.domain.refusals import NotAFact, TreeBroken
from ledger.store.checkpoint import Checkpoint, Verifier, read_checkpoint
from ledger.store.leaf import leaf_hash
from ledger.store.log import events_at
from ledger.store.merkle import HASH, WIDTH, TileAt, Tiles, grown, over, root
from ledger.store.rehashing import Rehashed, rehash, rehash_each
from ledger.store.seal import EVENTS, Trunk, newest, reader, tile

# As many as a tile of level 1 is over.
_BATCH = WIDTH * WIDTH


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
    connection: Connection,
    verifiers: Sequence[Verifier],
    *,
    held: Checkpoint | None = None,
    of: Trunk = EVENTS,
) -> Verified:
    """Go through the whole log. `held` is a checkpoint somebody kept elsewhere, and trusts.

    The log only grows, and so does its tree: what comes meanwhile is left to the next time.
    """
    signed = connection.execute(select(func.max(of.checkpoints.c.size))).scalar_one() or 0
    last = connection.execute(select(func.max(of.kept.c.position))).scalar_one() or 0
    found = _Tiles(last, signed)
    for after in range(0, last, _BATCH):
        rehash(connection, of, found.take, after=after, upto=min(after + _BATCH, last))
        if found.wrong is not None:
            wrong = _first_wrong(connection, of, found.wrong, found.roots, last)
            return Verified(found.wrong.number * WIDTH, 0, wrong)
    if last < signed:
        reason = f"{signed - last} {of.what}s that were signed are gone from the end of the log"
        return Verified(last, 0, Wrong(last + 1, reason))
    if altered := _tiles_hold(connection, of, found.roots, signed):
        return Verified(last, 0, altered)
    return _checkpoints_hold(connection, of, verifiers, held, last)


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
    try:
        leads = size >= held.size and root(held.size, reader(connection)) == held.root
    except TreeBroken as refusal:
        return Wrong(None, str(refusal), tree=True)
    reason = f"the tree does not lead to the checkpoint signed at {held.size}"
    return None if leads else Wrong(None, reason, tree=True)


class _Tiles:
    """Holds what is made anew against what is kept: the roots of the tiles that are full, and which
    is the first that is wrong.
    """

    def __init__(self, last: int, signed: int) -> None:
        self.roots: list[bytes] = []
        self.wrong: TileAt | None = None
        self._last, self._signed = last, signed

    def take(self, found: Rehashed) -> None:
        """The next tile."""
        if self.wrong is not None:
            return
        hashes = b"".join(found.made)
        expected = min(self._last - found.where.number * WIDTH, WIDTH)
        width = _width(found.where, self._signed)
        if (
            len(found.made) != expected
            or hashes != found.kept
            or not _agree(hashes, found.tile, width)
        ):
            self.wrong = found.where
        elif expected == WIDTH:
            self.roots.append(over(found.made))


def _tiles_hold(
    connection: Connection, of: Trunk, roots: Sequence[bytes], signed: int
) -> Wrong | None:
    """Whether the tiles kept above the lowest agree with the roots of those."""
    at = reader(connection, of=of)
    for where, hashes in _above(roots, at):
        if not _agree(hashes, at(where), _width(where, signed)):
            reason = f"tile {where.number} of level {where.level} is not what was sealed"
            return Wrong(None, reason, tree=True)
    return None


def _above(roots: Sequence[bytes], at: Tiles) -> Iterator[tuple[TileAt, bytes]]:
    """The tiles over the lowest ones, of which these are the roots: they are a tree's again."""
    for where, hashes in grown(0, roots, at):
        yield TileAt(where.level + 1, where.number), hashes


def _agree(made: bytes, kept: bytes | memoryview, width: int) -> bool:
    """Whether a tile kept is as it was made. It holds at least so many hashes, and the log may be
    ahead of it, or it of what was read of the log.
    """
    return len(kept) >= width * HASH and made[: len(kept)] == kept[: len(made)]


def _width(where: TileAt, signed: int) -> int:
    """How many hashes a tile has at least when so many events were signed."""
    return min(max((signed >> 8 * where.level) - where.number * WIDTH, 0), WIDTH)


def _checkpoints_hold(
    connection: Connection,
    of: Trunk,
    verifiers: Sequence[Verifier],
    held: Checkpoint | None,
    seen: int,
) -> Verified:
    at = reader(connection, of=of)
    kept = of.checkpoints.c
    signed = connection.execute(
        select(kept.size, kept.note).where(kept.size <= seen).order_by(kept.size)
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
    reached = notes[-1].size if notes else 0
    for checkpoint in [*notes, *([held] if held else [])]:
        if checkpoint.size > seen:
            signed_over = f"{checkpoint.size} {of.what}s"
            reason = f"a checkpoint was signed over {signed_over}, and {seen} are there"
            return Verified(seen, len(notes), Wrong(seen + 1, reason))
        if checkpoint.size > reached or root(checkpoint.size, at) != checkpoint.root:
            reason = f"the log does not lead to the checkpoint signed at {checkpoint.size}"
            return Verified(seen, len(notes), Wrong(checkpoint.size, reason, tree=True))
    return Verified(seen, len(notes), None)


def _first_wrong(
    connection: Connection, of: Trunk, where: TileAt, roots: Sequence[bytes], last: int
) -> Wrong:
    """Which event, or look, of a tile is first missing, not what its own hash says, or not what was sealed.
    `roots` are those of the tiles before.
    """
    after = where.number * WIDTH
    upto = min(after + WIDTH, last)
    leaves = rehash_each(connection, of, after=after, upto=upto)
    for position, leaf in enumerate(leaves, after + 1):
        if leaf.position > position:
            return Wrong(position, f"no {of.what} stands there: one was removed")
        if leaf.position < position:
            return Wrong(leaf.position, f"two {of.what}s stand there: one was added")
        if leaf.made != leaf.kept:
            return Wrong(position, f"the {of.what} is not what was appended")
    if after + len(leaves) < upto:
        return Wrong(after + len(leaves) + 1, f"no {of.what} stands there: one was removed")
    hashes = [leaf.made for leaf in leaves]
    sealed = tile(connection, where, of=of)
    first = next(i for i, made in enumerate(hashes) if made != sealed[i * HASH :][:HASH])
    position = after + first + 1
    if _is_what_was_signed(connection, of, where, hashes, roots):
        return Wrong(position, f"the {of.what} stands, and its tile was altered", tree=True)
    return Wrong(position, f"the {of.what} was altered after it had been sealed")


def _is_what_was_signed(
    connection: Connection,
    of: Trunk,
    where: TileAt,
    hashes: Sequence[bytes],
    roots: Sequence[bytes],
) -> bool:
    """Whether these hashes, rather than those kept in their tile, lead to what was signed."""
    sealed = newest(connection, of=of)
    if sealed is None:
        return False
    if _width(where, sealed.size) == WIDTH:
        # The tile above has the hash of this one as a whole.
        above = tile(connection, TileAt(1, where.number // WIDTH), of=of)
        return above[where.number % WIDTH * HASH :][:HASH] == over(hashes)
    made_so = {where: b"".join(hashes), **dict(_above(roots, reader(connection, of=of)))}
    return root(sealed.size, made_so.__getitem__) == sealed.root
