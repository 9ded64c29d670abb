"""What earlier deliveries told, as a reader asks for it; and the writer of a delivery's events."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from sqlalchemy import Connection

from ledger.domain import practices
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Entry, is_of_an_extract
from ledger.domain.events import Event
from ledger.domain.streams import practice_stream
from ledger.readers.delivery import Memory, Reference
from ledger.store import codec
from ledger.store.append import NewEvent
from ledger.store.identities import find_patients
from ledger.store.log import read_streams
from ledger.store.projection import decoded
from ledger.store.references import references
from ledger.store.source_records import entry_ids_of, source_records
from ledger.store.source_registrations import ToldOf


@dataclass(frozen=True, slots=True)
class LedgerMemory:
    """A reader's memory, kept by the ledger."""

    connection: Connection

    def references(self, system: ClinicalSystem, scope: str, kind: str) -> Mapping[str, str]:
        """The values remembered under `kind`, by key."""
        return references(self.connection, system, scope, kind)

    def entry_ids(self, practice: str, system: ClinicalSystem) -> frozenset[str]:
        """The ids of the entries this practice's extracts have delivered and not removed."""
        records = source_records(self.connection, practice, system)
        return frozenset(
            entry_id
            for entry_id, record in records.items()
            if not record.removed and is_of_an_extract(entry_id)
        )

    def entries_of(self, practice: str, system: ClinicalSystem, nhs_number: str) -> frozenset[str]:
        """The ids of this patient's entries that the practice has sent and not removed."""
        patient = find_patients(self.connection, [nhs_number]).get(nhs_number)
        if patient is None:
            return frozenset()
        return entry_ids_of(self.connection, practice, system, patient)

    def clinical_system(self, practice: str) -> ClinicalSystem | None:
        """The system the practice is known to use, from the register's list or a delivery."""
        stream = practice_stream(practice)
        known = practices.fold(decoded(read_streams(self.connection, [stream])[stream]))
        return known.clinical_system


@dataclass(frozen=True, slots=True)
class Remembering:
    """A memory that also holds what deliveries just read have told, none of it kept."""

    memory: Memory
    told: dict[tuple[ClinicalSystem, str, str], dict[str, str]] = field(default_factory=dict)

    def remember(self, references: Iterable[Reference]) -> None:
        """Hold what a delivery told."""
        for told in references:
            kind = (told.clinical_system, told.scope, told.kind)
            self.told.setdefault(kind, {})[told.key] = told.value

    def references(self, system: ClinicalSystem, scope: str, kind: str) -> Mapping[str, str]:
        """The values remembered under `kind`, by key."""
        kept = self.memory.references(system, scope, kind)
        return {**kept, **self.told.get((system, scope, kind), {})}

    def entry_ids(self, practice: str, system: ClinicalSystem) -> frozenset[str]:
        """The ids of the entries this practice's extracts have delivered and not removed."""
        return self.memory.entry_ids(practice, system)

    def entries_of(self, practice: str, system: ClinicalSystem, nhs_number: str) -> frozenset[str]:
        """The ids of this patient's entries that the practice has sent and not removed."""
        return self.memory.entries_of(practice, system, nhs_number)

    def clinical_system(self, practice: str) -> ClinicalSystem | None:
        """The system the practice is known to use."""
        return self.memory.clinical_system(practice)


@dataclass(slots=True)
class Draft:
    """The events of one command or delivery, in order, with the versions their streams come to."""

    events: list[NewEvent] = field(default_factory=list)
    _versions: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, stream: str, after: int, events: Iterable[Event]) -> Self:
        """A draft of one stream."""
        draft = cls()
        draft.add(stream, after, events)
        return draft

    def add(self, stream: str, after: int, events: Iterable[Event]) -> int:
        """Add to a stream that stands at version `after` in the log; the last one's ordinal."""
        version = self._versions.get(stream, after)
        for event in events:
            version += 1
            self.events.append(NewEvent(stream, version, event.TOPIC, codec.to_bytes(event)))
        self._versions[stream] = version
        return len(self.events) - 1


def registration_key(row: ToldOf, key: bytes) -> str:
    """What tells one registration from another in the log, where a supplier's own id of a patient,
    which some use for their registration too, does not belong.
    """
    told = json.dumps([row.practice, row.clinical_system, row.registration]).encode()
    return hmac.new(key, told, hashlib.sha256).hexdigest()[:16]


def content_hash(entry: Entry, number: str | None, key: bytes) -> bytes:
    """What tells whether a source record says the same as before, the patient included.

    Keyed with the ledger's own secret, because a plain hash over an NHS number can be searched for.
    """
    told = entry.model_dump(mode="json", exclude={"source", "source_patient"})
    if entry.term_says is None:
        # So that rows kept before terms were read have not changed.
        del told["term_says"]
    content = json.dumps([told, number], sort_keys=True).encode()
    return hmac.new(key, content, hashlib.sha256).digest()
