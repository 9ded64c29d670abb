"""What a delivery tells of entries: which are new, changed, gone or waiting, and whose they are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger.application.taking import Known
from ledger.application.taking_people import Change, TakingPeople
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Entry, SourceKey, is_of_an_extract
from ledger.domain.events import EntryRemoved, EntryUnmatched, Unusable
from ledger.domain.purposes import Purpose
from ledger.domain.streams import delivery_stream
from ledger.store.identities import patient_ids
from ledger.store.source_patients import SourcePatient, source_patients
from ledger.store.source_records import SourceRecord, source_records
from ledger.store.unmatched import waiting


@dataclass(slots=True)
class TakingEntries(TakingPeople):
    """The part of taking in a delivery that is about entries."""

    def _entries(self, told_of: Collection[UUID]) -> None:
        system = self.contents.clinical_system
        by_practice: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self.contents.entries:
            by_practice[entry.practice].append(entry)
        gone: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for removal in self.contents.removals:
            gone[removal.key.practice][removal.key.entry_id] = removal.source
        if system is not None:
            for practice in sorted({*by_practice, *gone, *self.contents.practices}):
                self._entries_of(practice, system, by_practice[practice], gone[practice])
        # Those of whom only a death or a registration is told.
        self._people({patient: [] for patient in sorted(told_of) if patient not in self.told})

    def _entries_of(
        self,
        practice: str,
        system: ClinicalSystem,
        entries: Sequence[Entry],
        gone: dict[str, str],
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
        changes: defaultdict[str, list[Change]] = defaultdict(list)
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
                # A refusal of something else protects nobody, so it does not wait.
                if isinstance(entry.purpose, Purpose):
                    self._wait(entry, person, content_hash)
            else:
                changes[person.nhs_number].append(Change(entry, person, content_hash, record))
        self._match(practice, system, changes, set(ids))
        for entry_id, source in gone.items():
            record = records.get(entry_id)
            if record is not None and not record.removed:
                self._remove(SourceKey(practice, system, entry_id), record, source)
        self._decide(changes)

    def _match(
        self,
        practice: str,
        system: ClinicalSystem,
        changes: dict[str, list[Change]],
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
                Change(entry, person, self._hash(entry, person), None, waited.position)
            )

    def _wait(self, entry: Entry, person: SourcePatient | None, content_hash: bytes) -> None:
        if person is None:
            why = Unusable.UNKNOWN_PATIENT
        else:
            why = Unusable.CHECK_DIGIT if person.number_as_sent else Unusable.MISSING
        stated = entry.model_dump(exclude={"source_patient"})
        event = EntryUnmatched(
            **stated, by=self.by, delivery=self.delivery, content_hash=content_hash.hex(), why=why
        )
        self.tally.unmatched += 1
        self.known.append(
            Known(
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
                by=self.by,
                delivery=self.delivery,
            )
            ordinal = self._add(delivery_stream(self.delivery), self.attempts, [event])
            self.known.append(
                Known(*key, record.content_hash, None, ordinal, removed=True, matches=True)
            )
        else:
            self._gone(record.patient).append((key, record, source))

    # --- what is decided of each patient

    def _gone(self, patient: UUID) -> list[tuple[SourceKey, SourceRecord, str]]:
        return self.removals.setdefault(patient, [])

    def _decide(self, changes: dict[str, list[Change]]) -> None:
        ids = patient_ids(self.connection, list(changes))
        by_patient: dict[UUID, list[Change]] = {ids[number]: c for number, c in changes.items()}
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
        self._people(by_patient)
        self.removals = {}
