"""Which text may stand in a cell of a spreadsheet?

A spreadsheet program takes a cell that begins with = + - or @ for a formula, and a formula can
send what stands in other cells to anybody. Notes are typed by people and names come from files:
such a cell gets an apostrophe in front, which programs read as "this is text".
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def unformula(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula."""
    # Blanks in front do not stop every program.
    return f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) else text


def flat(value: object) -> str:
    """A record's value, as JSON has it, in one cell; nothing as nothing."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def csv_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A CSV file line by line, however many rows there are, each cell safe to open."""
    for row in chain([header], rows):
        out = io.StringIO()
        csv.writer(out).writerow([unformula(cell) for cell in row])
        yield out.getvalue()
