"""What a delivery tells of people: whom the supplier's ids mean, when they registered and died, and
what of it concerns somebody with objections.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.application.memory import registration_key
from ledger.application.taking import Known, Taking
from ledger.domain import objections
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Entry, PatientLink, Registration, SourceKey
from ledger.domain.events import Event, NumberSuperseded
from ledger.domain.identifiers import kind_to_keep, usable_nhs_number
from ledger.domain.objections import Objections
from ledger.domain.purposes import Purpose
from ledger.domain.registrations import register
from ledger.domain.streams import patient_stream
from ledger.domain.survivors import Supersession
from ledger.store.bulk import chunks
from ledger.store.identities import find_patients, numbers_of, patient_ids
from ledger.store.log import stream_versions
from ledger.store.source_patients import SourcePatient, bearers, keep_links, source_patients
from ledger.store.source_records import SourceRecord
from ledger.store.source_registrations import (
    SourceRegistration,
    ToldOf,
    forget_registrations,
    keep_registrations,
    source_registrations,
    told_of,
)
from ledger.store.supersessions import survivors

# Positions of what is drafted: behind everything in the log.
_BEHIND = 2**62


class Change(NamedTuple):
    """An entry that is new or says something else than before."""

    entry: Entry
    person: SourcePatient
    content_hash: bytes
    record: SourceRecord | None
    was_unmatched: int | None = None


@dataclass(slots=True)
class TakingPeople(Taking):
    """The part of taking in a delivery that is about people, objecting or not."""

    removals: dict[UUID, list[tuple[SourceKey, SourceRecord, str]]] = field(default_factory=dict)
    moved: set[SourceKey] = field(default_factory=set)
    told: set[UUID] = field(default_factory=set)
    superseded: list[Supersession] = field(default_factory=list)

    # --- what it tells of people, objecting or not

    def _links(self) -> set[UUID]:
        """Keep whom the supplier's ids mean; returns the patients of whom anything is told anew."""
        told: set[UUID] = set()
        for rows in chunks(self.contents.links):
            by_practice: defaultdict[tuple[str, ClinicalSystem], dict[str, PatientLink]] = (
                defaultdict(dict)
            )
            for link in rows:
                by_practice[link.practice, link.clinical_system][link.source_patient] = link
            for (practice, system), links in by_practice.items():
                before = source_patients(self.connection, practice, system, links)
                changed = [
                    (earlier, now)
                    for source_patient, link in links.items()
                    if (now := _source_patient(link, earlier := before.get(source_patient)))
                    != earlier
                ]
                keep_links(self.connection, practice, system, (now for _, now in changed))
                self._supersede(
                    practice,
                    (
                        (earlier, now)
                        for earlier, now in changed
                        if not _is_of_another(links[now.source_patient], earlier)
                    ),
                )
                told |= self._known(now for _, now in changed)
        return told

    def _supersede(
        self, practice: str, changed: Iterable[tuple[SourcePatient | None, SourcePatient]]
    ) -> None:
        """A patient has another number than before: whoever asks by either is told of both."""
        pairs = {
            (before.last_number, now.last_number): now.born_on
            for before, now in changed
            if before is not None
            and before.last_number is not None
            and now.last_number is not None
            and before.last_number != now.last_number
        }
        ids = find_patients(self.connection, {earlier for earlier, _ in pairs})
        versions = stream_versions(self.connection, [patient_stream(p) for p in ids.values()])
        known = [*survivors(self.connection, ids.values()).known, *self.superseded]
        survive = {s.by for s in known}
        # Of somebody of whom the log tells nothing there is nothing to pass on.
        pairs = {
            (earlier, later): born_on
            for (earlier, later), born_on in pairs.items()
            if (patient := ids.get(earlier)) in survive
            or (patient is not None and patient_stream(patient) in versions)
        }
        ids |= patient_ids(self.connection, {later for _, later in pairs})
        others = bearers(self.connection, {earlier for earlier, _ in pairs})
        for (earlier, later), born_on in pairs.items():
            patient, by = ids[earlier], ids[later]
            still_borne = {
                other.practice
                for other in others
                if other.nhs_number == earlier and born_on and other.born_on != born_on
            }
            between = [s for s in known if {s.patient, s.by} == {patient, by}]
            if between and between[-1].patient == patient:
                continue
            event = NumberSuperseded(
                superseded_by=str(by),
                practice=practice,
                still_borne=tuple(sorted(still_borne)) or None,
                by=self.by,
                delivery=self.delivery,
            )
            stream = patient_stream(patient)
            self._add(stream, versions.get(stream, 0), [event])
            # Where in the log is not known yet: behind everything that is.
            told = Supersession(_BEHIND + len(self.superseded), patient, by)
            self.superseded.append(told)
            known.append(told)

    def _registrations(self) -> set[UUID]:
        """Keep when people registered; returns the patients of whom anything is told anew."""
        told: set[UUID] = set()
        for rows in chunks(self.contents.registrations):
            by_practice: defaultdict[tuple[str, ClinicalSystem], dict[str, Registration]] = (
                defaultdict(dict)
            )
            for row in rows:
                by_practice[row.practice, row.clinical_system][row.registration] = row
            for (practice, system), registrations in by_practice.items():
                before = source_registrations(self.connection, practice, system, registrations)
                changed = {
                    now: before.get(now.registration)
                    for row in registrations.values()
                    if row.source_patient
                    and (now := _source_registration(row)) != before.get(now.registration)
                }
                gone = {i for i, row in registrations.items() if not row.source_patient}
                gone &= {i for i, earlier in before.items() if earlier.registered_on}
                keep_registrations(self.connection, practice, system, changed)
                forget_registrations(self.connection, practice, system, gone)
                whose = {row.source_patient for row in changed}
                whose |= {before[registration].source_patient for registration in gone}
                people = source_patients(self.connection, practice, system, whose)
                told |= self._known(people.values())
        return told

    def _known(self, people: Iterable[SourcePatient]) -> set[UUID]:
        """Who of these is a patient of the log; the others are not, and are told nothing of."""
        numbers = {person.nhs_number for person in people if person.nhs_number}
        return set(find_patients(self.connection, numbers).values())

    # --- what is decided of each patient

    def _people(self, by_patient: dict[UUID, list[Change]]) -> None:
        """What is recorded of these patients, and once a delivery what is told of who they are."""
        for patients in chunks(by_patient):
            streams = self._read([patient_stream(patient) for patient in patients])
            numbers = numbers_of(self.connection, set(patients) - self.told)
            told: defaultdict[str, list[ToldOf]] = defaultdict(list)
            for row in told_of(self.connection, list(numbers.values())):
                told[row.nhs_number].append(row)
            before = survivors(self.connection, patients)
            survive = {s.by for s in (*before.known, *self.superseded)}
            for patient in patients:
                history = objections.fold(streams[patient_stream(patient)])
                changes = by_patient[patient]
                objects = history.entries or any(_is_objection(change) for change in changes)
                if patient in numbers and (objects or patient in survive):
                    self.told.add(patient)
                    self._who(patient, history, told[numbers[patient]])
                self._person(patient, history, changes)

    def _who(self, patient: UUID, history: Objections, told: Sequence[ToldOf]) -> None:
        """What is told of somebody with objections: when they registered, and when they died."""
        events = facts_of_a_person(history, told, key=self.key, by=self.by, delivery=self.delivery)
        self._add(patient_stream(patient), history.version, events)

    def _person(
        self,
        patient: UUID,
        history: Objections,
        changes: Sequence[Change],
    ) -> None:
        stream = patient_stream(patient)
        who = {"by": self.by, "delivery": self.delivery}
        for change in changes:
            events = objections.record_entry(
                history,
                change.entry,
                content_hash=change.content_hash.hex(),
                born_on=change.person.born_on,
                was_unmatched=change.was_unmatched,
                number_kind=kind_to_keep(change.person.nhs_number, live=self.live),
                **who,
            )
            if not events:
                self.tally.unchanged += 1
                continue
            self.tally.entries_kept += 1
            self.minors |= objections.turns_thirteen(patient, events, change.person.born_on)
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


