"""What was delivered, what became of it and why, and how new the evidence of each practice is.

A parcel that was refused whole stands among the deliveries too: somebody waits for it.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    String,
    Table,
    Text,
    cast,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from ledger.domain.entries import RefusedRow
from ledger.domain.events import (
    DeliveryNoted,
    DeliveryReceived,
    DeliveryRefused,
    ParcelRefused,
    ParcelTaken,
    RowsRefused,
)
from ledger.domain.streams import parcel_of
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
    Column("left_out", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("reason", Text),
    Column("by", String, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
refused_rows = Table(
    "delivery_refused_rows",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("delivery", Text, nullable=False, index=True),
    Column("file", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("column", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
notes = Table(
    "delivery_notes",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("delivery", Text, nullable=False, index=True),
    Column("notes", ARRAY(Text), nullable=False),
)
parcels = Table(
    "parcels",
    metadata,
    Column("id", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("system", String),
    Column("practices", ARRAY(String), nullable=False),
    Column("deliveries", ARRAY(Text), nullable=False),
    Column("notes", ARRAY(Text), nullable=False),
    Column("reason", Text),
    Column("by", String, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
# Who handed in which delivery, or a parcel that was refused before any was found in it.
handed_in = Table(
    "deliveries_handed_in",
    metadata,
    Column("delivery", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("system", String),
    Column("practices", ARRAY(String), nullable=False),
)
_NOTHING_READ = dict.fromkeys(
    ("rows_read", "entries_kept", "unchanged", "removed", "unmatched", "left_out", "refused"), 0
)
newest = Table(
    "delivery_newest",
    metadata,
    Column("practice", String, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("dated", DateTime(timezone=True), nullable=False),
)


def _apply(batch: Batch, _before: None) -> list[Write]:
    rows: list[dict[str, Any]] = []
    by_practice = []
    wrong: list[dict[str, Any]] = []
    noted = []
    handed: list[dict[str, Any]] = []
    parcelled = []
    for kept in batch.events:
        at = {"position": kept.position, "recorded_at": kept.recorded_at, "by": kept.event.by}
        match kept.event:
            case RowsRefused() as event:
                wrong += [
                    {
                        "position": kept.position,
                        "ordinal": ordinal,
                        "delivery": event.delivery,
                        **row._asdict(),
                    }
                    for ordinal, row in enumerate(event.rows)
                ]
            case DeliveryNoted() as event:
                told = {"delivery": event.delivery, "notes": list(event.notes)}
                noted.append({"position": kept.position, **told})
            case DeliveryReceived() as event:
                rows.append(
                    {
                        **at,
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
                        "left_out": event.left_out,
                        "refused": event.refused,
                        "reason": None,
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
                reason = f"{event.file}: {event.reason}"
                rows.append(
                    {**at, **_refused(event.delivery or "", event.path, event.format, reason)}
                )
            case ParcelTaken() as event:
                parcel = parcel_of(kept.stream)
                told = {"id": parcel, "reason": None, "notes": list(event.notes)}
                parcelled.append({**at, **told, **_sender(event), "deliveries": event.deliveries})
                handed += [
                    {"position": kept.position, "delivery": delivery, **_sender(event)}
                    for delivery in event.deliveries
                ]
            case ParcelRefused() as event:
                parcel = parcel_of(kept.stream)
                told = {"id": parcel, "reason": event.reason, "notes": []}
                parcelled.append({**at, **told, **_sender(event), "deliveries": ()})
                rows.append({**at, **_refused(parcel, f"{parcel}.zip", "parcel", event.reason)})
                handed.append({"position": kept.position, "delivery": parcel, **_sender(event)})
            case _:
                pass
    writes = [
        *upsert(deliveries, rows),
        *upsert(refused_rows, wrong),
        *upsert(notes, noted),
        *upsert(handed_in, handed),
        *upsert(parcels, parcelled),
    ]
    if by_practice:
        writes.append(Write(insert(newest).on_conflict_do_nothing(), by_practice))
    return writes


def _refused(delivery: str, path: str, format_: str, reason: str) -> dict[str, Any]:
    told = {"id": delivery, "path": path, "format": format_, "state": "refused"}
    return {
        **told,
        **_NOTHING_READ,
        "practices": [],
        "dated": None,
        "period_end": None,
        "reason": reason,
    }


def _sender(event: ParcelTaken | ParcelRefused) -> dict[str, Any]:
    return {"system": event.system, "practices": list(event.practices)}


DELIVERIES = Projection(
    "deliveries",
    (deliveries, newest, refused_rows, notes, parcels, handed_in),
    nothing,
    _apply,
    topics=topics_of(
        DeliveryReceived, DeliveryRefused, RowsRefused, DeliveryNoted, ParcelTaken, ParcelRefused
    ),
)


def heard_until(
    connection: Connection, *, practice: str | None = None, known_at: int | None = None
) -> dict[str, datetime]:
    """The moment up to which each practice's newest delivery, known by then, bears witness."""
    query = select(newest.c.practice, func.max(newest.c.dated)).group_by(newest.c.practice)
    if known_at is not None:
        query = query.where(newest.c.position <= known_at)
    if practice is not None:
        query = query.where(newest.c.practice == practice)
    return {row[0]: row[1] for row in connection.execute(query)}


