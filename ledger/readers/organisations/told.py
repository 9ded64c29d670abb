"""What does the national register tell, whichever of its files it stands in?"""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple, TypeVar

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import RefusedRow
from ledger.domain.identifiers import ods_code

_MOST_OF_A_NAME = 200
_MOST_OF_A_POSTCODE = 10


class Organisation(NamedTuple):
    """One organisation's line. Most are no GP practice: prisons, trusts, out-of-hours services.

    `whole`: what the line leaves out there is none of. A summary is not: what it leaves out stays
    as it was. `row` is its place in the file, counted from 1.
    """

    code: str
    name: str
    status: str
    gp_practice: bool
    postcode: str | None
    commissioner: str | None
    opened_on: date | None
    closed_on: date | None
    whole: bool = True
    row: int = 0


class Succeeded(NamedTuple):
    """The patients of `predecessor` went to `successor`, as the line of `told_by` has it."""

    predecessor: str
    successor: str
    since: date
    told_by: str
    row: int = 0


class Register(NamedTuple):
    """What a file tells, and the lines that cannot be facts.

    `speakers` are the organisations whose line says of successions all there is to say.
    `complete`: it lists everybody it is about, so whom it lacks there is not.
    """

    file: str
    organisations: tuple[Organisation, ...] = ()
    successions: tuple[Succeeded, ...] = ()
    systems: tuple[tuple[str, ClinicalSystem], ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    speakers: frozenset[str] = frozenset()
    complete: bool = False


class RowError(Exception):
    """Why one row cannot be a fact, and which column says so; never what stood there."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


Read = TypeVar("Read")


def each(
    rows: Iterable[tuple[int, object]], read: Callable[[int, object], Read], file: str
) -> tuple[list[Read], list[RefusedRow]]:
    """What each row tells, and which could not be read."""
    kept, refused = [], []
    for number, row in rows:
        try:
            kept.append(read(number, row))
        except RowError as why:
            refused.append(RefusedRow(file, number, why.column, why.reason))
    return kept, refused


def the_last_of_each(
    organisations: Iterable[Organisation], *, file: str, column: str
) -> tuple[tuple[Organisation, ...], list[RefusedRow]]:
    """One line an organisation: of several in one file the last holds, and each other is told."""
    last: dict[str, Organisation] = {}
    told = []
    for line in organisations:
        if (earlier := last.get(line.code)) is not None:
            reason = f"the organisation stands in row {line.row} again: the last one holds"
            told.append(RefusedRow(file, earlier.row, column, reason))
        last[line.code] = line
    return tuple(last.values()), told


def a_code(text: str, column: str) -> str:
    """An ODS code."""
    code = ods_code(text)
    if code is not None:
        return code
    if _is_a_number(text):
        reason = "expected an ODS code, found a number: a spreadsheet may have changed it"
        raise RowError(column, f"{reason}; import the file as it was published")
    raise RowError(column, "expected an ODS code: three to ten letters and digits")


def a_name(text: str, column: str) -> str:
    """What an organisation is called."""
    if not text:
        raise RowError(column, "expected a name, found none")
    if len(text) > _MOST_OF_A_NAME:
        raise RowError(column, f"expected at most {_MOST_OF_A_NAME} characters")
    return printable(text, column)


def a_postcode(text: str, column: str) -> str | None:
    """A postcode, or none."""
    if len(text) > _MOST_OF_A_POSTCODE:
        raise RowError(column, f"expected at most {_MOST_OF_A_POSTCODE} characters")
    return printable(text, column) or None


def printable(text: str, column: str) -> str:
    """A text without anything in it that no printed page shows, NUL bytes among it."""
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise RowError(column, "expected text, found a control character (a NUL byte, for one)")
    return text


def _is_a_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
