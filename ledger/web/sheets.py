"""How does a list become a spreadsheet that is safe to open?"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

from fastapi import Response

from ledger.application.spreadsheets import unformula


def cell(value: object) -> str:
    """One value as a cell: dates ISO 8601, times RFC 3339 in UTC, nothing as nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case _:
            return unformula(str(value))


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
