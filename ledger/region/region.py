"""The fictional region as a whole: practices, their records, and what goes wrong on the way out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.domain.entries import Setting
from ledger.domain.purposes import Purpose
from ledger.region.dice import dice
from ledger.region.nhs_numbers import nhs_numbers
from ledger.region.plan import Plan
from ledger.region.practices import Practice, region_practices
from ledger.region.record import NumberAsSent, Patient, Record
from ledger.region.timeline import COLLECTIONS, Month
from ledger.region.truth import Truth

NEVER = frozenset(COLLECTIONS)


@dataclass(slots=True)
class Phantom:
    """Somebody who stands in collections although no practice recorded a dissent."""

    practice: Practice
    nhs_number: str
    months: frozenset[Month]


class Settled(NamedTuple):
    """What a practice changed of its sharing settings, or an organisation of its share-ins there.

    `reason` is that of an override; None: no column for it in the file.
    """

    practice: Practice
    day: date
    setting: Setting
    value: str
    organisation: str = ""
    reason: str | None = None


class Mover(NamedTuple):
    """A practice that moved to another clinical system: its record in the one and the other."""

    before: Record
    after: Record


class Transfer(NamedTuple):
    """The patient's record was sent to another practice (its ODS code), as it was at that moment."""

    at: datetime
    patient: Patient
    to: str


class Objector(NamedTuple):
    """Somebody of whom nothing is odd but that they object, from one day and maybe until another."""

    patient: Patient
    purpose: Purpose
    entered: date
    withdrawn: date | None


@dataclass(slots=True)
class Region:
    """Everything there is before a file is written.

    `left_out` names by NHS number the collections that lack a patient by chance, besides those
    that TPP left out; `still_carried` those that carry a patient who had withdrawn. `released`
    names those whom a scenario puts into the releases of some days.
    """

    seed: int
    plan: Plan
    practices: tuple[Practice, ...]
    truth: Truth = field(default_factory=Truth)
    left_out: dict[str, frozenset[Month]] = field(default_factory=dict)
    still_carried: dict[str, frozenset[Month]] = field(default_factory=dict)
    phantoms: list[Phantom] = field(default_factory=list)
    transfers: list[Transfer] = field(default_factory=list)
    objectors: list[Objector] = field(default_factory=list)
    quiet: list[Patient] = field(default_factory=list)
    released: dict[str, set[date]] = field(default_factory=dict)
    settled: list[Settled] = field(default_factory=list)
    movers: list[Mover] = field(default_factory=list)
    _records: dict[str, Record] = field(default_factory=dict)
    _numbers: Iterator[str] = field(init=False)

    def __post_init__(self) -> None:
        """Open a record for each practice."""
        self._records = {practice.code: Record(practice) for practice in self.practices}
        self._numbers = nhs_numbers(dice(self.seed, "NHS numbers"))

    @property
    def numbers(self) -> Iterator[str]:
        """NHS numbers that nobody has yet."""
        return self._numbers

    def record(self, practice: Practice) -> Record:
        """What the practice's system holds."""
        return self._records[practice.code]

    def open_record(self, practice: Practice) -> Record:
        """Open the record of a practice that is none of the ordinary ones."""
        return self._records.setdefault(practice.code, Record(practice))

    def of(self, supplier: Supplier) -> Iterator[Record]:
        """The records of one supplier's practices, in order."""
        for practice in self.practices:
            if practice.supplier is supplier:
                yield self.record(practice)

    def new_patient(
        self, practice: Practice, registered: date, rng: Random, *, nhs_number: str = ""
    ) -> Patient:
        """Somebody registers: with a new NHS number, or the one they bring along."""
        record = self.record(practice)
        number = nhs_number or next(self._numbers)
        patient = Patient(
            practice=practice,
            id=5001 + len(record.patients),
            nhs_number=number,
            female=rng.random() < 0.5,  # noqa: PLR2004  a coin
            born=date(1930, 1, 1) + timedelta(days=rng.randrange(50 * 365)),
            registered=registered,
        )
        patient.sent.append(NumberAsSent(datetime.combine(registered, time(9)), number))
        record.patients.append(patient)
        return patient

    def seal(self) -> None:
        """Nothing more happens: bring the records into order."""
        for record in (*self._records.values(), *(mover.after for mover in self.movers)):
            record.seal()


def new_region(seed: int, plan: Plan) -> Region:
    """A region in which nothing has happened yet."""
    return Region(seed, plan, region_practices(plan))
