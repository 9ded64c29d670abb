"""What a delivery is before it is read, what reading it gives, and what a reader has to be told.

A reader raises `DeliveryRefused` where nothing of the delivery may be kept, and lists a
`RefusedRow` where only that row may not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import (
    AgreementChange,
    CodeMapLine,
    Conversion,
    Entry,
    Member,
    PatientLink,
    RecordAnswer,
    RefusedRow,
    Registration,
    Removal,
    SettingChange,
    Withholding,
)


class Format(StrEnum):
    """The formats the ledger reads."""

    SYSTMONE = "systmone-sre"
    EMIS = "emis-extract"
    VISION = "vision-extract"
    COLLECTION = "collection"
    CONVERSION = "conversion"
    SHARING = "sharing"
    GP_CONNECT = "gp-connect-structured"
    GP2GP = "gp2gp"
    WITHHELD = "withheld"
    ENTRIES = "entries"


@dataclass(frozen=True, slots=True)
class Found:
    """One delivery as it lies on disk: not opened yet beyond what told its format.

    `path` is what to show a person; `files` are its files in a fixed order; `dated` is the moment
    it bears (UTC), by which deliveries are taken in order.
    """

    format: Format
    path: Path
    files: tuple[Path, ...]
    dated: datetime


class Reference(NamedTuple):
    """What this delivery tells that later ones take for granted, e.g. an EMIS CodeId's code.

    `scope` is the agreement, organisation or practice within which `key` is unique.
    """

    clinical_system: ClinicalSystem
    scope: str
    kind: str
    key: str
    value: str


class Memory(Protocol):
    """What earlier deliveries told, as far as a reader needs it."""

    def references(self, system: ClinicalSystem, scope: str, kind: str) -> Mapping[str, str]:
        """The values remembered under `kind`, by key."""
        ...

    def entry_ids(self, practice: str, system: ClinicalSystem) -> frozenset[str]:
        """The ids of the entries this practice's extracts have delivered and not removed."""
        ...

    def entries_of(self, practice: str, system: ClinicalSystem, nhs_number: str) -> frozenset[str]:
        """The ids of this patient's entries that the practice has sent and not removed."""
        ...

    def clinical_system(self, practice: str) -> ClinicalSystem | None:
        """The system the practice is known to use, from the register's list or a delivery."""
        ...


class CollectionRead(NamedTuple):
    """One collection: who took part (also those with nobody to report) and who was carried."""

    collection: str
    period_end: date
    practices: tuple[str, ...]
    suppliers: tuple[str, ...]
    members: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a delivery says, in the domain's values.

    `whole` holds the practices whose every entry this delivery carries (a bulk): what the ledger
    knows of them and does not find in `entries` was removed. `bulk` holds those of which it is a
    bulk, be it one with rows that had to be refused; `patients` says how many patients it has of
    those of whom it has every patient. `links` and `registrations` may be
    millions and are read once, lazily, in that order. `rows_read` counts the data rows of all
    files read. `notes` are said to the person once (unknown columns, a first delivery that is a
    delta).
    """

    format: Format
    practices: tuple[str, ...] = ()
    clinical_system: ClinicalSystem | None = None
    period_start: datetime | None = None
    period_end: datetime | None = None
    rows_read: int = 0
    links: Iterable[PatientLink] = ()
    registrations: Iterable[Registration] = ()
    entries: Sequence[Entry] = ()
    removals: Sequence[Removal] = ()
    settings: Sequence[SettingChange] = ()
    agreements: Sequence[AgreementChange] = ()
    collection: CollectionRead | None = None
    conversions: Sequence[Conversion] = ()
    withheld: Sequence[Withholding] = ()
    answered: Sequence[RecordAnswer] = ()
    whole: frozenset[str] = frozenset()
    bulk: frozenset[str] = frozenset()
    patients: Mapping[str, int] = field(default_factory=dict)
    refused: Sequence[RefusedRow] = ()
    notes: Sequence[str] = ()
    references: Sequence[Reference] = field(default_factory=tuple)
    code_maps: Sequence[CodeMapLine] = ()
