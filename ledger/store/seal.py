"""Follows the log with a Merkle tree, and puts the ledger's name to it.

The tree is one more thing made from the log, and follows it as projections do, under a row lock of
its own. But it is never made again: what was signed once has to come out for ever, so tiles only
grow, and before each signature the tree must still lead to what was signed last.
"""

from datetime import datetime
from typing import NamedTuple, Self

from sqlalchemy import Connection, Engine, func, select, update
from sqlalchemy.dialects.postgresql import insert

from ledger.domain.refusals import TreeBroken
from ledger.store.checkpoint import Signer, Verifier, read_own
from ledger.store.merkle import WIDTH, TileAt, Tiles, grown, root
from ledger.store.tables import checkpoints, events, projection_positions, seal_keys, tiles

NAME = "seal"
# 512 tiles, which is 4 MB of hashes.
_BATCH = 512 * WIDTH
_FINGERPRINT = "rfc6962"


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


def seal(engine: Engine, signer: Signer) -> Sealed:
    """Bring the tree up to the head of the log and sign it; the newest checkpoint."""
    while _grow(engine):
        pass
    with engine.begin() as connection:
        size = _size(connection)
        last = newest(connection)
        if last is not None and last.size == size:
            return last
        at = reader(connection)
        if last is not None and root(last.size, at) != last.root:
            raise TreeBroken(
                f"the tree no longer leads to what was signed at position {last.size}: it was "
                "altered, and nothing is signed until `ledger verify` has shown where"
            )
        head = root(size, at)
        connection.execute(insert(checkpoints).values(size=size, note=signer.sign(size, head)))
        connection.execute(
            insert(seal_keys)
            .values(key=str(signer.verifier), first_size=size)
            .on_conflict_do_nothing()
        )
        sealed = newest(connection)
    assert sealed is not None, "it was signed just now"
    return sealed


def newest(connection: Connection) -> Sealed | None:
    """The newest checkpoint; None before the first."""
    found = connection.execute(
        select(checkpoints.c.note, checkpoints.c.sealed_at)
        .order_by(checkpoints.c.size.desc())
        .limit(1)
    ).first()
    return None if found is None else Sealed.of(*found)


def keys(connection: Connection) -> list[Verifier]:
    """Every public key that ever signed, the oldest first."""
    found = connection.execute(select(seal_keys.c.key).order_by(seal_keys.c.first_size)).scalars()
    return [Verifier.read(key) for key in found]


def tile(connection: Connection, at: TileAt) -> bytes:
    """The hashes of a tile, as many as there are; none where there is no such tile."""
    found = connection.execute(
        select(tiles.c.hashes).where(tiles.c.level == at.level, tiles.c.index == at.number)
    ).scalar_one_or_none()
    return bytes(found or b"")


def reader(connection: Connection) -> Tiles:
    """Tiles as the tree's functions ask for them; each is fetched once."""
    held: dict[TileAt, bytes] = {}

    def read(at: TileAt) -> bytes:
        if at not in held:
            held[at] = tile(connection, at)
        return held[at]

    return read


def _grow(engine: Engine) -> bool:
    """Take the next leaves into the tree; whether there may be more."""
    with engine.begin() as connection:
        size = _size(connection)
        leaves = connection.execute(
            select(events.c.leaf_hash)
            .where(events.c.position > size)
            .order_by(events.c.position)
            .limit(_BATCH)
        ).scalars()
        hashes = [bytes(leaf) for leaf in leaves]
        if not hashes:
            return False
        _keep(connection, list(grown(size, hashes, reader(connection))))
        connection.execute(
            update(projection_positions)
            .where(projection_positions.c.name == NAME)
            .values(position=size + len(hashes), updated_at=func.now())
        )
        return len(hashes) == _BATCH


def _size(connection: Connection) -> int:
    """How many leaves the tree has; nobody else grows it until the transaction ends."""
    wanted = (
        select(projection_positions.c.position)
        .where(projection_positions.c.name == NAME)
        .with_for_update()
    )
    size = connection.execute(wanted).scalar_one_or_none()
    if size is None:
        connection.execute(
            insert(projection_positions)
            .values(name=NAME, position=0, fingerprint=_FINGERPRINT)
            .on_conflict_do_nothing()
        )
        size = connection.execute(wanted).scalar_one()
    return int(size)


def _keep(connection: Connection, grown_tiles: list[tuple[TileAt, bytes]]) -> None:
    statement = insert(tiles)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["level", "index"], set_={"hashes": statement.excluded.hashes}
        ),
        [{"level": at.level, "index": at.number, "hashes": held} for at, held in grown_tiles],
    )
