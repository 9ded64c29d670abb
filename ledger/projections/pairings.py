"""Which third-party systems may write for a practice, which could, and who said so."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, Connection, DateTime, String, Table, select

from ledger.domain.events import PairingApproved, PairingRevoked
from ledger.domain.streams import practice_of
from ledger.store.projection import (
    Batch,
    Projection,
    Write,
    metadata,
    nothing,
    topics_of,
    upsert,
)

changes = Table(
    "pairing_changes",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("practice", String, nullable=False, index=True),
    Column("system", String, nullable=False),
    Column("approved", Boolean, nullable=False),
    Column("by", String, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)


def _apply(batch: Batch, _before: None) -> list[Write]:
    rows = [
        {
            "position": kept.position,
            "practice": practice_of(kept.stream),
            "system": kept.event.system,
            "approved": isinstance(kept.event, PairingApproved),
            "by": kept.event.by,
            "recorded_at": kept.recorded_at,
        }
        for kept in batch.events
        if isinstance(kept.event, PairingApproved | PairingRevoked)
    ]
    return upsert(changes, rows)


PAIRINGS = Projection(
    "pairings",
    (changes,),
    nothing,
    _apply,
    topics=topics_of(PairingApproved, PairingRevoked),
)


class Pairing(NamedTuple):
    """One pairing from its approval to its end; it stands while `revoked_at` is None."""

    system: str
    approved_at: datetime
    approved_by: str
    approved_position: int
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoked_position: int | None = None


def pairings(connection: Connection, practice: str, *, known_at: int) -> list[Pairing]:
    """A practice's pairings known by a position: those that stand first, then the newest."""
    rows = connection.execute(
        select(changes)
        .where(changes.c.practice == practice, changes.c.position <= known_at)
        .order_by(changes.c.position)
    )
    standing: dict[str, Pairing] = {}
    past: list[Pairing] = []
    for row in rows:
        if row.approved:
            standing[row.system] = Pairing(row.system, row.recorded_at, row.by, row.position)
        elif row.system in standing:
            ended = {"revoked_at": row.recorded_at, "revoked_by": row.by}
            past.append(standing.pop(row.system)._replace(**ended, revoked_position=row.position))
    return [*reversed(standing.values()), *reversed(past)]
