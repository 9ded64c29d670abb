"""Follows the log with a Merkle tree, and puts the ledger's name to it; the log of looks likewise.

The tree is one more thing made from the log, and follows it as projections do, under a row lock of
its own. But it is never made again: what was signed once has to come out for ever, so tiles only
grow, and before each signature the tree must still lead to what was signed last.
"""

from datetime import datetime
from typing import NamedTuple, Self

from sqlalchemy import Connection, Engine, Table, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ledger.domain.refusals import TreeBroken
from ledger.store.checkpoint import Signer, Verifier, read_own
from ledger.store.merkle import WIDTH, TileAt, Tiles, grown, root
from ledger.store.tables import (
    checkpoints,
    events,
    look_checkpoints,
    look_tiles,
    looks,
    projection_positions,
    seal_keys,
    tiles,
)

# 512 tiles, which is 4 MB of hashes.
_BATCH = 512 * WIDTH
_FINGERPRINT = "rfc6962"


class Trunk(NamedTuple):
    """What a tree is over, and where it is kept. `what`: what a leaf is; `suffix`: what its origin
    has behind the ledger's own, so that its checkpoints are no other tree's.
    """

    name: str
    what: str
    kept: Table
    tiles: Table
    checkpoints: Table
    suffix: str = ""

    def signer(self, own: Signer) -> Signer:
        """The ledger's own signer, under the name that this tree is signed with."""
        return Signer(own.origin + self.suffix, own.key)

    def verifier(self, own: Verifier) -> Verifier:
        """The same of a public key."""
        return Verifier(own.name + self.suffix, own.key)


EVENTS = Trunk("seal", "event", events, tiles, checkpoints)
LOOKS = Trunk("looks", "look", looks, look_tiles, look_checkpoints, suffix="/looks")


class Sealed(NamedTuple):
    """A checkpoint as it was signed; `at` is the database's clock."""

    size: int
    root: bytes
    note: str
    at: datetime

    @classmethod
    def of(cls, note: str, at: datetime) -> Self:
        """What a note says that is the ledger's own."""
        checkpoint = read_own(note)
        return cls(checkpoint.size, checkpoint.root, note, at)


def seal(engine: Engine, signer: Signer, *, of: Trunk = EVENTS) -> Sealed:
    """Bring the tree up to the head of the log and sign it; the newest checkpoint."""
    while _grow(engine, of):
        pass
    with engine.begin() as connection:
        size = _size(connection, of)
        last = newest(connection, of=of)
        if last is not None and last.size == size:
            return last
        at = reader(connection, of=of)
        if last is not None and root(last.size, at) != last.root:
            raise TreeBroken(
                f"the tree no longer leads to what was signed at position {last.size}: it was "
                "altered, and nothing is signed until `ledger verify` has shown where"
            )
        head = root(size, at)
        note = of.signer(signer).sign(size, head)
        connection.execute(insert(of.checkpoints).values(size=size, note=note))
        # A key is told with the size of the log of events, whichever tree it signs first.
        events_signed = newest(connection)
        connection.execute(
            insert(seal_keys)
            .values(
                key=str(signer.verifier),
                first_size=0 if events_signed is None else events_signed.size,
            )
            .on_conflict_do_nothing()
        )
        sealed = newest(connection, of=of)
    assert sealed is not None, "it was signed just now"
    return sealed


def newest(connection: Connection, *, of: Trunk = EVENTS) -> Sealed | None:
    """The newest checkpoint; None before the first."""
    kept = of.checkpoints.c
    found = connection.execute(
        select(kept.note, kept.sealed_at).order_by(kept.size.desc()).limit(1)
    ).first()
    return None if found is None else Sealed.of(*found)


def keys(connection: Connection) -> list[Verifier]:
    """Every public key that ever signed, the oldest first."""
    found = connection.execute(select(seal_keys.c.key).order_by(seal_keys.c.first_size)).scalars()
    return [Verifier.read(key) for key in found]


def tile(connection: Connection, at: TileAt, *, of: Trunk = EVENTS) -> bytes:
    """The hashes of a tile, as many as there are; none where there is no such tile."""
    kept = of.tiles.c
    found = connection.execute(
        select(kept.hashes).where(kept.level == at.level, kept.index == at.number)
    ).scalar_one_or_none()
    return bytes(found or b"")


def reader(connection: Connection, *, of: Trunk = EVENTS) -> Tiles:
    """Tiles as the tree's functions ask for them; each is fetched once."""
    held: dict[TileAt, bytes] = {}

    def read(at: TileAt) -> bytes:
        if at not in held:
            held[at] = tile(connection, at, of=of)
        return held[at]

    return read


def _grow(engine: Engine, of: Trunk) -> bool:
    """Take the next leaves into the tree; whether there may be more."""
    kept = of.kept.c
    with engine.begin() as connection:
        size = _size(connection, of)
        leaves = connection.execute(
            select(kept.leaf_hash).where(kept.position > size).order_by(kept.position).limit(_BATCH)
        ).scalars()
        hashes = [bytes(leaf) for leaf in leaves]
        if not hashes:
            return False
        _keep(connection, of, list(grown(size, hashes, reader(connection, of=of))))
        connection.execute(
            update(projection_positions)
            .where(projection_positions.c.name == of.name)
            .values(position=size + len(hashes), updated_at=func.now())
        )
        return len(hashes) == _BATCH


def _size(connection: Connection, of: Trunk) -> int:
    """How many leaves the tree has; nobody else grows it until the transaction ends."""
    wanted = (
        select(projection_positions.c.position)
        .where(projection_positions.c.name == of.name)
        .with_for_update()
    )
    size = connection.execute(wanted).scalar_one_or_none()
    if size is None:
        connection.execute(
            insert(projection_positions)
            .values(name=of.name, position=0, fingerprint=_FINGERPRINT)
            .on_conflict_do_nothing()
        )
        size = connection.execute(wanted).scalar_one()
    return int(size)


def _keep(connection: Connection, of: Trunk, grown_tiles: list[tuple[TileAt, bytes]]) -> None:
    statement = insert(of.tiles)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["level", "index"], set_={"hashes": statement.excluded.hashes}
        ),
        [{"level": at.level, "index": at.number, "hashes": held} for at, held in grown_tiles],
    )
