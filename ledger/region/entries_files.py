"""Our own list of entries (docs/formats.md 8), which one Evolution practice sends for want of better.

One file a month in which anything was entered, changed or removed. A row has one code; it is the
Read code without its term code where there is one.
"""

import csv
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from ledger.domain.clinical_systems import Supplier
from ledger.domain.codes import CodeSystem
from ledger.region.record import Line, Record
from ledger.region.region import Region
from ledger.region.sheets import Cells
from ledger.region.spelling import TERM_CODE, Spelt
from ledger.region.timeline import FIRST_MONTH, LAST_MONTH

_CLOCK = ZoneInfo("Europe/London")
_COLUMNS = (
    "PracticeCode", "EntryId", "NHSNumber", "Code", "EffectiveDate", "EnteredAt", "Action",
    "ClinicalSystem", "CodeSystem", "EnteredBy", "Term", "DateOfBirth", "RegisteredOn", "DeregisteredOn",
    "DiedOn",
)  # fmt: skip


def write_entries(directory: Path, region: Region) -> None:
    """Write every list of the practices that send one."""
    directory.mkdir(parents=True)
    for record in region.of(Supplier.MICROTEST):
        if record.practice.sends_entries:
            _write_of(directory, record)


def _write_of(directory: Path, record: Record) -> None:
    before = datetime.min  # noqa: DTZ901  the practice's clock
    for month in FIRST_MONTH.until(LAST_MONTH):
        until = datetime.combine(month.last_day, time.max)
        rows = [_row(line, until) for line in record.lines_changed(before, until)]
        if rows:
            path = directory / f"entries_{record.practice.code}_{month.last_day:%Y%m%d}.csv"
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, _COLUMNS, restval="", lineterminator="\n")
                writer.writeheader()
                writer.writerows(rows)
        before = until


def _row(line: Line, until: datetime) -> Cells:
    patient, said = line.patient, line.said
    key = {
        "PracticeCode": patient.practice.code,
        "EntryId": f"E{line.entry}",
        "NHSNumber": patient.number_sent(until),
        "ClinicalSystem": Supplier.MICROTEST.value,
    }
    if said is None:
        return {**key, "Action": "remove"}
    system, code = _code(said.spelt)
    left = patient.left if patient.left and patient.left <= until.date() else None
    return {
        **key,
        "Code": code,
        "EffectiveDate": said.effective,
        "EnteredAt": said.entered.replace(tzinfo=_CLOCK).isoformat(),
        "Action": "record",
        "CodeSystem": system.value,
        "EnteredBy": str(said.user),
        "Term": said.shown,
        "DateOfBirth": patient.born.isoformat(),
        "RegisteredOn": patient.registered.isoformat(),
        "DeregisteredOn": left.isoformat() if left else "",
        "DiedOn": patient.died_by(until.date()),
    }


def _code(code: Spelt) -> tuple[CodeSystem, str]:
    if code.native:
        return CodeSystem.READ_V2, code.native.removesuffix(TERM_CODE)
    return CodeSystem.SNOMED_CT, code.snomed
