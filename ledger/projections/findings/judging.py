"""How a batch of events becomes findings: whose history grew, and what the rules say of it.

A subject is judged when everything that came together is known: the entries of a delivery at the
event that closes it, an entry handed in by itself at once. So a dissent and its withdrawal in one
delivery are seen together, wherever batches end.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from ledger.domain import objections
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.events import (
    ActionTaken,
    AgreementChanged,
    CodeMapDisagreed,
    CodeMapStated,
    CollectionReceived,
    DeliveryReceived,
    EntryRecorded,
    EntryRemoved,
    EntryUnmatched,
    FindingDismissed,
    FindingReopened,
    Kept,
    ObjectionTransmitted,
    SharingSettingChanged,
    SystemChanged,
)
from ledger.domain.objections import Objections, practice_day
from ledger.domain.policies import say
from ledger.domain.practices import SystemUse
from ledger.domain.purposes import Purpose
from ledger.domain.recording_errors import PATIENT_RULES
from ledger.domain.rule import (
    CollectionTaken,
    PatientHistory,
    PracticeHistory,
    Rule,
    Sighting,
    UnmatchedEntry,
)
from ledger.domain.streams import patient_of, patient_stream, practice_of
from ledger.domain.survivors import Survivors, merged
from ledger.domain.transmission import Carriage, carriages, is_settled
from ledger.projections.findings import tables
from ledger.projections.findings.book import Book, Moment, Subject
from ledger.store import codec
from ledger.store.bulk import among
from ledger.store.carriages import carry, replace_carriages
from ledger.store.projection import Batch, Write, decoded_streams, upsert
from ledger.store.supersessions import survivors

# What a controller says of a finding.
_WORDS = (FindingDismissed, FindingReopened)


@dataclass(slots=True)
class Before:
    """What has to be known to judge a batch: whole histories, read from the log up to its end."""

    patients: dict[UUID, list[Kept]]
    collections: list[CollectionTaken]
    delivering: set[str]
    systems: defaultdict[str, list[SystemUse]]
    unmatched: dict[int, UnmatchedEntry]
    dismissals: dict[int, set[str]]
    settled: set[UUID]
    due: set[UUID]
    awaiting: set[UUID]
    known: Survivors
    book: Book


def load(connection: Connection, batch: Batch) -> Before:
    """Read what this batch touches."""
    touched = {p for kept in batch.events if (p := patient_of(kept.stream)) is not None}
    t = tables.patients
    settled = _patients(connection, t.c.settled, among=touched)
    plain = _entries_changed(batch)
    patients = {p for p in touched if p in plain or p not in settled}
    due = _patients(connection, t.c.due)
    awaiting: set[UUID] = set()
    known_practices = tables.practices.c
    delivering = set(
        connection.execute(
            select(known_practices.practice).where(known_practices.delivering)
        ).scalars()
    )
    if _transmission_changes(batch, delivering):
        awaiting = _patients(connection, t.c.awaiting)
    dismissed = [k.event.finding for k in batch.events if isinstance(k.event, _WORDS)]
    patients |= due | awaiting | _patients_spoken_of(connection, batch)
    known_survivors = survivors(connection, touched | patients, upto=batch.last)
    # A history is judged with those of whom the patient survives, by whoever it touches.
    patients |= {
        other
        for patient in patients
        for p in known_survivors.bearing_on(patient)
        for other in known_survivors.borne_by(p)
    }
    subjects = [patient_stream(p) for p in patients]
    streams = decoded_streams(connection, subjects, upto=batch.last)
    histories = {p: streams[patient_stream(p)] for p in patients}
    known = connection.execute(
        select(tables.findings).where(
            or_(tables.findings.c.subject.in_(subjects), tables.findings.c.id.in_(dismissed))
        )
    ).mappings()
    return Before(
        patients=histories,
        collections=_collections(connection),
        delivering=delivering,
        systems=_systems(connection, histories.values()),
        unmatched=_unmatched(connection),
        dismissals=_dismissals(connection, histories.values()),
        settled=settled,
        due=due,
        awaiting=awaiting,
        known=known_survivors,
        book=Book(known.all()),
    )


def apply(batch: Batch, before: Before) -> list[Write]:
    """Judge, moment by moment, whoever's history grew in this batch."""
    return _Judging(batch, before).writes()


