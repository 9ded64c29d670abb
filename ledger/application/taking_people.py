"""What a delivery tells of people: whom the supplier's ids mean, when they registered and died, and
what of it concerns somebody with objections.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.application.taking import BY, Known, Taking
from ledger.domain import objections
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Entry, PatientLink, Registration, SourceKey
from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.objections import Objections
from ledger.domain.streams import patient_stream
from ledger.store.bulk import chunks
from ledger.store.identities import find_patients
from ledger.store.source_patients import (
    SourcePatient,
    keep_links,
    keep_registrations,
    source_patients,
)
from ledger.store.source_records import SourceRecord


class Told(NamedTuple):
    """A death or a registration of somebody with objections."""

    patient: UUID
    practice: str
    died_on: date | None = None
    registration: Registration | None = None


class Change(NamedTuple):
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
class TakingPeople(Taking):
    """The part of taking in a delivery that is about people, objecting or not."""

    removals: dict[UUID, list[tuple[SourceKey, SourceRecord, str]]] = field(default_factory=dict)
    moved: set[SourceKey] = field(default_factory=set)

    # --- what it tells of people, objecting or not

    def _links(self) -> list[Told]:
        """Keep whom the supplier's ids mean; returns what is told of people with objections."""
        told: list[Told] = []
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
                    told.append(Told(patient, link.practice, died_on=link.died_on))
        return told

    def _registrations(self) -> list[Told]:
        """Keep when people registered; returns the registrations of people with objections."""
        told: list[Told] = []
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
                    told.append(Told(patient, practice, registration=registration))
        return told

    # --- what is decided of each patient

    def _people(self, by_patient: dict[UUID, list[Change]], told: dict[UUID, list[Told]]) -> None:
        for patients in chunks(by_patient):
            streams = self._read([patient_stream(patient) for patient in patients])
            for patient in patients:
                history = objections.fold(streams[patient_stream(patient)])
                self._person(patient, history, by_patient[patient], told.pop(patient, []))

    def _person(
        self,
        patient: UUID,
        history: Objections,
        changes: Sequence[Change],
        told: Sequence[Told],
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
                Known(
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
                self.known.append(Known(*key, record.content_hash, patient, ordinal, removed=True))


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
