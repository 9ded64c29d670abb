"""How does a list become a spreadsheet that is safe to open?

A spreadsheet program takes a cell that begins with = + - or @ for a formula, and a formula can
send what stands in other cells to anybody. Notes are typed by people and names come from files:
such a cell gets an apostrophe in front, which programs read as "this is text".
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from fastapi import Response

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> str:
    """One value as a cell: dates ISO 8601, times RFC 3339 in UTC, nothing as nothing."""
    match value:
        case None:
            return ""
        case int() | float():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            text = str(value)
            # Blanks in front do not stop every program.
            return f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) else text


def sheet(filename: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as a CSV file to download."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return Response(
        # The mark in front tells spreadsheet programs that it is UTF-8.
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