def newest_delivery(connection: Connection, practice: str, *, known_at: int) -> datetime | None:
    """The moment up to which this practice's newest delivery, known by then, bears witness."""
    dated: datetime | None = connection.execute(
        select(func.max(newest.c.dated)).where(
            newest.c.practice == practice, newest.c.position <= known_at
        )
    ).scalar_one()
    return dated


class DeliveryLine(NamedTuple):
    """What became of one delivery; `refused` counts its refused rows."""

    position: int
    id: str
    path: str
    format: str
    state: str
    practices: list[str]
    dated: datetime | None
    period_end: datetime | None
    rows_read: int
    entries_kept: int
    unchanged: int
    removed: int
    unmatched: int
    left_out: int
    refused: int
    reason: str | None
    by: str
    recorded_at: datetime


class ParcelLine(NamedTuple):
    """What became of one parcel; `reason` where it was refused whole."""

    id: str
    position: int
    system: str | None
    practices: list[str]
    deliveries: list[str]
    notes: list[str]
    reason: str | None
    by: str
    recorded_at: datetime


class Eyes(NamedTuple):
    """Whose deliveries are seen: these practices', and what this third-party system handed in."""

    practices: Collection[str] = ()
    system: str | None = None


def listed(
    connection: Connection,
    *,
    eyes: Eyes | None = None,
    practice: str | None = None,
    after: int = 0,
    limit: int,
    offset: int = 0,
    newest_first: bool = False,
) -> list[DeliveryLine]:
    """The deliveries behind a position that these eyes see; None sees all."""
    query = select(*(deliveries.c[name] for name in DeliveryLine._fields)).where(
        deliveries.c.position > after, *_narrowed(eyes, practice)
    )
    order = deliveries.c.position.desc() if newest_first else deliveries.c.position
    rows = connection.execute(query.order_by(order).limit(limit).offset(offset))
    return [DeliveryLine(*row) for row in rows]


def counted(
    connection: Connection, *, eyes: Eyes | None = None, practice: str | None = None
) -> int:
    """How many deliveries these eyes see."""
    query = select(func.count()).select_from(deliveries).where(*_narrowed(eyes, practice))
    count: int = connection.execute(query).scalar_one()
    return count


def delivery(connection: Connection, id_: str, *, eyes: Eyes | None = None) -> DeliveryLine | None:
    """What became of a delivery, if these eyes see it: once taken it is taken, and else refused."""
    query = (
        select(*(deliveries.c[name] for name in DeliveryLine._fields))
        .where(deliveries.c.id == id_, *_narrowed(eyes, None))
        .order_by(deliveries.c.state == "refused", deliveries.c.position.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else DeliveryLine(*row)


def parcel(connection: Connection, id_: str) -> ParcelLine | None:
    """What became of a parcel."""
    query = select(*(parcels.c[name] for name in ParcelLine._fields)).where(parcels.c.id == id_)
    row = connection.execute(query).one_or_none()
    return None if row is None else ParcelLine(*row)


def rows_refused(
    connection: Connection, delivery_id: str, *, limit: int, offset: int = 0
) -> list[RefusedRow]:
    """The refused rows of a delivery, in the order in which it was read."""
    query = (
        select(*(refused_rows.c[name] for name in RefusedRow._fields))
        .where(refused_rows.c.delivery == delivery_id)
        .order_by(refused_rows.c.position, refused_rows.c.ordinal)
        .limit(limit)
        .offset(offset)
    )
    return [RefusedRow(*row) for row in connection.execute(query)]


def notes_of(connection: Connection, delivery_id: str) -> list[str]:
    """What a reader had to tell a person of a delivery."""
    query = select(notes.c.notes).where(notes.c.delivery == delivery_id).order_by(notes.c.position)
    return [note for told in connection.execute(query).scalars() for note in told]


def _narrowed(eyes: Eyes | None, practice: str | None) -> list[ColumnElement[bool]]:
    narrowed = []
    if eyes is not None:
        narrowed.append(_seen_by(eyes))
    if practice is not None:
        narrowed.append(_seen_by(Eyes([practice])))
    return narrowed


def _seen_by(eyes: Eyes) -> ColumnElement[bool]:
    """What is of these practices or by this system.

    What was refused whole is of nobody yet: it is shown to those for whom alone its sender acts,
    because a reason may name any of the sender's practices.
    """
    own = cast(list(eyes.practices), ARRAY(String))
    sent = select(handed_in.c.position).where(handed_in.c.delivery == deliveries.c.id)
    seen = [
        deliveries.c.practices.overlap(own),
        (deliveries.c.state == "refused")
        & sent.where(handed_in.c.practices.contained_by(own)).exists(),
    ]
    if eyes.system is not None:
        # Who sends again what another's delivery said is not shown what became of that one.
        of_theirs = deliveries.c.practices.contained_by(handed_in.c.practices)
        seen.append(sent.where(handed_in.c.system == eyes.system, of_theirs).exists())
    return or_(*seen)