@dataclass(slots=True)
class _Judging:
    """One pass over a batch."""

    batch: Batch
    before: Before
    due: set[UUID] = field(default_factory=set)
    flags: dict[UUID, dict[str, object]] = field(default_factory=dict)
    told: dict[UUID, tuple[Carriage, ...]] = field(default_factory=dict)
    carried: defaultdict[date, list[UUID]] = field(default_factory=lambda: defaultdict(list))
    first_seen: dict[UUID, ObjectionTransmitted] = field(default_factory=dict)
    simple: list[Write] = field(default_factory=list)

    def writes(self) -> list[Write]:
        self.due |= self.before.due
        for kept in self.batch.events:
            self._note(kept)
            if isinstance(kept.event, DeliveryReceived):
                self._judge_delivery(kept)
            elif kept.event.delivery is None:
                self._judge_alone(kept)
        return [
            *self.simple,
            *self._patient_writes(),
            *replace_carriages(tables.dissents, self.told),
            *carry(tables.dissents, self.carried),
            *self._debut_writes(),
            *self.before.book.writes(),
        ]

    def _note(self, kept: Kept) -> None:
        """Keep what later batches need to know of this event."""
        patient = patient_of(kept.stream)
        match kept.event:
            case EntryRecorded() as event:
                assert patient is not None, "an entry is somebody's"
                self.due.add(patient)
                row = {"position": kept.position, "patient": patient}
                self.simple += upsert(tables.entries, [row])
                if event.was_unmatched is not None:
                    self._matched(event.was_unmatched)
            case EntryRemoved() as event if patient is None:
                self._matched(event.removes)
            case ObjectionTransmitted() as event:
                assert patient is not None, "only a patient can be carried"
                theirs = self.before.known.upto(kept.position).bearing_on(patient)
                self.carried[event.period_end] += theirs
                earlier = self.first_seen.get(patient)
                if earlier is None or event.period_end < earlier.period_end:
                    self.first_seen[patient] = event
                if patient not in self.before.settled:
                    self.due.add(patient)
            case EntryUnmatched() as event:
                waiting = UnmatchedEntry(kept.position, kept.recorded_at, event)
                self.before.unmatched[kept.position] = waiting
                row = {
                    "position": kept.position,
                    "practice": event.practice,
                    "recorded_at": kept.recorded_at,
                    "state": codec.to_bytes(event),
                }
                self.simple += upsert(tables.unmatched, [row])
            case CollectionReceived() as event:
                self._collect(event, kept.position)
            case FindingDismissed() | FindingReopened() as event:
                self._hear(event, kept.position)
            case ActionTaken() as event:
                row = {
                    "position": kept.position,
                    "action": event.action,
                    "practice": practice_of(kept.stream),
                    "taken_at": kept.recorded_at,
                    "taken_by": event.by,
                    "note": event.note,
                }
                self.simple += upsert(tables.actions_taken, [row])
            case SharingSettingChanged() | AgreementChanged():
                code = practice_of(kept.stream)
                known = insert(tables.practices).on_conflict_do_nothing()
                self.simple.append(Write(known, [{"practice": code, "delivering": False}]))
            case CodeMapStated() as event:
                row = {
                    "feed": event.feed,
                    "table": event.table,
                    "row_id": event.row_id,
                    "supplier": event.clinical_system.supplier.value,
                    "position": kept.position,
                    "since": practice_day(kept.recorded_at),
                    "state": codec.to_bytes(event) if isinstance(event, CodeMapDisagreed) else None,
                }
                self.simple += upsert(tables.code_maps, [row])
            case SystemChanged() as event:
                code = practice_of(kept.stream)
                assert code is not None, "only a practice uses a system"
                use = SystemUse(event.clinical_system, event.since, kept.position, kept.recorded_at)
                self.before.systems[code].append(use)
                self.simple += upsert(tables.systems, [{"practice": code, **asdict(use)}])
            case _ if patient is not None:
                self.due.add(patient)
            case _:
                pass

    def _matched(self, position: int) -> None:
        """The row that waits there is somebody's now, or gone, however often it was sent."""
        known = self.before.unmatched.get(position)
        if known is None:
            return
        key = known.event.key
        sent = [at for at, one in self.before.unmatched.items() if one.event.key == key]
        for at in sent:
            del self.before.unmatched[at]
        gone = delete(tables.unmatched).where(tables.unmatched.c.position.in_(sent))
        self.simple.append(Write(gone))

    def _collect(self, event: CollectionReceived, position: int) -> None:
        # Those whom it passed over have no event of their own in it. They wait, in the tables too,
        # for the event that closes the delivery: a batch may end between the two.
        self.due |= self.before.awaiting
        known = {c.collection: c for c in self.before.collections}
        earlier = known.get(event.collection)
        # A second file of the same collection adds to who took part.
        practices_ = frozenset(event.practices) | (earlier.practices if earlier else frozenset())
        known[event.collection] = CollectionTaken(
            event.collection,
            event.period_end,
            practices_,
            earlier.position if earlier else position,
        )
        taken = known[event.collection]
        self.before.collections = sorted(known.values(), key=lambda c: (c.period_end, c.collection))
        row = {**taken._asdict(), "practices": sorted(taken.practices)}
        self.simple += upsert(tables.collections, [row])

    def _hear(self, event: FindingDismissed | FindingReopened, position: int) -> None:
        """The controller dismissed a finding, or re-opened it."""
        say(self.before.dismissals, event)
        rows = [
            {"entry": entry, "rule": event.rule, "position": position} for entry in event.entries
        ]
        if isinstance(event, FindingDismissed):
            self.simple += upsert(tables.dismissals, rows)
            self.before.book.dismiss(event.finding, position)
        else:
            d = tables.dismissals.c
            gone = delete(tables.dismissals).where(among(d.entry, event.entries))
            self.simple.append(Write(gone.where(d.rule == event.rule)))
            self.before.book.reopen(event.finding, position)
        for patient, stream in self.before.patients.items():
            if any(kept.position in event.entries for kept in stream):
                self.due.add(patient)

    def _judge_delivery(self, kept: Kept) -> None:
        """Everything that came in this delivery is known: judge whom it touched."""
        event = kept.event
        assert isinstance(event, DeliveryReceived), "only called for one"
        if event.speaks_for_the_practice:
            new = [code for code in event.practices if code not in self.before.delivering]
            self.before.delivering.update(new)
            rows = [{"practice": code, "delivering": True} for code in new]
            self.simple += upsert(tables.practices, rows)
            if new:
                # What collections did to their patients before could not be judged until now.
                self.due |= self.before.awaiting
        elif event.clinical_system is not None:
            # One patient's record: the practice is heard from, but not of its other patients.
            known = insert(tables.practices).on_conflict_do_nothing()
            rows = [{"practice": code, "delivering": False} for code in event.practices]
            self.simple.append(Write(known, rows))
        self._judge_due(kept)

    def _judge_alone(self, kept: Kept) -> None:
        """What was handed in by itself is judged by itself."""
        if patient_of(kept.stream) is not None or isinstance(kept.event, _WORDS):
            self._judge_due(kept)

    def _judge_due(self, kept: Kept) -> None:
        moment = Moment(kept.position, kept.recorded_at)
        known = self.before.known.upto(kept.position)
        for patient in {p for due in self.due for p in known.bearing_on(due)}:
            history = self._history(known.borne_by(patient), moment)
            subject = Subject(patient_stream(patient), patient=patient)
            if not (own := known.survived_by(patient)):
                # Whoever survives them is judged in their place.
                self.before.book.judge(subject, (), moment)
                self._keep(patient, (), settled=False, awaiting=False)
                continue
            self.before.book.judge(subject, _asked(PATIENT_RULES, history), moment)
            theirs = {e.position for p in own for e in self.before.patients.get(p, [])}
            told = tuple(c for c in carriages(history) if c.position in theirs)
            is_awaiting = any(c.first_carried is None and c.ended_on is None for c in told)
            settled = is_settled(history)
            type_2 = history.objections.transmissions or Purpose.TYPE_2 in history.purposes
            awaiting = is_awaiting or (bool(type_2) and not settled)
            self._keep(patient, told, settled=settled, awaiting=awaiting)
        self.due = set()

    def _history(self, patients: Iterable[UUID], moment: Moment) -> PatientHistory:
        """The one history that these patients have, as known at the moment."""
        events = merged(self.before.patients.get(patient, []) for patient in patients)
        return PatientHistory(
            objections=_folded(events, moment.position),
            collections=self.before.collections,
            delivering=frozenset(self.before.delivering),
            today=practice_day(moment.recorded_at),
            dismissals=self.before.dismissals,
            systems=self.before.systems,
        )

    def _keep(
        self, patient: UUID, told: tuple[Carriage, ...], *, settled: bool, awaiting: bool
    ) -> None:
        self.told[patient] = told
        self.flags[patient] = {"settled": settled, "awaiting": awaiting, "due": False}
        if settled:
            self.before.settled.add(patient)
        else:
            self.before.settled.discard(patient)
            if awaiting:
                self.before.awaiting.add(patient)

    def _patient_writes(self) -> list[Write]:
        rows = [{"patient": patient, **flags} for patient, flags in self.flags.items()]
        waiting = [
            {"patient": patient, "settled": False, "awaiting": False, "due": True}
            for patient in self.due
        ]
        statement = insert(tables.patients)
        still_due = statement.on_conflict_do_update(
            index_elements=["patient"], set_={"due": statement.excluded.due}
        )
        return [
            *upsert(tables.patients, rows),
            *([Write(still_due, waiting)] if waiting else []),
        ]

    def _debut_writes(self) -> list[Write]:
        if not self.first_seen:
            return []
        statement = insert(tables.debuts)
        columns = ("supplier", "practice", "first_seen")
        earlier = statement.excluded.first_seen < tables.debuts.c.first_seen
        rows = [
            {
                "patient": patient,
                "supplier": event.supplier,
                "practice": event.practice,
                "first_seen": event.period_end,
            }
            for patient, event in self.first_seen.items()
        ]
        changed = {name: statement.excluded[name] for name in columns}
        return [
            Write(
                statement.on_conflict_do_update(
                    index_elements=["patient"], set_=changed, where=earlier
                ),
                rows,
            )
        ]


