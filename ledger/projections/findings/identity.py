"""Whose entries are these, and who answers for them: what the rules ask that no history tells alone.

Kept are, an entry a row, whose it is, what its source record is and the day it was entered, and what
it says, by whom and in which system (for `edits` and `left_behind`); which practices closed; and what
a register told of which codes. From that come the source records that arrived
for two patients (ID09), the entries whose number can be nobody's (ID02) and those that name a practice
that was none (ID03).
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    LargeBinary,
    Select,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import DateTime as Timestamp
from sqlalchemy.dialects.postgresql import insert

from ledger.domain.entries import SourceKey
from ledger.domain.events import (
    EntryRecorded,
    EntryRemoved,
    Kept,
    NumberSuperseded,
    PracticeClosed,
    PracticeListed,
    PracticeReopened,
    Registered,
)
from ledger.domain.live_practices import always_live
from ledger.domain.objections import practice_day
from ledger.domain.practice_facts import edit_told_by
from ledger.domain.practices import Practice
from ledger.domain.purposes import Statement
from ledger.domain.rule import Closing, DoubtfulEntry, EnteredOn
from ledger.domain.streams import patient_of, practice_of
from ledger.domain.survivors import Supersession, Survivors
from ledger.projections.findings import tables
from ledger.store import codec
from ledger.store.bulk import among
from ledger.store.projection import Batch, Write, metadata, upsert
from ledger.store.supersessions import survivors

# `record` tells one source record from another: some bytes of a hash, for its names are long.
records = Table(
    "finding_records",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("patient", Uuid, nullable=False),
    Column("record", BigInteger, nullable=False, index=True),
    Column("practice", String, nullable=False),
    Column("entered_on", Date, nullable=False),
    Column("stands", Boolean, nullable=False),
    Column("clinical_system", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("dissent", Boolean, nullable=False),
    # Who entered it, and when, as far as the practice's system tells both.
    Column("entered_by", String),
    Column("entered_at", Timestamp(timezone=True)),
    Index("finding_records_of_practice", "practice", "position"),
)
# Source records that have been more than one patient's: few.
shared = Table(
    "finding_shared_records",
    metadata,
    Column("record", BigInteger, primary_key=True),
    Column("patient", Uuid, primary_key=True, index=True),
)
doubtful = Table(
    "finding_doubtful",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("patient", Uuid, nullable=False),
    Column("practice", String, nullable=False, index=True),
    Column("recorded_at", Timestamp(timezone=True), nullable=False),
    Column("state", LargeBinary, nullable=False),
)
# Where patients have ever been registered, though they never objected there.
registered = Table(
    "finding_registered",
    metadata,
    Column("practice", String, primary_key=True),
    Column("patient", Uuid, primary_key=True),
)
listed = Table(
    "finding_listed",
    metadata,
    Column("practice", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("delivery", String),
    Column("position", BigInteger, nullable=False),
    Column("recorded_at", Timestamp(timezone=True), nullable=False),
)
closings = Table(
    "finding_closings",
    metadata,
    Column("practice", String, primary_key=True),
    Column("closed_on", Date, nullable=False),
    Column("successors", ARRAY(String), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("recorded_at", Timestamp(timezone=True), nullable=False),
)
TABLES = (records, shared, doubtful, registered, listed, closings)


# --- what a batch tells


def noted(batch: Batch, answered_otherwise: Collection[str]) -> Iterator[Write]:
    """Keep what these events tell, in their order where one undoes another; and mark whoever is
    concerned by what happened to these practices.
    """
    rows = [
        _row(kept, kept.event) for kept in batch.events if isinstance(kept.event, EntryRecorded)
    ]
    yield from upsert(records, rows)
    yield from _came_to_another({row["record"] for row in rows})
    gone = [at for kept in batch.events if (at := _undone(kept)) is not None]
    if gone:
        undone = among(records.c.position, gone)
        yield Write(update(records).where(undone).values(stands=False))
    places = [
        {"practice": kept.event.practice, "patient": patient_of(kept.stream)}
        for kept in batch.events
        if isinstance(kept.event, Registered)
    ]
    yield from upsert(registered, places)
    yield from _listed(batch)
    yield from _doubtful(batch, set(gone))
    yield from _closed(batch)
    yield from _mark_patients_of(answered_otherwise)


def _row(kept: Kept, event: EntryRecorded) -> dict[str, Any]:
    edit = edit_told_by(kept)
    return {
        "position": kept.position,
        "patient": patient_of(kept.stream),
        "record": _record(event.key),
        "practice": event.practice,
        "entered_on": practice_day(event.entered_at or kept.recorded_at),
        "stands": True,
        "clinical_system": event.clinical_system.value,
        "purpose": event.purpose.value,
        "dissent": event.statement is Statement.DISSENT,
        "entered_by": None if edit is None else edit.who,
        "entered_at": None if edit is None else edit.at,
    }


def _came_to_another(told: Collection[int]) -> Iterator[Write]:
    """Which of these source records have been more than one patient's."""
    if told:
        another = records.alias()
        by_another = select(literal(1)).where(
            another.c.record == records.c.record, another.c.patient != records.c.patient
        )
        whose = (
            select(records.c.record, records.c.patient)
            .where(among(records.c.record, sorted(told)), by_another.exists())
            .distinct()
        )
        statement = insert(shared).from_select(("record", "patient"), whose)
        yield Write(statement.on_conflict_do_nothing())