def _is_objection(change: Change) -> bool:
    return isinstance(change.entry.purpose, Purpose)


def _is_of_another(link: PatientLink, earlier: SourcePatient | None) -> bool:
    """Whether a line about an entry now names somebody born on another day: no patient's number
    changed, but the entry came for two people (ID09).
    """
    before = None if earlier is None else earlier.born_on
    return link.of_entry and None not in (before, link.born_on) and before != link.born_on


def _source_patient(link: PatientLink, earlier: SourcePatient | None) -> SourcePatient:
    number = usable_nhs_number(link.number_as_sent)
    if _is_of_another(link, earlier):
        # What was told of the one says nothing of the other.
        earlier = None
    kept_death = earlier.died_on if earlier and link.death_untold else None
    kept_number = earlier.last_number if earlier else None
    return SourcePatient(
        link.source_patient,
        number,
        number_as_sent=link.number_as_sent or None,
        left_out=link.left_out,
        died_on=link.died_on or kept_death,
        born_on=link.born_on,
        last_number=number if number and not link.left_out else kept_number,
    )


def _source_registration(row: Registration) -> SourceRegistration:
    return SourceRegistration(
        row.registration, row.source_patient, row.registered_on, row.deregistered_on
    )


def facts_of_a_person(
    history: Objections, told: Sequence[ToldOf], *, key: bytes, by: str, delivery: str | None
) -> list[Event]:
    """What the log has to tell of somebody with objections, as their practices' systems have it.

    Nothing that it tells already. Of two rows of one practice, a death in either is one.
    """
    events: list[Event] = []
    deaths: dict[str, date | None] = {}
    for row in told:
        earlier = deaths.get(row.practice)
        deaths[row.practice] = min(filter(None, (earlier, row.died_on)), default=None)
        if row.registration is not None:
            registration = Registration(
                row.practice,
                row.clinical_system,
                row.source_patient,
                row.registered_on,
                row.deregistered_on,
                registration_key(row, key),
            )
            events += register(history.registrations, registration, by=by, delivery=delivery)
    for practice, died_on in deaths.items():
        events += objections.die(history, practice, died_on, by=by, delivery=delivery)
    return events
