"""Which practices were asked for a patient's record, and refused it?

A refusal by GP Connect (403 NO_PATIENT_CONSENT) names no patient, so whoever asked writes it down
with whom it was about. The file is the project's own (docs/formats.md 8).
"""

from ledger.domain.entries import RefusedRow, WhyWithheld, Withholding
from ledger.domain.identifiers import ods_code, usable_nhs_number
from ledger.readers.delivery import Contents, Found, Memory
from ledger.readers.scan import Row, open_csv
from ledger.readers.times import rfc_3339

_COLUMNS = ("PracticeCode", "NHSNumber", "AskedAt", "Answer")


def read(found: Found, memory: Memory) -> Contents:
    """One file of refusals, and the rows that state none."""
    del memory  # Each row says all that it means.
    (path,) = found.files
    sheet = open_csv(path, needed=_COLUMNS, any_case=True)
    rows = [_withholding(row, path.name) for row in sheet.pick()]
    withheld = tuple(row for row in rows if isinstance(row, Withholding))
    refused = tuple(row for row in rows if isinstance(row, RefusedRow))
    unknown = ", ".join(sheet.unknown)
    return Contents(
        format=found.format,
        practices=tuple(sorted({row.practice for row in withheld})),
        period_end=found.dated,
        rows_read=sheet.rows + len(sheet.broken),
        withheld=withheld,
        refused=(*sheet.broken, *refused),
        notes=(f"{path.name} has columns that are not read: {unknown}",) if unknown else (),
    )


def _withholding(row: Row, file: str) -> Withholding | RefusedRow:
    cells = {column: text.strip() for column, text in row.cells.items()}
    practice, number = ods_code(cells["PracticeCode"]), usable_nhs_number(cells["NHSNumber"])
    asked_at = rfc_3339(cells["AskedAt"])
    answer = next((why for why in WhyWithheld if why == cells["Answer"].upper()), None)
    if practice is None:
        fault = ("PracticeCode", "expected an ODS code: three to ten letters and digits")
    elif number is None:
        fault = ("NHSNumber", "expected ten digits, the last of which checks the others")
    elif asked_at is None:
        fault = ("AskedAt", "expected a time with its offset, as 2018-05-25T09:30:00+01:00")
    elif answer is None:
        fault = ("Answer", f"expected {' or '.join(WhyWithheld)}")
    else:
        return Withholding(practice, number, asked_at, answer, f"{file}:{row.number}")
    return RefusedRow(file, row.number, *fault)