def _listed(batch: Batch) -> Iterator[Write]:
    """Whom the register lists. Once it lists anybody, a code that it does not is an unknown one."""
    rows = [
        {
            "practice": practice_of(kept.stream),
            "status": kept.event.status,
            "delivery": kept.event.delivery,
            "position": kept.position,
            "recorded_at": kept.recorded_at,
        }
        for kept in batch.events
        if isinstance(kept.event, PracticeListed)
    ]
    if rows:
        is_known = select(literal(1)).select_from(listed).exists()
        yield Write(update(tables.practices).where(~is_known).values(due=true()))
    yield from upsert(listed, rows)


def _undone(kept: Kept) -> int | None:
    """The position of the entry that is not in the practice's record any more."""
    match kept.event:
        case EntryRemoved() as event:
            return event.removes
        case EntryRecorded() as event:
            return event.replaces
        case _:
            return None


def _doubtful(batch: Batch, gone: Collection[int]) -> Iterator[Write]:
    """The entries whose number can be nobody's, until they are gone or the number is put right."""
    found: dict[int, dict[str, object]] = {}
    for kept in batch.events:
        patient = patient_of(kept.stream)
        match kept.event:
            case EntryRecorded(number_kind=str()) as event if kept.position not in gone:
                found[kept.position] = {
                    "position": kept.position,
                    "patient": patient,
                    "practice": event.practice,
                    "recorded_at": kept.recorded_at,
                    "state": codec.to_bytes(event),
                }
            case NumberSuperseded(practice=str() as practice) as event:
                # Another of the practice's patients may bear a dummy still.
                if practice not in (event.still_borne or ()):
                    yield from upsert(doubtful, list(found.values()))
                    found = {}
                    theirs = (doubtful.c.patient == patient, doubtful.c.practice == practice)
                    yield Write(delete(doubtful).where(*theirs))
            case _:
                pass
    yield from upsert(doubtful, list(found.values()))
    if gone:
        yield Write(delete(doubtful).where(among(doubtful.c.position, list(gone))))


def _closed(batch: Batch) -> Iterator[Write]:
    last: dict[str, Kept] = {}
    for kept in batch.events:
        if isinstance(kept.event, PracticeClosed | PracticeReopened):
            code = practice_of(kept.stream)
            assert code is not None, "only a practice closes"
            last[code] = kept
    open_again = [code for code, k in last.items() if isinstance(k.event, PracticeReopened)]
    if open_again:
        yield Write(delete(closings).where(among(closings.c.practice, open_again)))
    yield from upsert(
        closings,
        [
            {
                "practice": code,
                "closed_on": kept.event.closed_on,
                "successors": _successors(kept.event),
                "position": kept.position,
                "recorded_at": kept.recorded_at,
            }
            for code, kept in last.items()
            if isinstance(kept.event, PracticeClosed)
        ],
    )


def _successors(event: PracticeClosed) -> list[str]:
    return [succession.practice for succession in event.successors]


def _record(key: SourceKey) -> int:
    digest = hashlib.sha256("\n".join(key).encode()).digest()
    return int.from_bytes(digest[:8], signed=True)


# --- what the rules about patients need


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who has had an entry of whom, as far as these patients are concerned."""

    with_whom: Mapping[UUID, Collection[UUID]]

    def concerned(self, patients: Collection[UUID], known: Survivors) -> Collection[UUID]:
        """Whose judgement may change because these patients' histories did."""
        if not self.with_whom and not known.known:
            return patients
        survivors_ = {s for p in patients for s in known.bearing_on(p)}
        if not self.with_whom:
            return survivors_
        joined = {q for s in survivors_ for q in known.borne_by(s)}
        return {s for p in joined | self._of(joined) for s in known.bearing_on(p)}

    def others(self, patients: Collection[UUID], known: Survivors) -> set[frozenset[UUID]]:
        """Those who have had an entry of these patients, each with whomever they survive."""
        whole = {known.borne_by(known.survivor(other)) for other in self._of(patients)}
        return {together for together in whole if together.isdisjoint(patients)}

    def _of(self, patients: Iterable[UUID]) -> set[UUID]:
        return {other for patient in patients for other in self.with_whom.get(patient, ())}


