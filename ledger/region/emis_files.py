"""EMIS's extract of one sharing agreement (docs/formats.md 2): a bulk, then each month's changes.

GUIDs are unique only within an organisation, and here they do collide between practices. Codes
and organisations are told rarely and must be remembered. While a practice's agreement is disabled
its extract deletes all it ever sent; afterwards everything comes again.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.region.emis_codes import code_id, code_table
from ledger.region.emis_columns import (
    AGREEMENT,
    CLINICAL_CODE,
    ORGANISATION,
    PATIENT,
    observation_columns,
)
from ledger.region.noise import NoiseRow, noise_of
from ledger.region.people import name_of
from ledger.region.practices import Practice
from ledger.region.record import Line, Patient, Record
from ledger.region.region import Region
from ledger.region.sheets import Cells, write_sheet
from ledger.region.timeline import FIRST_MONTH, LAST_MONTH, Month, month_of

AGREEMENT_GUID = "45E7CD20-0000-4000-8000-000000000001"
EXTRACTED_AT = time(20, 15)
_FILES_A_DELIVERY = 5
_PRECISIONS = {0: "U", 4: "Y", 7: "YM", 10: "YMD"}


class Extract(NamedTuple):
    """One delivery: of which practices, from when (nothing for a bulk) until when."""

    number: int
    records: tuple[Record, ...]
    after: datetime | None
    until: datetime

    @property
    def since(self) -> datetime:
        """From when on rows are told."""
        return self.after or datetime.min  # noqa: DTZ901  the practice's clock

    @property
    def months(self) -> Iterator[Month]:
        """The months whose other coded rows this extract tells."""
        last = month_of(self.until.date())
        if self.until.date() < last.last_day:
            last = last.plus(-1)
        return (FIRST_MONTH if self.after is None else last).until(last)

    def disabled(self, practice: Practice) -> bool:
        """Whether the practice's agreement is disabled now."""
        return practice.is_disabled(self.until.date())

    def was_disabled(self, practice: Practice) -> bool:
        """Whether it was when the extract before was made."""
        return self.after is not None and practice.is_disabled(self.after.date())


def write_emis(directory: Path, region: Region) -> None:
    """Write every delivery of the region's EMIS practices."""
    for extract in _schedule(region):
        folder = directory / f"{extract.until:%Y%m%d_%H%M}"
        folder.mkdir(parents=True)
        _write(
            folder, extract, 0, "Agreements_SharingOrganisation", AGREEMENT, _agreements(extract)
        )
        if extract.after is None:
            _write(folder, extract, 1, "Admin_Organisation", ORGANISATION, _organisations(extract))
        _write(folder, extract, 2, "Admin_Patient", PATIENT, _patients(extract))
        columns = observation_columns(extract.until.year)
        rows = _observations(region, extract)
        _write(folder, extract, 3, "CareRecord_Observation", columns, rows)
        if extract.number == 0 or extract.until.month == 1:
            _write(folder, extract, 4, "Coding_ClinicalCode", CLINICAL_CODE, code_table())


def _schedule(region: Region) -> Iterator[Extract]:
    records = tuple(region.of(Supplier.EMIS))
    before: datetime | None = None
    number = 0
    for month in FIRST_MONTH.until(LAST_MONTH):
        for record in records:
            joins = record.practice.joins
            if record.practice.joins_late and month_of(joins) == month:
                yield Extract(number, (record,), None, datetime.combine(joins, EXTRACTED_AT))
                number += 1
        until = datetime.combine(month.last_day, EXTRACTED_AT)
        there = tuple(r for r in records if r.practice.joins <= month.last_day)
        yield Extract(number, there, before, until)
        number += 1
        before = until


def _write(
    folder: Path,
    extract: Extract,
    place: int,
    table: str,
    columns: Sequence[str],
    rows: Iterator[Cells],
) -> None:
    processing_id = str(291 + extract.number * _FILES_A_DELIVERY + place)
    bulk = "bulk_" if extract.after is None else ""
    name = f"{bulk}{processing_id}_{table}_{extract.until:%Y%m%d%H%M%S}_{AGREEMENT_GUID}.csv"
    write_sheet(folder / name, columns, ({**row, "ProcessingId": processing_id} for row in rows))


def _agreements(extract: Extract) -> Iterator[Cells]:
    for record in extract.records:
        practice = record.practice
        modified = practice.joins
        for day in practice.disabled or ():
            if day is not None and day <= extract.until.date():
                modified = day
        yield {
            "OrganisationGuid": _organisation(practice),
            "IsActivated": "true",
            "LastModifiedDate": f"{modified.isoformat()} 06:35:16",
            "Disabled": "true" if extract.disabled(practice) else "false",
            "Deleted": "false",
        }


