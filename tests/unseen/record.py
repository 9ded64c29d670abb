"""What does a practice's clinical system hold of a patient, and since when does it say so?

Everything has states by the moment at which the system said so; a delivery shows the last one.
"""

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from ledger.domain.clinical_systems import ClinicalSystem

T = TypeVar("T")


@dataclass
class States(Generic[T]):
    """What was said from when on; None from the moment at which it was deleted."""

    said: list[tuple[datetime, T | None]] = field(default_factory=list)

    def at(self, moment: datetime) -> T | None:
        """What holds at that moment, which is included."""
        which = bisect_right([when for when, _ in self.said], moment)
        return self.said[which - 1][1] if which else None

    def changed(self, after: datetime | None, until: datetime) -> bool:
        """Whether anything was said in between."""
        return any((after is None or after < when) and when <= until for when, _ in self.said)

    def say(self, moment: datetime, value: T | None) -> None:
        """From that moment on."""
        self.said.append((moment, value))
        self.said.sort(key=lambda one: one[0])

    def last(self) -> T:
        """What was said last and not deleted."""
        return [value for _, value in self.said if value is not None][-1]


@dataclass(frozen=True)
class Said:
    """One coded row: its codes as the system holds them, and what stands beside them."""

    patient: int  # the system's own id of the patient
    native: str
    snomed: str
    term: str
    effective: date | str | None  # text: as it is written
    entered: datetime | None
    user: str

    def for_patient(self, patient: int) -> "Said":
        """The same, of the patient whom another system knows by that id."""
        return replace(self, patient=patient)


@dataclass
class Row:
    """A coded row of one practice's system."""

    id: int
    practice: str
    system: ClinicalSystem
    states: States[Said]

    def edit(self, moment: datetime, **changes: Any) -> None:
        """The row says something else from then on."""
        self.states.say(moment, replace(self.states.last(), **changes))

    def remove(self, moment: datetime) -> None:
        """The row is deleted."""
        self.states.say(moment, None)


@dataclass(frozen=True)
class Here:
    """What a practice holds of a person; `spells`: registered from, until."""

    number: str
    born: date
    died: date | None
    spells: tuple[tuple[date, date | None], ...]


@dataclass
class Membership:
    """A person in one practice's system, under the system's own id."""

    id: int
    practice: str
    system: ClinicalSystem
    states: States[Here]


@dataclass(eq=False)
class Person:
    """Somebody, by the NHS number that is theirs; `objects_since`: by a type 2 to be converted."""

    number: str
    born: date
    at: str
    memberships: dict[tuple[str, ClinicalSystem], Membership] = field(default_factory=dict)
    carried: list["Carriage"] = field(default_factory=list)
    objects_since: date | None = None


@dataclass
class Carriage:
    """A practice reports the person from a day on, until one."""

    practice: str
    since: date
    until: date | None = None

    def covers(self, period_end: date) -> bool:
        """Whether the collection of that period holds the person."""
        return self.since <= period_end and (self.until is None or period_end < self.until)
