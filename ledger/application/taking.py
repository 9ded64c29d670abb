"""What one delivery on its way into the log has come to so far: its events, its tally, and where each
source record will stand once the events have their positions.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Connection

from ledger.application.memory import Draft, content_hash
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Entry, RefusedRow
from ledger.domain.events import Event, Kept
from ledger.domain.streams import delivery_stream
from ledger.readers.delivery import Contents, Found
from ledger.store.append import import_events
from ledger.store.log import read_streams
from ledger.store.minors import keep_minors
from ledger.store.projection import decoded
from ledger.store.source_patients import SourcePatient
from ledger.store.source_records import SourceRecord, keep_source_records
from ledger.store.unmatched import Unmatched, keep_unmatched, resolve

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


@dataclass(slots=True)
class Known:
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


@dataclass(slots=True)
class Taking:
    """One delivery on its way into the log."""

    connection: Connection
    found: Found
    contents: Contents
    delivery: str
    key: bytes
    by: str
    live: bool = False
    tally: Tally = field(default_factory=Tally)
    draft: Draft = field(default_factory=Draft)
    attempts: int = 0
    known: list[Known] = field(default_factory=list)
    minors: dict[UUID, date] = field(default_factory=dict)

    def keep(self, recorded_at: datetime | None) -> int:
        """Append the events, and keep where each source record now stands."""
        positions = import_events(self.connection, self.draft.events, recorded_at=recorded_at)
        assert positions is not None, "a delivery ends with its own event"
        keep_minors(self.connection, self.minors)
        by_practice: defaultdict[tuple[str, ClinicalSystem], list[Known]] = defaultdict(list)
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

    def _add(self, stream: str, after: int, events: Sequence[Event]) -> int:
        return self.draft.add(stream, after, events)

    def _read(self, streams: Collection[str]) -> dict[str, list[Kept]]:
        read = read_streams(self.connection, streams)
        return {stream: decoded(read.get(stream, [])) for stream in streams}

    def _hash(self, entry: Entry, person: SourcePatient | None) -> bytes:
        number = None if person is None else person.nhs_number or person.number_as_sent
        return content_hash(entry, number, self.key)
