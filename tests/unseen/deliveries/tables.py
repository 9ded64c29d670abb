"""How is a table written: with which header, quotes and line ends?"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Cells = Mapping[str, str]


def write(
    path: Path,
    columns: str,
    rows: Iterable[Cells],
    *,
    header: bool = True,
    quoted: bool = False,
    encoding: str = "utf-8",
    line_end: str = "\n",
) -> Path:
    """A table; a column that a row does not name is empty in it."""
    names = columns.split()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as out:
        sheet = csv.writer(
            out, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator=line_end
        )
        if header:
            sheet.writerow(names)
        for row in rows:
            assert row.keys() <= set(names), row.keys() - set(names)
            sheet.writerow([row.get(name, "") for name in names])
    return path


def lines(path: Path, rows: Iterable[Sequence[str]], *, line_end: str = "\r\n") -> Path:
    """A table without header, every field quoted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="ascii", newline="") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=line_end).writerows(rows)
    return path
