"""Which entries of a practice may one user have entered, or one delivery removed, at once (LC04)?

Kept is all that was entered, by whom and when (`identity`), and what rows of deliveries removed. How
many are many, and within how long, is asked when the practice is judged, by the thresholds that
judge it.
"""

from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, DateTime, String, Table, func, select

from ledger.domain.events import EntryRemoved
from ledger.domain.practice_facts import Edit, edit_told_by
from ledger.domain.thresholds import Thresholds
from ledger.projections.findings.identity import records
from ledger.store.bulk import among
from ledger.store.projection import Batch, Write, metadata, upsert

removed = Table(
    "finding_removed",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("practice", String, nullable=False, index=True),
    Column("who", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
TABLES = (removed,)


def noted(batch: Batch) -> list[Write]:
    """Keep what rows of these deliveries removed."""
    rows = [
        {
            "position": edit.position,
            "practice": kept.event.practice,
            "who": edit.who,
            "at": edit.at,
        }
        for kept in batch.events
        if isinstance(kept.event, EntryRemoved) and (edit := edit_told_by(kept)) is not None
    ]
    return upsert(removed, rows)


def load(
    connection: Connection, codes: Collection[str], thresholds: Thresholds
) -> dict[str, list[Edit]]:
    """The edits of these practices that by these thresholds are part of many at once."""
    found: dict[str, list[Edit]] = {}
    told = [*_entered(connection, codes, thresholds), *_removed(connection, codes, thresholds)]
    for practice, edit in sorted(told, key=lambda one: one[1].position):
        found.setdefault(practice, []).append(edit)
    return found


def _entered(
    connection: Connection, codes: Collection[str], thresholds: Thresholds
) -> Iterator[tuple[str, Edit]]:
    """An entry is the last of so many within the time, or one of as many later entries of the user
    is.
    """
    many = thresholds.bulk_change_entries
    within = timedelta(minutes=thresholds.bulk_change_minutes)
    e = records.c
    same: dict[str, Any] = {
        "partition_by": (e.practice, e.entered_by),
        "order_by": (e.entered_at, e.position),
    }
    first = func.lag(e.entered_at, many - 1).over(**same)
    timed = (
        select(e.position, e.practice, e.entered_by, e.entered_at, first.label("first"))
        .where(among(e.practice, codes), e.entered_by.is_not(None), e.entered_at.is_not(None))
        .subquery()
        .c
    )
    ends = (timed.entered_at - timed.first) <= within
    later: dict[str, Any] = {
        "partition_by": (timed.practice, timed.entered_by),
        "order_by": (timed.entered_at, timed.position),
        "rows": (0, many - 1),
    }
    ours = (timed.practice, timed.position, timed.entered_at, timed.entered_by)
    one_of = select(*ours, func.bool_or(ends).over(**later).label("at_once")).subquery().c
    query = select(one_of.practice, one_of.position, one_of.entered_at, one_of.entered_by)
    for practice, position, at, who in connection.execute(query.where(one_of.at_once)):
        yield practice, Edit(position, at, who, removed=False)


def _removed(
    connection: Connection, codes: Collection[str], thresholds: Thresholds
) -> Iterator[tuple[str, Edit]]:
    r = removed.c
    by_delivery: dict[str, Any] = {"partition_by": (r.practice, r.who)}
    counted = (
        select(r.practice, r.position, r.at, r.who, func.count().over(**by_delivery).label("many"))
        .where(among(r.practice, codes))
        .subquery()
        .c
    )
    query = select(counted.practice, counted.position, counted.at, counted.who)
    enough = counted.many >= thresholds.bulk_change_entries
    for practice, position, at, who in connection.execute(query.where(enough)):
        yield practice, Edit(position, at, who, removed=True)
