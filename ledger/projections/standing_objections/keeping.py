"""Who objects to what now: one line a patient and purpose, with the entry that decided it.

Of a patient whose record a practice has withheld nobody can tell, unless an entry makes them
objecting: they have a line in `standing_withheld`, and none here that says that they do not object.
From when until when each objected, as known now, is kept beside it, to be counted month by month.
"""

from collections import defaultdict
from typing import NamedTuple, get_args
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
    select,
)

from ledger.domain import objections, policies
from ledger.domain.events import (
    DeathRemoved,
    Died,
    EntryRecorded,
    EntryRemoved,
    FindingDismissed,
    FindingReopened,
    NumberSuperseded,
    RecordAnswered,
    RecordWithheld,
)
from ledger.domain.objections import Objections
from ledger.domain.policies import DISMISSIBLE, Dismissals, decide, most_protective, say, standing
from ledger.domain.streams import patient_of, patient_stream
from ledger.domain.survivors import merged
from ledger.store.log import read_streams
from ledger.store.projection import Batch, Projection, Write, decoded, metadata, upsert
from ledger.store.supersessions import survivors

standing_objections = Table(
    "standing_objections",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("objecting", Boolean, nullable=False),
    Column("counts_on", Date, nullable=False),
    Column("practice", String, nullable=False, index=True),
    Column("position", BigInteger, nullable=False),
    # Whether this is somebody else now, whose own line says so too: not to be counted twice.
    Column("superseded", Boolean, nullable=False),
)
# Whose record some practice withholds, by the newest refusal: counts as objecting to everything.
withheld = Table(
    "standing_withheld",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("practice", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("superseded", Boolean, nullable=False),
)
# When each objected, by the entries that stand now: of those who are nobody else by now.
spans = Table(
    "standing_spans",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
    Column("practice", String, nullable=False),
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

_CHANGING = EntryRecorded | EntryRemoved | Died | DeathRemoved | RecordWithheld | RecordAnswered
_TOPICS = tuple(event.TOPIC for event in get_args(_CHANGING))


class _Before(NamedTuple):
    # Of each patient, one history for each who survives them.
    histories: dict[UUID, list[Objections]]
    superseded: set[UUID]
    dismissals: Dismissals


def _touched(batch: Batch) -> set[UUID]:
    return {
        patient
        for kept in batch.events
        if isinstance(kept.event, _CHANGING | NumberSuperseded)
        and (patient := patient_of(kept.stream)) is not None
    }


def _said_in(batch: Batch) -> list[FindingDismissed | FindingReopened]:
    """What controllers said of findings on which a status rests."""
    return [
        kept.event
        for kept in batch.events
        if isinstance(kept.event, FindingDismissed | FindingReopened)
        and kept.event.rule in DISMISSIBLE
    ]


def _load(connection: Connection, batch: Batch) -> _Before:
    patients = _touched(batch)
    new = _said_in(batch)
    if new:
        patients |= set(
            connection.execute(
                select(entry_patients.c.patient).where(
                    entry_patients.c.entry.in_([entry for word in new for entry in word.entries])
                )
            ).scalars()
        )
    known = survivors(connection, patients, upto=batch.last)
    patients |= known.met
    read = read_streams(
        connection, [patient_stream(p) for p in patients], upto=batch.last, topics=_TOPICS
    )
    streams = {patient: decoded(read[patient_stream(patient)]) for patient in patients}
    histories = {
        patient: [
            objections.fold(merged(streams[p] for p in together))
            for together in known.answering_for(patient)
        ]
        for patient in patients
    }
    superseded = {patient for patient in patients if known.survivor(patient) != patient}
    entries = [
        kept.position
        for stream in streams.values()
        for kept in stream
        if isinstance(kept.event, EntryRecorded)
    ]
    rules: defaultdict[int, set[str]] = defaultdict(set)
    for row in connection.execute(select(dismissed).where(dismissed.c.entry.in_(entries))):
        rules[row.entry].add(row.rule)
    for word in new:
        say(rules, word)
    return _Before(histories, superseded, rules)


def _apply(batch: Batch, before: _Before) -> list[Write]:
    day = objections.practice_day(batch.events[-1].recorded_at)
    rows = []
    refusals = []
    objected = []
    for patient, histories in before.histories.items():
        if asked := [one for history in histories for one in history.withheld]:
            newest = max(asked, key=lambda one: (one.at, one.position))
            refusals.append(
                {
                    "patient": patient,
                    "practice": newest.practice,
                    "position": newest.position,
                    "superseded": patient in before.superseded,
                }
            )
        for purpose in {e.event.purpose for history in histories for e in history.entries}:
            stood = [(h, standing(h, purpose, before.dismissals)) for h in histories]
            if patient not in before.superseded:
                objected += [
                    {"patient": patient, "purpose": purpose, **span._asdict()}
                    for span in policies.spans([stands for _, stands in stood])
                ]
            # A dissent a day ahead of the practice's clock protects from the moment it is known.
            because = most_protective(
                decide(stands, max([day, *(s.counts_on for s in stands)]), withheld=h.withheld)
                for h, stands in stood
            ).because
            if because is not None:
                rows.append(
                    {
                        "patient": patient,
                        "purpose": purpose,
                        "objecting": because.is_dissent,
                        "counts_on": because.counts_on,
                        "practice": because.entry.event.practice,
                        "position": because.entry.position,
                        "superseded": patient in before.superseded,
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
        for table in (standing_objections, withheld, spans)
    ]
    return [
        *(gone if patients else []),
        *upsert(standing_objections, rows),
        *upsert(withheld, refusals),
        *upsert(spans, objected),
        *upsert(entry_patients, entries),
        *_dismissal_writes(batch),
    ]


def _dismissal_writes(batch: Batch) -> list[Write]:
    writes: list[Write] = []
    for word in _said_in(batch):
        rows = [{"entry": entry, "rule": word.rule} for entry in word.entries]
        if isinstance(word, FindingDismissed):
            writes += upsert(dismissed, rows)
        else:
            gone = delete(dismissed).where(dismissed.c.entry.in_(word.entries))
            writes.append(Write(gone.where(dismissed.c.rule == word.rule)))
    return writes


STANDING_OBJECTIONS = Projection(
    "standing_objections",
    (standing_objections, withheld, spans, dismissed, entry_patients),
    _load,
    _apply,
)
