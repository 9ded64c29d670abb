"""How the suppliers write CSV: every field quoted, lines end in CRLF."""

import csv
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


def _in_order(columns: Sequence[str], rows: Iterable[Cells]) -> Iterator[list[str]]:
    for row in rows:
        yield [row.get(column, "") for column in columns]
