"""Whose data left with a release: a list of NHS numbers (docs/formats.md 8).

Text in UTF-8, one number a line, or CSV with a column `NHSNumber` among others. A line is a row
whatever quotes stand in it, so that one slip cannot swallow the rows below it. Lists may hold
millions: nothing is kept of a row but whether it was refused, and of those as many as the log keeps.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ledger.domain.deliveries import MOST_ROWS_KEPT
from ledger.domain.entries import RefusedRow
from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.refusals import NotAFact

COLUMN = "NHSNumber"
_NOT_USABLE = "expected an NHS number: ten digits, the last of which checks the others"
_NO_COLUMN = f"expected one NHS number a line, or a column {COLUMN}; found several columns"


@dataclass(slots=True)
class CohortList:
    """The lines of one list. `refused` are the first rows that hold no usable number, and
    `rows_refused` how many there were, once `numbers` has been gone through.

    Rows are counted from 1 below the header, or from the first line where there is none; lines
    with nothing on them are counted and passed over.
    """

    name: str
    lines: Iterable[str]
    refused: list[RefusedRow] = field(default_factory=list)
    rows_refused: int = 0

    def numbers(self) -> Iterator[str]:
        """The usable numbers in the order of the list; NotAFact where it is no such list."""
        lines = iter(self.lines)
        first = next(lines, "").removeprefix("\ufeff")
        names = [name.strip().casefold() for name in _cells(first)]
        headed = COLUMN.casefold() in names
        if len(names) > 1 and not headed:
            raise NotAFact(f"{self.name}: {_NO_COLUMN}")
        column = names.index(COLUMN.casefold()) if headed else 0
        for row, line in enumerate(self._rows(first, lines, headed=headed), 1):
            if not line.strip():
                continue
            cells = _cells(line)
            number = usable_nhs_number(cells[column]) if column < len(cells) else None
            if number is None:
                self._refuse(row)
            else:
                yield number

    @staticmethod
    def _rows(first: str, lines: Iterator[str], *, headed: bool) -> Iterator[str]:
        if not headed:
            yield first
        yield from lines

    def _refuse(self, row: int) -> None:
        self.rows_refused += 1
        if len(self.refused) < MOST_ROWS_KEPT:
            self.refused.append(RefusedRow(self.name, row, COLUMN, _NOT_USABLE))


def _cells(line: str) -> list[str]:
    bare = line.rstrip("\r\n")
    if '"' not in bare:
        return bare.split(",")
    try:
        return next(csv.reader([bare]), [])
    except csv.Error:
        return [bare]