def _asked(
    rules: Iterable[Rule[Any]], history: PatientHistory | PracticeHistory
) -> Iterator[tuple[Rule[Any], Sighting]]:
    for rule in rules:
        for sighting in rule.find(history):
            yield rule, sighting


def _folded(stream: Iterable[Kept], upto: int) -> Objections:
    return objections.fold(kept for kept in stream if kept.position <= upto)


def _entries_changed(batch: Batch) -> set[UUID]:
    """Patients of whom more is told than that a collection carried them once more."""
    return {
        p
        for kept in batch.events
        if not isinstance(kept.event, ObjectionTransmitted)
        if (p := patient_of(kept.stream)) is not None
    }


def _patients_spoken_of(connection: Connection, batch: Batch) -> set[UUID]:
    """The patients whose finding is dismissed in this batch, or re-opened.

    A finding need not be about entries, nor have been found before this batch: so both are asked.
    """
    words = [kept.event for kept in batch.events if isinstance(kept.event, _WORDS)]
    if not words:
        return set()
    about = tables.entries.c
    positions = [entry for word in words for entry in word.entries]
    whose = tables.findings.c
    found = select(whose.patient).where(
        whose.id.in_([word.finding for word in words]), whose.patient.is_not(None)
    )
    of_entries = select(about.patient).where(about.position.in_(positions))
    return set(connection.execute(of_entries.union(found)).scalars())


