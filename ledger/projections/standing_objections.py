"""Who objects to what now: one line a patient and purpose, with the entry that decided it.

Of a patient whose record a practice has withheld nobody can tell, unless an entry makes them
objecting: they have a line in `standing_withheld`, and none here that says that they do not object.
"""

from collections import defaultdict
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    String,
    Table,
    Uuid,
    delete,
    func,
    select,
)

from ledger.domain import objections
from ledger.domain.events import (
    Died,
    EntryRecorded,
    EntryRemoved,
    FindingDismissed,
    RecordAnswered,
    RecordWithheld,
)
from ledger.domain.objections import Objections
from ledger.domain.policies import DISMISSIBLE, Dismissals, decide, standing
from ledger.domain.purposes import Purpose
from ledger.domain.streams import patient_of, patient_stream
from ledger.store.log import read_streams
from ledger.store.projection import Batch, Projection, Write, decoded, metadata, upsert

standing_objections = Table(
    "standing_objections",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("objecting", Boolean, nullable=False),
    Column("counts_on", Date, nullable=False),
    Column("practice", String, nullable=False, index=True),
    Column("position", BigInteger, nullable=False),
)
# Whose record some practice withholds, by the newest refusal: counts as objecting to everything.
withheld = Table(
    "standing_withheld",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("practice", String, nullable=False),
    Column("position", BigInteger, nullable=False),
)
# Which patient an entry is of, so that a dismissal, which names entries, finds them.
dismissed = Table(
    "standing_dismissals",
    metadata,
    Column("entry", BigInteger, primary_key=True),
    Column("rule", String, primary_key=True),
)
entry_patients = Table(
    "standing_entries",
    metadata,
    Column("entry", BigInteger, primary_key=True),
    Column("patient", Uuid, nullable=False),
)

_TOLD = (EntryRecorded, EntryRemoved, Died, RecordWithheld, RecordAnswered)
_TOPICS = tuple(event.TOPIC for event in _TOLD)


class _Before(NamedTuple):
    histories: dict[UUID, Objections]
    dismissals: Dismissals


def _touched(batch: Batch) -> set[UUID]:
    return {
        patient
        for kept in batch.events
        if isinstance(kept.event, _TOLD) and (patient := patient_of(kept.stream)) is not None
    }


def _dismissed_in(batch: Batch) -> list[dict[str, object]]:
    return [
        {"entry": entry, "rule": kept.event.rule}
        for kept in batch.events
        if isinstance(kept.event, FindingDismissed) and kept.event.rule in DISMISSIBLE
        for entry in kept.event.entries
    ]


def _load(connection: Connection, batch: Batch) -> _Before:
    patients = _touched(batch)
    new = _dismissed_in(batch)
    if new:
        patients |= set(
            connection.execute(
                select(entry_patients.c.patient).where(
                    entry_patients.c.entry.in_([row["entry"] for row in new])
                )
            ).scalars()
        )
    streams = read_streams(
        connection, [patient_stream(p) for p in patients], upto=batch.last, topics=_TOPICS
    )
    histories = {
        patient: objections.fold(decoded(streams.get(patient_stream(patient), [])))
        for patient in patients
    }
    entries = [entry.position for history in histories.values() for entry in history.entries]
    rules: defaultdict[int, set[str]] = defaultdict(set)
    for row in connection.execute(select(dismissed).where(dismissed.c.entry.in_(entries))):
        rules[row.entry].add(row.rule)
    for dismissal in new:
        rules[int(str(dismissal["entry"]))].add(str(dismissal["rule"]))
    return _Before(histories, rules)


def _apply(batch: Batch, before: _Before) -> list[Write]:
    day = objections.practice_day(batch.events[-1].recorded_at)
    rows = []
    refusals = []
    for patient, history in before.histories.items():
        if history.withheld:
            newest = max(history.withheld, key=lambda asked: (asked.at, asked.position))
            refusals.append(
                {"patient": patient, "practice": newest.practice, "position": newest.position}
            )
        for purpose in {entry.event.purpose for entry in history.entries}:
            stands = standing(history, purpose, before.dismissals)
            # A dissent a day ahead of the practice's clock protects from the moment it is known.
            last = max([day, *(s.counts_on for s in stands)])
            because = decide(stands, last, withheld=history.withheld).because
            if because is not None:
                rows.append(
                    {
                        "patient": patient,
                        "purpose": purpose,
                        "objecting": because.is_dissent,
                        "counts_on": because.counts_on,
                        "practice": because.entry.event.practice,
                        "position": because.entry.position,
                    }
                )
    entries = [
        {"entry": kept.position, "patient": patient_of(kept.stream)}
        for kept in batch.events
        if isinstance(kept.event, EntryRecorded)
    ]
    patients = list(before.histories)
    gone = [
        Write(delete(table).where(table.c.patient.in_(patients)))
        for table in (standing_objections, withheld)
    ]
    return [
        *(gone if patients else []),
        *upsert(standing_objections, rows),
        *upsert(withheld, refusals),
        *upsert(entry_patients, entries),
        *upsert(dismissed, _dismissed_in(batch)),
    ]


STANDING_OBJECTIONS = Projection(
    "standing_objections",
    (standing_objections, withheld, dismissed, entry_patients),
    _load,
    _apply,
)


def objecting(connection: Connection, practice: str) -> dict[Purpose, int]:
    """How many patients whose latest entry stands at this practice object, by purpose."""
    rows = connection.execute(
        select(standing_objections.c.purpose, func.count())
        .where(standing_objections.c.practice == practice, standing_objections.c.objecting)
        .group_by(standing_objections.c.purpose)
        .order_by(standing_objections.c.purpose)
    )
    return {Purpose(purpose): count for purpose, count in rows}
