"""A practice's record as it grows: patients, and what stands coded about them from when on.

Nothing is overwritten here: a row that is amended or removed is one more `Line`, and an extract
takes from the lines what changed since the extract before.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from ledger.domain.purposes import Neighbour, Purpose, Statement
from ledger.region.practices import Practice
from ledger.region.spelling import TERMS, Spelt


class NumberAsSent(NamedTuple):
    """What the practice's system holds for an NHS number, from when on; it may be wrong."""

    at: datetime
    text: str


@dataclass(slots=True, eq=False)
class Patient:
    """One patient of one practice. `nhs_number` is the true one; `sent` what the files say.

    `elsewhere` are days on which the patient registered with some other organisation too.
    """

    practice: Practice
    id: int
    nhs_number: str
    female: bool
    born: date
    registered: date
    test: bool = False
    left: date | None = None
    died: date | None = None
    elsewhere: tuple[date, ...] = ()
    sent: list[NumberAsSent] = field(default_factory=list)

    def number_sent(self, until: datetime) -> str:
        """The NHS number the extract made at `until` shows."""
        return [text for at, text in self.sent if at <= until][-1]

    def died_by(self, day: date) -> str:
        """The day of death as an extract made on that day shows it, in ISO 8601; or nothing."""
        return self.died.isoformat() if self.died is not None and self.died <= day else ""

    def changes(self) -> Iterator[datetime]:
        """When an extract has something new to say about this patient."""
        yield from (at for at, _ in self.sent)
        yield from (datetime.combine(day, time(12)) for day in (self.left, self.died) if day)
        yield from (datetime.combine(day, time(12)) for day in self.elsewhere)


class Said(NamedTuple):
    """What one entry says. `effective` is written as far as it is known: 2016-03-05, 2016-03,
    2016, nothing, or a day that there never was. `exact` is false where the code is misspelt;
    `term` is given where the screen shows other words than the code's own.
    """

    purpose: Purpose | Neighbour
    statement: Statement
    spelt: Spelt
    effective: str
    entered: datetime
    user: int
    exact: bool = True
    term: str = ""

    @property
    def shown(self) -> str:
        """The words that the screen shows for the code."""
        return self.term or TERMS[self.purpose, self.statement]

    @property
    def is_dissent(self) -> bool:
        """Whether it starts an objection."""
        return self.statement is Statement.DISSENT


class Line(NamedTuple):
    """What the entry says from `at` on, as extracts see it; None: it is removed."""

    at: datetime
    entry: int
    patient: Patient
    said: Said | None


class Withholding(NamedTuple):
    """The practice was asked for the patient's record, and withheld it."""

    at: datetime
    patient: Patient


@dataclass(slots=True)
class Record:
    """Everything one practice's system holds of our concern."""

    practice: Practice
    patients: list[Patient] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    withheld: list[Withholding] = field(default_factory=list)
    _sealed: list[Line] = field(default_factory=list)
    _changes: list[tuple[datetime, Patient]] = field(default_factory=list)
    _entries: int = 0

    def next_entry(self) -> int:
        """An id for a new row, unique within the practice only, as in the real files."""
        self._entries += 1
        return 1000 + self._entries

    def seal(self) -> None:
        """Bring lines and patients into the order in which extracts meet them."""
        self._sealed = sorted(self.lines, key=lambda line: (line.at, line.entry))
        self._changes = sorted(
            ((at, patient) for patient in self.patients for at in patient.changes()),
            key=lambda change: (change[0], change[1].id),
        )

    def lines_changed(self, after: datetime, until: datetime) -> list[Line]:
        """The latest line of each entry that changed after the one moment and until the other."""
        begin = bisect_right(self._sealed, after, key=lambda line: line.at)
        end = bisect_right(self._sealed, until, key=lambda line: line.at)
        return _latest(self._sealed[begin:end])

    def lines_standing(self, until: datetime) -> list[Line]:
        """The latest line of each entry that is there at that moment."""
        return [line for line in self.lines_changed(datetime.min, until) if line.said is not None]  # noqa: DTZ901  the practice's clock

    def patients_changed(self, after: datetime, until: datetime) -> list[Patient]:
        """The patients an extract has to tell of, each once."""
        begin = bisect_right(self._changes, after, key=lambda change: change[0])
        end = bisect_right(self._changes, until, key=lambda change: change[0])
        return list({patient.id: patient for _, patient in self._changes[begin:end]}.values())


def _latest(lines: Iterable[Line]) -> list[Line]:
    return list({line.entry: line for line in lines}.values())
