"""Taking in one delivery: what it says becomes events, all of them or none, in one transaction.

The same delivery twice adds nothing; a row that says the same adds nothing; a changed row names
the one it replaces; an entry without a usable NHS number waits. The event that closes the delivery
is its last, so whoever follows the log knows when it is whole.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.application.memory import Draft, content_hash
from ledger.domain import objections, practices
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import (
    Conversion,
    Entry,
    Member,
    PatientLink,
    RecordAnswer,
    RefusedRow,
    Registration,
    SourceKey,
    Withholding,
    is_of_an_extract,
)
from ledger.domain.events import (
    CodeMapDisagreed,
    CodeMapSettled,
    CollectionReceived,
    DeliveryReceived,
    EntryRemoved,
    EntryUnmatched,
    Event,
    Kept,
    ObjectionConverted,
    ObjectionTransmitted,
    Unusable,
)
from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.objections import Objections
from ledger.domain.refusals import NotAFact
from ledger.domain.streams import (
    collection_stream,
    delivery_stream,
    patient_stream,
    practice_stream,
)
from ledger.readers.delivery import CollectionRead, Contents, Found
from ledger.store.append import import_events
from ledger.store.bulk import chunks
from ledger.store.identities import find_patients, patient_ids
from ledger.store.log import read_streams, stream_version, stream_versions
from ledger.store.projection import decoded
from ledger.store.references import keep_references
from ledger.store.source_patients import (
    SourcePatient,
    keep_links,
    keep_registrations,
    source_patients,
)
from ledger.store.source_records import SourceRecord, keep_source_records, source_records
from ledger.store.unmatched import Unmatched, keep_unmatched, resolve, waiting

BY = "delivery"


@dataclass(slots=True)
class Tally:
    """What a delivery came to."""

    entries_kept: int = 0
    unchanged: int = 0
    removed: int = 0
    unmatched: int = 0
    left_out: int = 0
    refused: list[RefusedRow] = field(default_factory=list)


def take_in(
    connection: Connection,
    found: Found,
    contents: Contents,
    *,
    delivery: str,
    key: bytes,
    recorded_at: datetime | None,
) -> tuple[Tally, int]:
    """Keep what the delivery says; returns what it came to and the position of its last event."""
    taking = _Taking(connection, found, contents, delivery, key)
    taking.everything()
    return taking.tally, taking.keep(recorded_at)


@dataclass(slots=True)
class _Known:
    """A source record that will stand at a position once the events have theirs."""

    practice: str
    clinical_system: ClinicalSystem
    entry_id: str
    content_hash: bytes
    patient: UUID | None
    ordinal: int
    removed: bool = False
    number_as_sent: str | None = None
    source_patient: str | None = None
    matches: bool = False


class _Told(NamedTuple):
    """A death or a registration of somebody with objections."""

    patient: UUID
    practice: str
    died_on: date | None = None
    registration: Registration | None = None


class _Change(NamedTuple):
    """An entry that is new or says something else than before."""

    entry: Entry
    person: SourcePatient
    content_hash: bytes
    record: SourceRecord | None
    was_unmatched: int | None = None

    @property
    def registration(self) -> Registration | None:
        """When the patient registered where the entry was made, as far as told before."""
        if self.person.registered_on is None:
            return None
        return Registration(
            self.entry.practice,
            self.entry.clinical_system,
            self.entry.source_patient,
            self.person.registered_on,
            self.person.deregistered_on,
        )


@dataclass(slots=True)
class _Taking:
    """One delivery on its way into the log."""

    connection: Connection
    found: Found
    contents: Contents
    delivery: str
    key: bytes
    tally: Tally = field(default_factory=Tally)
    draft: Draft = field(default_factory=Draft)
    attempts: int = 0
    known: list[_Known] = field(default_factory=list)
    removals: dict[UUID, list[tuple[SourceKey, SourceRecord, str]]] = field(default_factory=dict)
    moved: set[SourceKey] = field(default_factory=set)

    def everything(self) -> None:
        """Everything the delivery says, in the order a reader of the log should meet it."""
        self.tally.refused += self.contents.refused
        # An earlier attempt at this delivery may have been refused.
        self.attempts = stream_version(self.connection, delivery_stream(self.delivery))
        self._references()
        self._practices()
        told_of = self._links()
        told_of += self._registrations()
        self._entries(told_of)
        if self.contents.collection is not None:
            self._collection(self.contents.collection)
        self._conversions(self.contents.conversions)
        self._withheld(self.contents.withheld)
        self._answered(self.contents.answered)
        self._code_maps()
        self._close()

    def keep(self, recorded_at: datetime | None) -> int:
        """Append the events, and keep where each source record now stands."""
        positions = import_events(self.connection, self.draft.events, recorded_at=recorded_at)
        assert positions is not None, "a delivery ends with its own event"
        by_practice: defaultdict[tuple[str, ClinicalSystem], list[_Known]] = defaultdict(list)
        for known in self.known:
            by_practice[known.practice, known.clinical_system].append(known)
        for (practice, system), records in by_practice.items():
            keep_source_records(
                self.connection,
                practice,
                system,
                (
                    SourceRecord(
                        k.entry_id,
                        k.content_hash,
                        k.patient,
                        positions.first + k.ordinal,
                        k.removed,
                    )
                    for k in records
                ),
            )
            keep_unmatched(
                self.connection,
                (
                    Unmatched(
                        practice,
                        system,
                        k.entry_id,
                        k.number_as_sent,
                        k.source_patient,
                        delivery_stream(self.delivery),
                        positions.first + k.ordinal,
                    )
                    for k in records
                    if k.patient is None and not k.removed
                ),
            )
            resolve(
                self.connection,
                practice,
                system,
                entry_ids=[k.entry_id for k in records if k.matches],
                position=positions.last,
            )
        return positions.last

    # --- what the delivery tells of practices

    def _references(self) -> None:
        by_kind: defaultdict[tuple[ClinicalSystem, str, str], dict[str, str]] = defaultdict(dict)
        for reference in self.contents.references:
            kind = (reference.clinical_system, reference.scope, reference.kind)
            by_kind[kind][reference.key] = reference.value
        for (system, scope, kind_), values in by_kind.items():
            keep_references(self.connection, system, scope, kind_, values)

    def _practices(self) -> None:
        system = self.contents.clinical_system
        settings = defaultdict(list)
        for change in self.contents.settings:
            settings[change.practice].append(change)
        agreements = {change.practice: change for change in self.contents.agreements}
        codes = {*settings, *agreements, *(self.contents.practices if system else ())}
        histories = self._read([practice_stream(code) for code in sorted(codes)])
        for code in sorted(codes):
            practice = practices.fold(histories[practice_stream(code)])
            version = practice.version
            events: list[Event] = []
            if system is not None and code in self.contents.practices:
                since = self.contents.period_start or self.contents.period_end
                day = None if since is None else objections.practice_day(since)
                events += practices.use_system(
                    practice, system, since=day, by=BY, delivery=self.delivery
                )
            if code in agreements:
                events += practices.change_agreement(
                    practice, agreements[code], by=BY, delivery=self.delivery
                )
            for change in settings[code]:
                try:
                    events += practices.change_setting(
                        practice, change, by=change.changed_by or BY, delivery=self.delivery
                    )
                except NotAFact as refusal:
                    file, _, row = change.source.rpartition(":")
                    self.tally.refused.append(RefusedRow(file, int(row), "Value", str(refusal)))
            self.draft.add(practice_stream(code), version, events)

    # --- what it tells of people, objecting or not

    def _links(self) -> list[_Told]:
        """Keep whom the supplier's ids mean; returns what is told of people with objections."""
        told: list[_Told] = []
        for rows in chunks(self.contents.links):
            by_practice: defaultdict[tuple[str, ClinicalSystem], list[PatientLink]] = defaultdict(
                list
            )
            for link in rows:
                by_practice[link.practice, link.clinical_system].append(link)
            for (practice, system), links in by_practice.items():
                keep_links(self.connection, practice, system, map(_source_patient, links))
            numbers = {n: link for link in rows if (n := usable_nhs_number(link.number_as_sent))}
            for number, patient in find_patients(self.connection, numbers).items():
                link = numbers[number]
                if link.died_on is not None and not link.left_out:
                    told.append(_Told(patient, link.practice, died_on=link.died_on))
        return told

    def _registrations(self) -> list[_Told]:
        """Keep when people registered; returns the registrations of people with objections."""
        told: list[_Told] = []
        for rows in chunks(self.contents.registrations):
            by_practice: defaultdict[tuple[str, ClinicalSystem], list[Registration]] = defaultdict(
                list
            )
            for row in rows:
                by_practice[row.practice, row.clinical_system].append(row)
            for (practice, system), registrations in by_practice.items():
                latest = {row.source_patient: row for row in sorted(registrations, key=_began)}
                keep_registrations(
                    self.connection,
                    practice,
                    system,
                    (
                        SourcePatient(
                            row.source_patient,
                            None,
                            registered_on=row.registered_on,
                            deregistered_on=row.deregistered_on,
                        )
                        for row in latest.values()
                    ),
                )
                people = source_patients(self.connection, practice, system, list(latest))
                numbers = {p.nhs_number: p for p in people.values() if p.nhs_number}
                for number, patient in find_patients(self.connection, list(numbers)).items():
                    registration = latest[numbers[number].source_patient]
                    told.append(_Told(patient, practice, registration=registration))
        return told

    # --- entries

    def _entries(self, told_of: Sequence[_Told]) -> None:
        system = self.contents.clinical_system
        by_practice: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.contents.entries:
            by_practice[entry.practice].append(entry)
        gone: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for removal in self.contents.removals:
            gone[removal.key.practice][removal.key.entry_id] = removal.source
        told: defaultdict[UUID, list[_Told]] = defaultdict(list)
        for told_one in told_of:
            told[told_one.patient].append(told_one)
        if system is not None:
            for practice in sorted({*by_practice, *gone, *self.contents.practices}):
                self._entries_of(practice, system, by_practice[practice], gone[practice], told)
        # Those of whom only a death or a registration is told.
        self._people({patient: [] for patient in told}, told)

    def _entries_of(
        self,
        practice: str,
        system: ClinicalSystem,
        entries: Sequence[Entry],
        gone: dict[str, str],
        told: dict[UUID, list[_Told]],
    ) -> None:
        whole = practice in self.contents.whole
        ids = {entry.entry_id for entry in entries} | gone.keys()
        records = source_records(self.connection, practice, system, None if whole else ids)
        if whole:
            # A full delivery: what is not there any more was removed.
            missing = {i for i, r in records.items() if not r.removed and is_of_an_extract(i)} - ids
            gone |= dict.fromkeys(sorted(missing), "")
        people = source_patients(
            self.connection, practice, system, {entry.source_patient for entry in entries}
        )
        changes: defaultdict[str, list[_Change]] = defaultdict(list)
        for entry in entries:
            person = people.get(entry.source_patient)
            if person is not None and person.left_out:
                self.tally.left_out += 1
                continue
            content_hash = self._hash(entry, person)
            record = records.get(entry.entry_id)
            if record and not record.removed and record.content_hash == content_hash:
                self.tally.unchanged += 1
            elif person is None or person.nhs_number is None:
                self._wait(entry, person, content_hash)
            else:
                changes[person.nhs_number].append(_Change(entry, person, content_hash, record))
        self._match(practice, system, changes, set(ids))
        for entry_id, source in gone.items():
            record = records.get(entry_id)
            if record is not None and not record.removed:
                self._remove(SourceKey(practice, system, entry_id), record, source)
        self._decide(changes, told)

    def _match(
        self,
        practice: str,
        system: ClinicalSystem,
        changes: dict[str, list[_Change]],
        delivered: Collection[str],
    ) -> None:
        """Entries that waited and whose patient this delivery names: they are somebody's now."""
        waiters = waiting(self.connection, practice, system)
        # Sent again, and somebody's, whoever's id the row bore when it came first.
        by_entry = {w.entry_id: w for w in waiters}
        for number_changes in changes.values():
            for i, change in enumerate(number_changes):
                if (waited := by_entry.get(change.entry.entry_id)) is not None:
                    number_changes[i] = change._replace(was_unmatched=waited.position)
        waiters = [w for w in waiters if w.source_patient and w.entry_id not in delivered]
        people = source_patients(
            self.connection, practice, system, {str(w.source_patient) for w in waiters}
        )
        named = {
            w.entry_id: (w, person)
            for w in waiters
            if (person := people.get(str(w.source_patient))) and person.nhs_number
        }
        stated = self._read({w.stream for w, _ in named.values()})
        for waited, person in named.values():
            kept = next(k for k in stated[waited.stream] if k.position == waited.position)
            assert isinstance(kept.event, EntryUnmatched), "it waits at its own position"
            told = kept.event.model_dump(exclude={"by", "delivery", "content_hash", "why"})
            entry = Entry(source_patient=person.source_patient, **told)
            number = str(person.nhs_number)
            changes[number].append(
                _Change(entry, person, self._hash(entry, person), None, waited.position)
            )

    def _wait(self, entry: Entry, person: SourcePatient | None, content_hash: bytes) -> None:
        if person is None:
            why = Unusable.UNKNOWN_PATIENT
        else:
            why = Unusable.CHECK_DIGIT if person.number_as_sent else Unusable.MISSING
        stated = entry.model_dump(exclude={"source_patient"})
        event = EntryUnmatched(
            **stated, by=BY, delivery=self.delivery, content_hash=content_hash.hex(), why=why
        )
        self.tally.unmatched += 1
        self.known.append(
            _Known(
                *entry.key,
                content_hash,
                None,
                self._add(delivery_stream(self.delivery), self.attempts, [event]),
                number_as_sent=None if person is None else person.number_as_sent,
                source_patient=entry.source_patient,
            )
        )

    def _remove(
        self,
        key: SourceKey,
        record: SourceRecord,
        source: str,
    ) -> None:
        self.tally.removed += 1
        if record.patient is None:
            event = EntryRemoved(
                practice=key.practice,
                clinical_system=key.clinical_system,
                entry_id=key.entry_id,
                removes=record.position,
                source=source,
                by=BY,
                delivery=self.delivery,
            )
            ordinal = self._add(delivery_stream(self.delivery), self.attempts, [event])
            self.known.append(
                _Known(*key, record.content_hash, None, ordinal, removed=True, matches=True)
            )
        else:
            self._gone(record.patient).append((key, record, source))

    # --- what is decided of each patient

    def _gone(self, patient: UUID) -> list[tuple[SourceKey, SourceRecord, str]]:
        return self.removals.setdefault(patient, [])

    def _decide(self, changes: dict[str, list[_Change]], told: dict[UUID, list[_Told]]) -> None:
        ids = patient_ids(self.connection, list(changes))
        by_patient: dict[UUID, list[_Change]] = {ids[number]: c for number, c in changes.items()}
        for patient, of_patient in list(by_patient.items()):
            for change in of_patient:
                record = change.record
                # The row now names somebody else: it is gone from whose it was.
                if record and record.patient not in (None, patient) and not record.removed:
                    key = change.entry.key
                    self.moved.add(key)
                    self._gone(record.patient).append((key, record, change.entry.source))
        for patient in self.removals:
            by_patient.setdefault(patient, [])
        self._people(by_patient, told)
        self.removals = {}

    def _people(self, by_patient: dict[UUID, list[_Change]], told: dict[UUID, list[_Told]]) -> None:
        for patients in chunks(by_patient):
            streams = self._read([patient_stream(patient) for patient in patients])
            for patient in patients:
                history = objections.fold(streams[patient_stream(patient)])
                self._person(patient, history, by_patient[patient], told.pop(patient, []))

    def _person(
        self,
        patient: UUID,
        history: Objections,
        changes: Sequence[_Change],
        told: Sequence[_Told],
    ) -> None:
        stream = patient_stream(patient)
        who = {"by": BY, "delivery": self.delivery}
        registrations = [one.registration for one in told if one.registration is not None]
        registrations += [change.registration for change in changes if change.registration]
        for registration in dict.fromkeys(registrations):
            self._add(stream, history.version, objections.register(history, registration, **who))
        deaths = [(one.practice, one.died_on) for one in told if one.died_on]
        deaths += [(c.entry.practice, c.person.died_on) for c in changes if c.person.died_on]
        for practice, died_on in dict.fromkeys(deaths):
            self._add(stream, history.version, objections.die(history, practice, died_on, **who))
        for change in changes:
            events = objections.record_entry(
                history,
                change.entry,
                content_hash=change.content_hash.hex(),
                born_on=change.person.born_on,
                was_unmatched=change.was_unmatched,
                **who,
            )
            if not events:
                self.tally.unchanged += 1
                continue
            self.tally.entries_kept += 1
            self.known.append(
                _Known(
                    *change.entry.key,
                    change.content_hash,
                    patient,
                    self._add(stream, history.version, events),
                    matches=change.was_unmatched is not None,
                )
            )
        for key, record, source in self.removals.get(patient, []):
            events = objections.remove_entry(history, key, source=source, **who)
            ordinal = self._add(stream, history.version, events)
            # A row that now names somebody else stands with them.
            if events and key not in self.moved:
                self.known.append(_Known(*key, record.content_hash, patient, ordinal, removed=True))

    # --- collections and conversions

    def _collection(self, read: CollectionRead) -> None:
        ids = patient_ids(self.connection, {member.nhs_number for member in read.members})
        again = stream_version(self.connection, collection_stream(read.collection)) > 0
        for members in chunks(read.members):
            streams = [patient_stream(ids[member.nhs_number]) for member in members]
            versions = stream_versions(self.connection, streams)
            carried = self._carried(streams, read.collection) if again else set()
            for member in dict.fromkeys(members):
                stream = patient_stream(ids[member.nhs_number])
                event = _transmitted(read, member, self.delivery)
                told = (stream, event.practice, event.code)
                if told in carried:
                    self.tally.unchanged += 1
                    continue
                carried.add(told)
                self.tally.entries_kept += 1
                self._add(stream, versions.get(stream, 0), [event])
        received = CollectionReceived(
            collection=read.collection,
            period_end=read.period_end,
            practices=tuple(sorted(set(read.practices))),
            suppliers=tuple(sorted(set(read.suppliers))),
            members=len({member.nhs_number for member in read.members}),
            by=BY,
            delivery=self.delivery,
        )
        stream = collection_stream(read.collection)
        self._add(stream, stream_version(self.connection, stream), [received])

    def _carried(self, streams: Collection[str], collection: str) -> set[tuple[str, str, str]]:
        return {
            (kept.stream, kept.event.practice, kept.event.code)
            for kept_events in self._read(set(streams)).values()
            for kept in kept_events
            if isinstance(kept.event, ObjectionTransmitted) and kept.event.collection == collection
        }

    def _conversions(self, conversions: Sequence[Conversion]) -> None:
        ids = patient_ids(self.connection, {c.nhs_number for c in conversions})
        for rows in chunks(dict.fromkeys(conversions)):
            streams = self._read({patient_stream(ids[c.nhs_number]) for c in rows})
            for conversion in rows:
                stream = patient_stream(ids[conversion.nhs_number])
                history = objections.fold(streams[stream])
                if any(c.converted_on == conversion.converted_on for c in history.conversions):
                    self.tally.unchanged += 1
                    continue
                self.tally.entries_kept += 1
                event = ObjectionConverted(
                    converted_on=conversion.converted_on,
                    source=conversion.conversion_source,
                    by=BY,
                    delivery=self.delivery,
                )
                self._add(stream, history.version, [event])

    # --- records withheld, and sent after all

    def _withheld(self, withheld: Sequence[Withholding]) -> None:
        ids = patient_ids(self.connection, {w.nhs_number for w in withheld})
        # Said twice in one file it is one fact.
        facts = {(w.practice, w.nhs_number, w.asked_at): w for w in withheld}
        for rows in chunks(facts.values()):
            streams = self._read({patient_stream(ids[w.nhs_number]) for w in rows})
            for withholding in rows:
                stream = patient_stream(ids[withholding.nhs_number])
                history = objections.fold(streams[stream])
                events = objections.withhold(history, withholding, by=BY, delivery=self.delivery)
                self.tally.entries_kept += len(events)
                self.tally.unchanged += not events
                self._add(stream, history.version, events)
        self.tally.unchanged += len(withheld) - len(facts)

    def _answered(self, answered: Sequence[RecordAnswer]) -> None:
        ids = find_patients(self.connection, {given.nhs_number for given in answered})
        streams = self._read([patient_stream(patient) for patient in ids.values()])
        for given in answered:
            if (patient := ids.get(given.nhs_number)) is not None:
                stream = patient_stream(patient)
                history = objections.fold(streams[stream])
                events = objections.answer(history, given, by=BY, delivery=self.delivery)
                self._add(stream, history.version, events)

    def _code_maps(self) -> None:
        system = self.contents.clinical_system
        for line in self.contents.code_maps:
            assert system is not None, "a code map is a clinical system's"
            told = {
                "clinical_system": system,
                "feed": line.feed,
                "table": line.table,
                "row_id": line.row_id,
                "source": line.source,
                "by": BY,
                "delivery": self.delivery,
            }
            event: Event = CodeMapSettled.model_validate(told)
            if line.mapped is not None and line.ours is not None:
                ours = {f"our_{name}": value for name, value in line.ours._asdict().items()}
                event = CodeMapDisagreed.model_validate({**told, **line.mapped._asdict(), **ours})
            self._add(delivery_stream(self.delivery), self.attempts, [event])

    def _close(self) -> None:
        contents, tally = self.contents, self.tally
        event = DeliveryReceived(
            format=contents.format,
            path=self.found.path.name,
            dated=self.found.dated,
            practices=tuple(sorted(set(contents.practices))),
            clinical_system=contents.clinical_system,
            period_start=contents.period_start,
            period_end=contents.period_end,
            rows_read=contents.rows_read,
            entries_kept=tally.entries_kept,
            unchanged=tally.unchanged,
            removed=tally.removed,
            unmatched=tally.unmatched,
            left_out=tally.left_out,
            refused=len(tally.refused),
            by=BY,
            delivery=self.delivery,
        )
        self._add(delivery_stream(self.delivery), self.attempts, [event])

    # --- small things

    def _add(self, stream: str, after: int, events: Sequence[Event]) -> int:
        return self.draft.add(stream, after, events)

    def _read(self, streams: Collection[str]) -> dict[str, list[Kept]]:
        read = read_streams(self.connection, streams)
        return {stream: decoded(read.get(stream, [])) for stream in streams}

    def _hash(self, entry: Entry, person: SourcePatient | None) -> bytes:
        number = None if person is None else person.nhs_number or person.number_as_sent
        return content_hash(entry, number, self.key)


def _source_patient(link: PatientLink) -> SourcePatient:
    return SourcePatient(
        link.source_patient,
        usable_nhs_number(link.number_as_sent),
        number_as_sent=link.number_as_sent or None,
        left_out=link.left_out,
        died_on=link.died_on,
        born_on=link.born_on,
    )


def _began(row: Registration) -> date:
    return row.registered_on or date.min


def _transmitted(read: CollectionRead, member: Member, delivery: str) -> ObjectionTransmitted:
    return ObjectionTransmitted(
        collection=read.collection,
        period_end=read.period_end,
        supplier=member.supplier,
        practice=member.practice,
        code_system=member.code_system,
        code=member.code,
        effective_on=member.effective_on,
        by=BY,
        delivery=delivery,
    )