def around(
    connection: Connection, patients: Collection[UUID], *, upto: int
) -> tuple[Sharing, Survivors]:
    """Who has had an entry of these patients, who survives whom, and so on of those in their turn."""
    sharing: defaultdict[UUID, set[UUID]] = defaultdict(set)
    known: set[Supersession] = set()
    met: set[UUID] = set()
    ahead = set(patients)
    while ahead:
        met |= ahead
        told = survivors(connection, ahead, upto=upto)
        known.update(told.known)
        ours, theirs = shared.alias(), shared.alias()
        pairs = select(ours.c.patient, theirs.c.patient.label("other")).where(
            among(ours.c.patient, ahead | told.met),
            theirs.c.record == ours.c.record,
            theirs.c.patient != ours.c.patient,
        )
        for row in connection.execute(pairs):
            sharing[row.patient].add(row.other)
        ahead = {other for others in sharing.values() for other in others} - met - told.met
        met |= told.met
    return Sharing(sharing), Survivors(sorted(known))


def closings_around(connection: Connection, codes: Collection[str]) -> dict[str, Closing]:
    """The closings of these practices, of those that have their patients or had them before, and so
    on of those in their turn.
    """
    found: dict[str, Closing] = {}
    met: set[str] = set()
    ahead = set(codes)
    while ahead:
        met |= ahead
        named = bindparam(None, sorted(ahead), ARRAY(String))
        asked = select(closings).where(
            or_(among(closings.c.practice, sorted(ahead)), closings.c.successors.op("&&")(named))
        )
        for row in connection.execute(asked):
            found[row.practice] = Closing(row.closed_on, tuple(row.successors))
        ahead = {code for closing in found.values() for code in closing.successors} | set(found)
        ahead -= met
    return found


def answered_otherwise(connection: Connection, batch: Batch) -> set[str]:
    """The practices for whose patients it may matter that practices closed, or are open again.

    Asked before the batch's rows stand, so that those are met to whom a closing led until now.
    """
    codes: set[str] = set()
    for kept in batch.events:
        match kept.event:
            case PracticeClosed() as event:
                codes |= {practice_of(kept.stream) or "", *_successors(event)}
            case PracticeReopened():
                codes.add(practice_of(kept.stream) or "")
            case _:
                pass
    met = closings_around(connection, codes) if codes else {}
    return codes.union(met, *(closing.successors for closing in met.values()))


def _mark_patients_of(codes: Collection[str]) -> Iterator[Write]:
    """Whoever has entries at these practices, or was registered there, has to be judged."""
    if codes:
        entries = select(records.c.patient).where(among(records.c.practice, sorted(codes)))
        places = select(registered.c.patient).where(among(registered.c.practice, sorted(codes)))
        p = tables.patients
        theirs = p.c.patient.in_(entries.union(places))
        yield Write(update(p).where(theirs).values(due=true()))


# --- what the rules about practices need


class OfPractice(NamedTuple):
    """What stands in a practice's record that the practice's own events do not tell."""

    doubtful: Sequence[DoubtfulEntry] = ()
    entered: Sequence[EnteredOn] = ()
    register_known: bool = False


def of_practices(
    connection: Connection, practices: Mapping[str, Practice]
) -> Mapping[str, OfPractice]:
    """The same of many practices at once, once the batch's rows stand.

    Of a practice that was live all along no entry is told: that is nearly everybody.
    """
    register_known = bool(connection.execute(select(exists(select(listed.c.practice)))).scalar())
    numbers: defaultdict[str, list[DoubtfulEntry]] = defaultdict(list)
    query = select(doubtful).where(among(doubtful.c.practice, practices))
    for row in connection.execute(query.order_by(doubtful.c.position)):
        event = codec.from_bytes(EntryRecorded.TOPIC, row.state)
        assert isinstance(event, EntryRecorded), "its topic said so"
        numbers[row.practice].append(DoubtfulEntry(row.position, row.recorded_at, event))
    days: defaultdict[str, list[EnteredOn]] = defaultdict(list)
    for row in connection.execute(_suspect(practices, register_known=register_known)):
        days[row.practice].append(EnteredOn(row.position, row.entered_on))
    return {code: OfPractice(numbers[code], days[code], register_known) for code in practices}


def _suspect(
    practices: Mapping[str, Practice], *, register_known: bool
) -> Select[tuple[str, int, date]]:
    """The entries of practices of which the register says anything that may be held against them:
    all of them, or those after the closing where it closed and no more is said.
    """
    suspect = {code: practice for code, practice in practices.items() if not always_live(practice)}
    closed = {
        code
        for code, practice in suspect.items()
        if practice.closed is not None and always_live(replace(practice, closed=None))
    }
    others = {
        code
        for code, practice in suspect.items()
        if code not in closed and (practice.listings or practice.closed or register_known)
    }
    after = and_(among(records.c.practice, closed), records.c.entered_on > closings.c.closed_on)
    return (
        select(records.c.practice, records.c.position, records.c.entered_on)
        .outerjoin(closings, closings.c.practice == records.c.practice)
        .where(records.c.stands, or_(among(records.c.practice, others), after))
        .order_by(records.c.position)
    )
