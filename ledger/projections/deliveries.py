"""What was delivered, what became of it, and how new the evidence of each practice is."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Integer,
    String,
    Table,
    Text,
    any_,
    desc,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from ledger.domain.events import DeliveryReceived, DeliveryRefused
from ledger.store.projection import (
    Batch,
    Projection,
    Write,
    metadata,
    nothing,
    topics_of,
    upsert,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("id", Text, nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("format", String, nullable=False),
    Column("state", String, nullable=False),
    Column("practices", ARRAY(String), nullable=False),
    Column("dated", DateTime(timezone=True)),
    Column("period_end", DateTime(timezone=True)),
    Column("rows_read", Integer, nullable=False),
    Column("entries_kept", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("unmatched", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("reason", Text),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
newest = Table(
    "delivery_newest",
    metadata,
    Column("practice", String, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("dated", DateTime(timezone=True), nullable=False),
)


def _apply(batch: Batch, _before: None) -> list[Write]:
    rows = []
    by_practice = []
    for kept in batch.events:
        match kept.event:
            case DeliveryReceived() as event:
                rows.append(
                    {
                        "position": kept.position,
                        "id": event.delivery,
                        "path": event.path,
                        "format": event.format,
                        "state": "accepted-in-part" if event.refused else "accepted",
                        "practices": list(event.practices),
                        "dated": event.dated,
                        "period_end": event.period_end,
                        "rows_read": event.rows_read,
                        "entries_kept": event.entries_kept,
                        "unchanged": event.unchanged,
                        "removed": event.removed,
                        "unmatched": event.unmatched,
                        "refused": event.refused,
                        "reason": None,
                        "recorded_at": kept.recorded_at,
                    }
                )
                # Only a clinical system's own delivery is evidence of what a practice recorded; one
                # patient's record tells nothing of the others.
                if event.speaks_for_the_practice:
                    by_practice += [
                        {
                            "practice": practice,
                            "position": kept.position,
                            "dated": event.period_end or event.dated,
                        }
                        for practice in event.practices
                    ]
            case DeliveryRefused() as event:
                rows.append(
                    {
                        "position": kept.position,
                        "id": event.delivery,
                        "path": event.path,
                        "format": event.format,
                        "state": "refused",
                        "practices": [],
                        "dated": None,
                        "period_end": None,
                        **dict.fromkeys(
                            ("rows_read", "entries_kept", "unchanged", "removed", "unmatched"), 0
                        ),
                        "refused": 0,
                        "reason": f"{event.file}: {event.reason}",
                        "recorded_at": kept.recorded_at,
                    }
                )
            case _:
                pass
    writes = upsert(deliveries, rows)
    if by_practice:
        writes.append(Write(insert(newest).on_conflict_do_nothing(), by_practice))
    return writes


DELIVERIES = Projection(
    "deliveries",
    (deliveries, newest),
    nothing,
    _apply,
    topics=topics_of(DeliveryReceived, DeliveryRefused),
)


def newest_delivery(connection: Connection, practice: str, *, known_at: int) -> datetime | None:
    """The moment up to which this practice's newest delivery, known by then, bears witness."""
    dated: datetime | None = connection.execute(
        select(func.max(newest.c.dated)).where(
            newest.c.practice == practice, newest.c.position <= known_at
        )
    ).scalar_one()
    return dated


class DeliveryLine(NamedTuple):
    """One delivery, as a list of them shows it."""

    id: str
    path: str
    format: str
    state: str
    recorded_at: datetime
    rows_read: int
    entries_kept: int
    refused: int
    reason: str | None


def latest(
    connection: Connection, *, practice: str | None = None, limit: int = 50
) -> list[DeliveryLine]:
    """The latest deliveries, of one practice or of all, newest first."""
    query = select(*(deliveries.c[name] for name in DeliveryLine._fields)).order_by(
        desc(deliveries.c.position)
    )
    if practice is not None:
        query = query.where(literal(practice) == any_(deliveries.c.practices))
    return [DeliveryLine(*row) for row in connection.execute(query.limit(limit))]