def _transmission_changes(batch: Batch, delivering: set[str]) -> bool:
    """Whether the batch brings a collection, or a practice that had not delivered before."""
    return any(
        isinstance(kept.event, CollectionReceived)
        or (
            isinstance(kept.event, DeliveryReceived)
            and kept.event.speaks_for_the_practice
            and not delivering.issuperset(kept.event.practices)
        )
        for kept in batch.events
    )


def _patients(connection: Connection, flag: Any, among: set[UUID] | None = None) -> set[UUID]:
    query = select(tables.patients.c.patient).where(flag)
    if among is not None:
        query = query.where(tables.patients.c.patient.in_(among))
    return set(connection.execute(query).scalars())


def _collections(connection: Connection) -> list[CollectionTaken]:
    rows = connection.execute(
        select(tables.collections).order_by(
            tables.collections.c.period_end, tables.collections.c.collection
        )
    )
    return [
        CollectionTaken(row.collection, row.period_end, frozenset(row.practices), row.position)
        for row in rows
    ]


def _systems(
    connection: Connection, streams: Iterable[list[Kept]]
) -> defaultdict[str, list[SystemUse]]:
    """The systems used by the practices at which these people have entries, as known before."""
    t = tables.systems.c
    codes = {k.event.practice for s in streams for k in s if isinstance(k.event, EntryRecorded)}
    rows = connection.execute(
        select(tables.systems).where(among(t.practice, codes)).order_by(t.position)
    )
    systems: defaultdict[str, list[SystemUse]] = defaultdict(list)
    for row in rows if codes else ():
        system = ClinicalSystem(row.clinical_system)
        systems[row.practice].append(SystemUse(system, row.since, row.position, row.recorded_at))
    return systems


def _unmatched(connection: Connection) -> dict[int, UnmatchedEntry]:
    waiting = {}
    for row in connection.execute(select(tables.unmatched)):
        event = codec.from_bytes(EntryUnmatched.TOPIC, row.state)
        assert isinstance(event, EntryUnmatched), "its topic said so"
        waiting[row.position] = UnmatchedEntry(row.position, row.recorded_at, event)
    return waiting


def _dismissals(connection: Connection, streams: Iterable[list[Kept]]) -> dict[int, set[str]]:
    positions = [
        kept.position
        for stream in streams
        for kept in stream
        if isinstance(kept.event, EntryRecorded)
    ]
    rules: defaultdict[int, set[str]] = defaultdict(set)
    if (
        positions
        and connection.execute(select(func.count()).select_from(tables.dismissals)).scalar()
    ):
        for row in connection.execute(
            select(tables.dismissals).where(tables.dismissals.c.entry.in_(positions))
        ):
            rules[row.entry].add(row.rule)
    return dict(rules)
