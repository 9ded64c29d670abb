"""How the suppliers write CSV: lines end in CRLF, and every field is quoted, or in Vision few are."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

Cells = dict[str, str]


def columns(names: str) -> tuple[str, ...]:
    """A header as a specification lists it."""
    return tuple(names.split())


def write_sheet(
    path: Path, columns: Sequence[str], rows: Iterable[Cells], *, encoding: str = "utf-8"
) -> None:
    """Stream rows to a file; a cell that a row does not name is empty, one without a column lost.

    That a generation of the format lacks a column is nothing a row has to know.
    """
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(_in_order(columns, rows))


def write_bare(columns: Sequence[str], rows: Iterable[Cells]) -> bytes:
    """Rows without a header, quoted only where they must be."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(_in_order(columns, rows))
    return text.getvalue().encode()


def _in_order(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[list[str]]:
    for row in rows:
        yield [row.get(column, "") for column in columns]
