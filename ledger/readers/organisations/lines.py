"""Which rows does a register's CSV file hold?

Line by line: no field of these files runs over a line's end, so that a quote that is never closed
spoils its own line and not the rest of the file.
"""

import csv
import re
from collections.abc import Iterator

from ledger.readers.organisations.told import RowError

# As they come, mixed in one file even: a form feed or a Unicode line separator ends no line.
_LINE_END = re.compile("\r\n|\n|\r")


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Each line that is not empty, with its number from 1."""
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if line.strip():
            yield number, line


def fields(line: object) -> list[str]:
    """The fields of one line, trimmed."""
    assert isinstance(line, str), "a line is text"
    try:
        [row] = csv.reader([line], strict=True)
    except csv.Error:
        reason = "expected fields with commas between them, found a quote that is not closed"
        raise RowError("", reason) from None
    return [field.strip() for field in row]
