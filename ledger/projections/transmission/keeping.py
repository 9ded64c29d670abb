"""What the board keeps: each standing type 2 dissent with the collection that first carried it, what
each collection was, and when each patient was first carried.
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
    String,
    Table,
    Text,
    Uuid,
    func,
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
            for carriage in carriages(PatientHistory(history, (), {}, day))
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
