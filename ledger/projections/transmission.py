"""Recorded beside transmitted, by collection, supplier and code system: the board that would have
shown in April 2016 that SystmOne's new type 2 objections did not arrive (B1 B3 B4).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Date,
    Integer,
    Select,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from ledger.domain import objections
from ledger.domain.events import (
    CollectionReceived,
    DeathRemoved,
    Died,
    EntryRecorded,
    EntryRemoved,
    NumberSuperseded,
    ObjectionTransmitted,
)
from ledger.domain.purposes import Purpose
from ledger.domain.rule import PatientHistory
from ledger.domain.streams import patient_of, patient_stream
from ledger.domain.survivors import Survivors, merged
from ledger.domain.transmission import Carriage, carriages
from ledger.store.carriages import carriage_table, carry, replace_carriages
from ledger.store.log import read_streams
from ledger.store.projection import Batch, Projection, Write, decoded, metadata
from ledger.store.supersessions import survivors

dissents = carriage_table("transmission_dissents", metadata)
collections = Table(
    "transmission_collections",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("period_end", Date, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("practices", ARRAY(String), nullable=False),
)
# When each patient was first carried at all, and for which supplier.
members = Table(
    "transmission_members",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("supplier", String, nullable=False),
    Column("code_system", String, nullable=False),
    Column("first_seen", Date, nullable=False, index=True),
)
carried = Table(
    "transmission_carried",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("supplier", String, primary_key=True),
    Column("code_system", String, primary_key=True),
    Column("patients", Integer, nullable=False),
)


def _touched(batch: Batch) -> set[UUID]:
    """The patients whose type 2 entries may stand otherwise than before.

    A removal does not say of what purpose it is, nor does a changed row say of what it was; what is
    dated after a death does not count as dated; and another number brings another's entries.
    """
    return {
        patient
        for kept in batch.events
        if isinstance(kept.event, EntryRemoved | Died | DeathRemoved | NumberSuperseded)
        or (
            isinstance(kept.event, EntryRecorded)
            and (kept.event.purpose is Purpose.TYPE_2 or kept.event.replaces is not None)
        )
        if (patient := patient_of(kept.stream)) is not None
    }


class _Before(NamedTuple):
    told: dict[UUID, Sequence[Carriage]]
    known: Survivors


def _load(connection: Connection, batch: Batch) -> _Before:
    carried = {
        patient
        for kept in batch.events
        if isinstance(kept.event, ObjectionTransmitted)
        and (patient := patient_of(kept.stream)) is not None
    }
    touched = _touched(batch)
    known = survivors(connection, touched | carried, upto=batch.last)
    patients = {
        other
        for patient in touched
        for p in known.bearing_on(patient)
        for other in known.borne_by(p)
    }
    read = read_streams(connection, [patient_stream(p) for p in patients], upto=batch.last)
    streams = {patient: decoded(read[patient_stream(patient)]) for patient in patients}
    day = objections.practice_day(batch.events[-1].recorded_at)
    told: dict[UUID, Sequence[Carriage]] = {}
    for patient in {p for one in touched for p in known.bearing_on(one)}:
        history = objections.fold(merged(streams[p] for p in known.borne_by(patient)))
        own = {k.position for p in known.survived_by(patient) for k in streams[p]}
        told[patient] = [
            carriage
            for carriage in carriages(PatientHistory(history, (), frozenset(), day))
            if carriage.position in own
        ]
    return _Before(told, known)


def _apply(batch: Batch, before: _Before) -> list[Write]:
    writes = replace_carriages(dissents, before.told)
    by_period: defaultdict[date, list[UUID]] = defaultdict(list)
    first: dict[UUID, ObjectionTransmitted] = {}
    counted: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for kept in batch.events:
        match kept.event:
            case ObjectionTransmitted() as event:
                patient = patient_of(kept.stream)
                assert patient is not None, "only a patient can be carried"
                counted[event.collection, event.supplier, event.code_system] += 1
                by_period[event.period_end] += before.known.bearing_on(patient)
                if patient not in first or event.period_end < first[patient].period_end:
                    first[patient] = event
            case CollectionReceived() as event:
                writes += _received(event, kept.position)
            case _:
                pass
    writes += carry(dissents, by_period)
    writes += _counts(counted)
    if first:
        statement = insert(members)
        earlier = statement.excluded.first_seen < members.c.first_seen
        columns = ("supplier", "code_system", "first_seen")
        writes.append(
            Write(
                statement.on_conflict_do_update(
                    index_elements=["patient"],
                    set_={name: statement.excluded[name] for name in columns},
                    where=earlier,
                ),
                [
                    {
                        "patient": patient,
                        "supplier": event.supplier,
                        "code_system": event.code_system,
                        "first_seen": event.period_end,
                    }
                    for patient, event in first.items()
                ],
            )
        )
    return writes


def _received(event: CollectionReceived, position: int) -> list[Write]:
    # A second file of the same collection adds to who took part.
    statement = insert(collections)
    return [
        Write(
            statement.on_conflict_do_update(
                index_elements=["collection"],
                set_={
                    "practices": func.array_cat(
                        collections.c.practices, statement.excluded.practices
                    )
                },
            ),
            [
                {
                    "collection": event.collection,
                    "period_end": event.period_end,
                    "position": position,
                    "practices": list(event.practices),
                }
            ],
        )
    ]


def _counts(counted: dict[tuple[str, str, str], int]) -> list[Write]:
    if not counted:
        return []
    statement = insert(carried)
    return [
        Write(
            statement.on_conflict_do_update(
                index_elements=["collection", "supplier", "code_system"],
                set_={"patients": carried.c.patients + statement.excluded.patients},
            ),
            [
                {"collection": c, "supplier": s, "code_system": v, "patients": n}
                for (c, s, v), n in counted.items()
            ],
        )
    ]


TRANSMISSION = Projection("transmission", (dissents, collections, members, carried), _load, _apply)


class Transmitted(NamedTuple):
    """One line of the board (docs/formats.md 9): `transmitted` of `entered` new dissents arrived.

    `first_seen` are the patients this collection carried for the first time; `backlog` the
    dissents standing at its period end that no collection had carried; `ratio` is None where
    nothing was entered.
    """

    collection: str
    period_end: date
    supplier: str
    code_system: str
    entered: int
    transmitted: int
    ratio: float | None
    first_seen: int
    backlog: int
    carried: int


def board(connection: Connection, *, supplier: str | None = None) -> list[Transmitted]:
    """The whole board, by period end, supplier and code system."""
    taken = connection.execute(
        select(collections).order_by(collections.c.period_end, collections.c.collection)
    ).all()
    lines: list[Transmitted] = []
    previous: date | None = None
    for row in taken:
        lines += _lines(connection, row.collection, row.period_end, previous)
        previous = row.period_end
    return [line for line in lines if supplier is None or line.supplier == supplier]


def _lines(
    connection: Connection, collection: str, period_end: date, previous: date | None
) -> list[Transmitted]:
    took_part = select(func.unnest(collections.c.practices)).where(
        collections.c.collection == bindparam("collection")
    )
    d = dissents.c
    stood = or_(d.ended_on.is_(None), d.ended_on > period_end)
    new = d.entered_on > previous if previous is not None else d.entered_on <= period_end
    arrived = d.first_carried == period_end
    missing = or_(d.first_carried.is_(None), d.first_carried > period_end)
    counts = connection.execute(
        select(
            d.supplier,
            d.code_system,
            func.count().filter(new).label("entered"),
            func.count().filter(new, arrived).label("transmitted"),
            func.count().filter(missing).label("backlog"),
        )
        .where(d.entered_on <= period_end, stood, d.practice.in_(took_part))
        .group_by(d.supplier, d.code_system),
        {"collection": collection},
    ).all()
    by_key = {(row.supplier, row.code_system): row for row in counts}
    seen = _grouped(
        connection,
        select(members.c.supplier, members.c.code_system, func.count())
        .where(members.c.first_seen == period_end)
        .group_by(members.c.supplier, members.c.code_system),
    )
    sent = _grouped(
        connection,
        select(carried.c.supplier, carried.c.code_system, carried.c.patients).where(
            carried.c.collection == collection
        ),
    )
    lines = []
    for supplier, code_system in sorted({*by_key, *seen, *sent}):
        row = by_key.get((supplier, code_system))
        entered = row.entered if row else 0
        transmitted = row.transmitted if row else 0
        lines.append(
            Transmitted(
                collection=collection,
                period_end=period_end,
                supplier=supplier,
                code_system=code_system,
                entered=entered,
                transmitted=transmitted,
                ratio=round(transmitted / entered, 4) if entered else None,
                first_seen=seen.get((supplier, code_system), 0),
                backlog=row.backlog if row else 0,
                carried=sent.get((supplier, code_system), 0),
            )
        )
    return lines


def _grouped(connection: Connection, query: Select[str, str, int]) -> dict[tuple[str, str], int]:
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}
