"""Replies of Microtest Evolution practices to GP Connect (docs/formats.md 4.1), and their refusals.

Evolution has no public extract, so its patients are asked for one by one: at the end of each month
those of whom anything of ours was entered, changed or removed, and at first a few of whom nothing
was. A reply holds all that stands of ours, and what else that month brought. A refusal names no
patient, so whoever asked lists it.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from ledger.domain.clinical_systems import Supplier
from ledger.region.gp_connect_bundle import Told, bundle, moment
from ledger.region.noise import NoiseRow, noise_of
from ledger.region.record import Record
from ledger.region.region import Region
from ledger.region.timeline import FIRST_MONTH, LAST_MONTH, Month

ASKED_AT = time(20, 30)
_CLOCK = ZoneInfo("Europe/London")
# So many patients of each practice are asked for at first although nothing is known of them.
_AT_FIRST = 3
_WITHHELD = ("PracticeCode", "NHSNumber", "AskedAt", "Answer")


def write_gp_connect(directory: Path, region: Region) -> None:
    """Write every reply of the practices that answer, and what anybody withheld."""
    directory.mkdir(parents=True)
    for record in region.of(Supplier.MICROTEST):
        if record.practice.is_asked_patient_by_patient:
            _write_replies(directory, region, record)
        _write_withheld(directory, record)


def _write_replies(directory: Path, region: Region, record: Record) -> None:
    before = datetime.min  # noqa: DTZ901  the practice's clock
    for month in FIRST_MONTH.until(LAST_MONTH):
        until = datetime.combine(month.last_day, ASKED_AT)
        asked = {line.patient.id: line.patient for line in record.lines_changed(before, until)}
        asked |= {p.id: p for p in record.patients_changed(before, until) if p.died is not None}
        if month == FIRST_MONTH:
            asked |= {row.patient.id: row.patient for row in _few(region, record)}
        told = _told(region, record, month, until)
        for n, patient in enumerate(asked.values(), start=1):
            reply = bundle(patient, told[patient.id], until)
            name = f"gpconnect_{record.practice.code}_{_stamp(until)}_{n:04d}.json"
            text = json.dumps(reply, ensure_ascii=False, indent=1)
            (directory / name).write_text(text, encoding="utf-8")
        before = until


def _told(
    region: Region, record: Record, month: Month, until: datetime
) -> defaultdict[int, list[Told]]:
    """What there is to tell of each patient."""
    told: defaultdict[int, list[Told]] = defaultdict(list)
    for line in record.lines_standing(until):
        if (said := line.said) is not None:
            number = _record_id(line.entry)
            one = Told(number, said.spelt, said.shown, said.effective, said.entered)
            told[line.patient.id].append(one)
    for row in noise_of(region, record, month):
        code = row.term.spelt(Supplier.MICROTEST, row.entered.year)
        day = row.entered.date().isoformat()
        one = Told(_record_id(row.id), code, row.term.text, day, row.entered)
        told[row.patient.id].append(one)
    return told


def _few(region: Region, record: Record) -> Iterator[NoiseRow]:
    seen: set[int] = set()
    for row in noise_of(region, record, FIRST_MONTH):
        if row.patient.id not in seen and len(seen) < _AT_FIRST:
            seen.add(row.patient.id)
            yield row


def _record_id(number: int) -> str:
    return f"{number:08X}-0000-4000-8000-000000000001"


def _stamp(local: datetime) -> str:
    return f"{local.replace(tzinfo=_CLOCK).astimezone(UTC):%Y%m%dT%H%M%SZ}"


# --- what was withheld


def _write_withheld(directory: Path, record: Record) -> None:
    by_day: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for at, patient in sorted(record.withheld, key=lambda asked: (asked.at, asked.patient.id)):
        row = (record.practice.code, patient.nhs_number, moment(at), "NO_PATIENT_CONSENT")
        by_day[f"{at:%Y%m%d}"].append(row)
    for day, rows in by_day.items():
        path = directory / f"withheld_{record.practice.code}_{day}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([_WITHHELD, *rows])
