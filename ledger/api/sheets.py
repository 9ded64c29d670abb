"""How does a list of records leave as a spreadsheet? Row by row, their field names as the header."""

from collections.abc import Iterable

from fastapi.responses import StreamingResponse

from ledger.application.records import Record
from ledger.application.spreadsheets import csv_lines, flat


class CsvText(StreamingResponse):
    """Rows for a spreadsheet, no cell of which is taken for a formula."""

    media_type = "text/csv; charset=utf-8"


def sheet(kind: type[Record], records: Iterable[Record]) -> CsvText:
    """All fields of every record."""
    told = (record.model_dump(mode="json") for record in records)
    return CsvText(
        csv_lines(tuple(kind.model_fields), (tuple(map(flat, row.values())) for row in told))
    )
