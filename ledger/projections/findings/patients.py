"""The rules about patients: whose history has to be looked at again, and at which moment.

What was handed in entry by entry is judged at its own moment each. At a release, or the end of a
delivery, everybody is judged whom it touched, whom a collection may tell something new of, or for
whom a day came. Histories are read and judged so many at a time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, or_, select, true
from sqlalchemy.dialects.postgresql import insert

from ledger.domain import held, objections
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.events import (
    Deregistered,
    EntryRecorded,
    Kept,
    ObjectionTransmitted,
    Registered,
)
from ledger.domain.objections import practice_day
from ledger.domain.practices import SystemUse
from ledger.domain.recording_errors import PATIENT_RULES
from ledger.domain.releases import Release
from ledger.domain.rule import (
    Closing,
    CollectionTaken,
    PatientHistory,
    Rule,
    Sighting,
    whatever_the_day,
)
from ledger.domain.streams import patient_of, patient_stream
from ledger.domain.survivors import Survivors, merged
from ledger.domain.thresholds import Thresholds
from ledger.domain.transmission import Carriage, carriages, settled_from
from ledger.domain.unexplained import awaited
from ledger.projections.findings import identity, releases, tables
from ledger.projections.findings.book import Book, Moment, Subject
from ledger.projections.findings.cutting import closes, is_alone, parts
from ledger.projections.findings.identity import Sharing
from ledger.projections.findings.thresholds import in_force
from ledger.store.bulk import among
from ledger.store.carriages import replace_carriages
from ledger.store.projection import Batch, Write, decoded_streams, upsert

# So many histories at a time: enough that a statement for all of them costs nothing, few enough
# that they need no memory to speak of.
CHUNK = 2_000
Streams = Mapping[UUID, Sequence[Kept]]
_TIMED = [rule for rule in PATIENT_RULES if rule.days is not whatever_the_day]


class _Look(NamedTuple):
    """A patient whose history has to be looked at, as known at a moment."""

    patient: UUID
    moment: Moment


def mark_due(patients: Collection[UUID]) -> list[Write]:
    """They have to be judged at the end of the delivery under way."""
    if not patients:
        return []
    statement = insert(tables.patients)
    changed = statement.on_conflict_do_update(index_elements=["patient"], set_={"due": true()})
    rows = [{"patient": p, "due": True, "unheard": []} for p in sorted(patients)]
    return [Write(changed, rows)]


def settle(connection: Connection, batch: Batch) -> Iterator[Write]:
    """Ask the rules again about everybody of whom they may say something else now."""
    if is_alone(batch):
        looks = [
            _Look(patient, Moment(kept.position, kept.recorded_at))
            for kept in batch.events
            if (patient := patient_of(kept.stream)) is not None
        ]
    elif closes(batch):
        first, *others = parts(batch)
        looks = _looks(first.patients | _waiting(connection, first.moment), first.moment)
        looks += [look for part in others for look in _looks(part.patients, part.moment)]
    else:
        looks = []
    if looks:
        yield from _judged(connection, looks, in_force(connection), _new(batch))


def turn_day(connection: Connection, position: int, now: datetime) -> Iterator[Write]:
    """Ask again about those for whom a day came."""
    moment = Moment(position, now)
    woken = select(tables.patients.c.patient).where(
        tables.patients.c.wake_on <= practice_day(now), ~tables.patients.c.due
    )
    patients = set(connection.execute(woken).scalars())
    yield from judge(connection, patients, moment, in_force(connection))


def judge(
    connection: Connection, patients: Collection[UUID], moment: Moment, thresholds: Thresholds
) -> Iterator[Write]:
    """What the rules say of these patients, of whom everything up to the moment is known."""
    yield from _judged(connection, _looks(patients, moment), thresholds)


def _looks(patients: Collection[UUID], moment: Moment) -> list[_Look]:
    return [_Look(patient, moment) for patient in sorted(patients)]


def _waiting(connection: Connection, moment: Moment) -> set[UUID]:
    p = tables.patients.c
    asked = select(p.patient).where(or_(p.due, p.wake_on <= practice_day(moment.recorded_at)))
    return set(connection.execute(asked).scalars())


def _new(batch: Batch) -> Streams:
    """The whole histories of those of whom the ledger had heard nothing before this batch."""
    told: defaultdict[UUID, list[Kept]] = defaultdict(list)
    # What the log holds besides, which might be theirs, would be missing from them.
    for kept in () if batch.holds_others else batch.events:
        if (patient := patient_of(kept.stream)) is not None:
            told[patient].append(kept)
    return {patient: stream for patient, stream in told.items() if stream[0].version == 1}


def _judged(
    connection: Connection,
    looks: Sequence[_Look],
    thresholds: Thresholds,
    new: Streams = MappingProxyType({}),
) -> Iterator[Write]:
    for begin in range(0, len(looks), CHUNK):
        yield from _chunk(connection, looks[begin : begin + CHUNK], thresholds, new)


def _chunk(
    connection: Connection, looks: Sequence[_Look], thresholds: Thresholds, new: Streams
) -> Iterator[Write]:
    around = _around(connection, looks, thresholds, new)
    kept: dict[UUID, _Kept] = {}
    for moment, patients in _by_moment(looks):
        known = around.known.upto(moment.position)
        for patient in sorted(around.sharing.concerned(patients, known)):
            kept[patient] = _judge(around, patient, moment, known)
    yield from replace_carriages(tables.dissents, {p: one.told for p, one in kept.items()})
    rows = [
        {
            "patient": patient,
            "settled_from": one.settled_from,
            "due": False,
            "wake_on": one.wake_on,
            "unheard": one.unheard,
        }
        for patient, one in kept.items()
    ]
    yield from upsert(tables.patients, rows)
    yield from around.book.writes()


def _by_moment(looks: Iterable[_Look]) -> Iterator[tuple[Moment, list[UUID]]]:
    by_moment: dict[Moment, list[UUID]] = {}
    for look in looks:
        by_moment.setdefault(look.moment, []).append(look.patient)
    return iter(by_moment.items())


class _Kept(NamedTuple):
    """What is kept of a patient who was judged."""

    told: tuple[Carriage, ...] = ()
    settled_from: date | None = None
    wake_on: date | None = None
    unheard: Sequence[str] = ()


class _Around(NamedTuple):
    """What is known around some patients: their histories, and what else rules are told."""

    streams: Streams
    known: Survivors
    sharing: Sharing
    closings: Mapping[str, Closing]
    collections: Sequence[CollectionTaken]
    delivering: Mapping[str, date]
    systems: Mapping[str, Sequence[SystemUse]]
    dismissals: Mapping[int, set[str]]
    releases: Mapping[UUID, Sequence[Release]]
    thresholds: Thresholds
    book: Book

    def history(self, patients: Collection[UUID], moment: Moment) -> PatientHistory:
        """The one history that these patients have, as known at the moment."""
        events = merged(self.streams.get(patient, ()) for patient in patients)
        return PatientHistory(
            objections=objections.fold(k for k in events if k.position <= moment.position),
            collections=self.collections,
            delivering=self.delivering,
            today=practice_day(moment.recorded_at),
            dismissals=self.dismissals,
            systems=self.systems,
            thresholds=self.thresholds,
            # Whatever release is known ends a batch, and is as old as every moment in this one.
            releases=releases.holding(self.releases, patients),
            closings=self.closings,
        )

    def judged(
        self, patients: Collection[UUID], moment: Moment, known: Survivors
    ) -> PatientHistory:
        """Their history, told besides which of its source records count for others too."""
        history = self.history(patients, moment)
        others = self.sharing.others(patients, known)
        if not others:
            return history
        theirs = held.shared(self.history(other, moment) for other in others)
        return replace(history, shared_records=theirs)


def _judge(around: _Around, patient: UUID, moment: Moment, known: Survivors) -> _Kept:
    subject = Subject(patient_stream(patient), patient=patient)
    own = known.survived_by(patient)
    if not own:
        # Whoever survives them is judged in their place.
        around.book.judge(subject, (), moment)
        return _Kept()
    borne = known.borne_by(patient)
    history = around.judged(borne, moment, known)
    seen = list(_asked(history))
    recorded = {e.position: e.recorded_at for p in borne for e in around.streams.get(p, ())}
    around.book.judge(subject, seen, moment, recorded=recorded)
    told = carriages(history)
    settled = settled_from(history, told, quiet=not seen)
    if known.known:
        theirs = {e.position for p in own for e in around.streams.get(p, ())}
        told = tuple(c for c in told if c.position in theirs)
    named = {e.event.practice for e in history.objections.entries}
    named |= {sent.event.practice for sent in history.objections.transmissions}
    waited_for = {sent.event.practice for sent in awaited(history)}
    return _Kept(
        told,
        settled,
        min(_days(history), default=None),
        sorted(named - around.delivering.keys() | waited_for),
    )


def _asked(history: PatientHistory) -> Iterator[tuple[Rule[Any], Sighting]]:
    for rule in PATIENT_RULES:
        for sighting in rule.find(history):
            yield rule, sighting


def _days(history: PatientHistory) -> Iterator[date]:
    """The days to come on which a rule may see something else, or an entry begins to count."""
    for rule in _TIMED:
        yield from (day for day in rule.days(history) if day > history.today)
    for purpose in history.purposes:
        for standing in history.standing(purpose):
            if standing.counts_on > history.today:
                yield standing.counts_on


# --- what is known around them


def _around(
    connection: Connection, looks: Sequence[_Look], thresholds: Thresholds, new: Streams
) -> _Around:
    patients = {look.patient for look in looks}
    upto = max(look.moment.position for look in looks)
    sharing, known = identity.around(connection, patients, upto=upto)
    # A history is judged with those of whom the patient survives, by whoever it touches, and
    # beside those of whoever has had an entry of theirs.
    everybody = patients | known.met | sharing.with_whom.keys()
    names = {patient: patient_stream(patient) for patient in sorted(everybody)}
    unread = [name for patient, name in names.items() if patient not in new]
    read = decoded_streams(connection, unread, upto=upto)
    streams = {p: new[p] if p in new else read[name] for p, name in names.items()}
    entries: list[int] = []
    codes: set[str] = set()
    for stream in streams.values():
        for kept in stream:
            if isinstance(kept.event, EntryRecorded):
                entries.append(kept.position)
                codes.add(kept.event.practice)
            elif isinstance(kept.event, ObjectionTransmitted | Registered | Deregistered):
                codes.add(kept.event.practice)
    found = tables.findings
    rows = connection.execute(select(found).where(among(found.c.subject, list(names.values()))))
    return _Around(
        streams,
        known,
        sharing,
        identity.closings_around(connection, codes),
        _collections(connection),
        _delivering(connection, codes),
        _systems(connection, codes),
        _dismissals(connection, entries),
        releases.load(connection, everybody, upto=upto),
        thresholds,
        Book(rows.mappings().all(), thresholds.version),
    )


# Who took part in a collection, by the digest of its practices: mostly the same every month.
_PRACTICES: dict[str, frozenset[str]] = {}
_AS_MANY = 200


def _collections(connection: Connection) -> list[CollectionTaken]:
    t = tables.collections.c
    rows = connection.execute(
        select(t.collection, t.period_end, t.position, t.digest).order_by(
            t.period_end, t.collection
        )
    ).all()
    taking_part = {row.digest: _PRACTICES.get(row.digest) for row in rows}
    if unread := [digest for digest, practices in taking_part.items() if practices is None]:
        read = select(t.digest, t.practices).where(among(t.digest, unread))
        new = {row.digest: frozenset(row.practices) for row in connection.execute(read)}
        taking_part |= new
        if len(_PRACTICES) > _AS_MANY:
            _PRACTICES.clear()
        _PRACTICES.update(new)
    return [
        CollectionTaken(row.collection, row.period_end, practices, row.position)
        for row in rows
        if (practices := taking_part[row.digest]) is not None
    ]


def _delivering(connection: Connection, codes: Collection[str]) -> dict[str, date]:
    t = tables.practices.c
    asked = select(t.practice, t.delivered_on).where(t.delivering, among(t.practice, sorted(codes)))
    return {row.practice: row.delivered_on for row in connection.execute(asked)} if codes else {}


def _systems(connection: Connection, codes: Collection[str]) -> defaultdict[str, list[SystemUse]]:
    """The systems used by the practices at which these people have entries."""
    t = tables.systems.c
    systems: defaultdict[str, list[SystemUse]] = defaultdict(list)
    asked = select(tables.systems).where(among(t.practice, sorted(codes))).order_by(t.position)
    for row in connection.execute(asked) if codes else ():
        system = ClinicalSystem(row.clinical_system)
        systems[row.practice].append(SystemUse(system, row.since, row.position, row.recorded_at))
    return systems


def _dismissals(connection: Connection, entries: Collection[int]) -> dict[int, set[str]]:
    t = tables.dismissals.c
    rules: defaultdict[int, set[str]] = defaultdict(set)
    asked = select(t.entry, t.rule).where(among(t.entry, list(entries)))
    for row in connection.execute(asked) if entries else ():
        rules[row.entry].add(row.rule)
    return dict(rules)