def _organisations(extract: Extract) -> Iterator[Cells]:
    for record in extract.records:
        yield {
            "OrganisationGuid": _organisation(record.practice),
            "CDB": str(99901 + record.practice.number),
            "OrganisationName": record.practice.name,
            "ODSCode": record.practice.code,
            "OrganisationType": "GP Practice",
            "OpenDate": "1974-04-01",
        }


def _patients(extract: Extract) -> Iterator[Cells]:
    for record in extract.records:
        if extract.disabled(record.practice):
            continue
        # What happened while the agreement was disabled is told afterwards.
        again = extract.was_disabled(record.practice)
        since = datetime.min if again else extract.since  # noqa: DTZ901  the practice's clock
        for patient in record.patients_changed(since, extract.until):
            yield _patient(patient, extract.until)


def _patient(patient: Patient, until: datetime) -> Cells:
    name = name_of(patient)
    left = patient.left if patient.left and patient.left <= until.date() else None
    return {
        "PatientGuid": _guid("B", patient.id),
        "OrganisationGuid": _organisation(patient.practice),
        "Sex": "F" if patient.female else "M",
        "DateOfBirth": patient.born.isoformat(),
        "DateOfDeath": patient.died_by(until.date()),
        "Title": name.title,
        "GivenName": name.given,
        "Surname": name.surname,
        "DateOfRegistration": patient.registered.isoformat(),
        "NhsNumber": patient.number_sent(until),
        "PatientNumber": str(patient.id),
        "PatientTypeDescription": "Regular",
        "DummyType": "true" if patient.test else "false",
        "PersonGuid": _guid("B", patient.id),
        "DateOfDeactivation": left.isoformat() if left else "",
        "Deleted": "false",
        "SpineSensitive": "false",
        "IsConfidential": "false",
    }


def _observations(region: Region, extract: Extract) -> Iterator[Cells]:
    for record in extract.records:
        practice = record.practice
        if extract.disabled(practice):
            if not extract.was_disabled(practice):
                yield from (_deleted(line) for line in record.lines_standing(extract.until))
            continue
        if extract.was_disabled(practice):
            lines = record.lines_standing(extract.until)
        else:
            lines = record.lines_changed(extract.since, extract.until)
        yield from (_observation(line) for line in lines)
        for month in extract.months:
            yield from (_noise(record, row) for row in noise_of(region, record, month))


def _observation(line: Line) -> Cells:
    said = line.said
    if said is None:
        return _deleted(line)
    # A month or a year comes as its first day, with the precision beside it.
    effective = said.effective + {4: "-01-01", 7: "-01"}.get(len(said.effective), "")
    return {
        **_row(line.patient, line.entry, said.entered),
        "EffectiveDate": effective,
        "EffectiveDatePrecision": _PRECISIONS[len(said.effective)],
        "EnteredByUserInRoleGuid": _guid("C", said.user),
        "CodeId": code_id(said.spelt),
    }


def _noise(record: Record, row: NoiseRow) -> Cells:
    code = row.term.spelt(record.practice.supplier, row.entered.year)
    return {
        **_row(row.patient, row.id, row.entered),
        "EffectiveDate": row.entered.date().isoformat(),
        "EffectiveDatePrecision": "YMD",
        "EnteredByUserInRoleGuid": _guid("C", 81),
        "CodeId": code_id(code),
        "Value": row.value,
        "NumericUnit": row.term.unit,
    }


def _row(patient: Patient, entry: int, entered: datetime) -> Cells:
    return {
        "ObservationGuid": _guid("A", entry),
        "PatientGuid": _guid("B", patient.id),
        "OrganisationGuid": _organisation(patient.practice),
        "EnteredDate": entered.date().isoformat(),
        "EnteredTime": f"{entered:%H:%M:%S}",
        "ObservationType": "Observation",
        "Deleted": "false",
        "IsConfidential": "false",
    }


def _deleted(line: Line) -> Cells:
    """Only the keys are left of a deleted row."""
    return {
        "ObservationGuid": _guid("A", line.entry),
        "PatientGuid": _guid("B", line.patient.id),
        "OrganisationGuid": _organisation(line.patient.practice),
        "Deleted": "true",
    }


def _organisation(practice: Practice) -> str:
    return _guid("0", practice.number + 1)


def _guid(kind: str, number: int) -> str:
    return f"{{{number:08X}-000{kind}-4000-8000-{number:012X}}}"
