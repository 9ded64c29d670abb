"""TPP's Strategic Reporting Extract of the region (docs/formats.md 1): a bulk, then monthly deltas.

The columns of SRCode change with the years, SRCode comes whole once more in September 2016, one
month's delivery fails and the next covers both, and one practice joins with a bulk of its own.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.region.noise import NoiseRow, noise_of
from ledger.region.people import name_of
from ledger.region.record import Line, Patient, Record
from ledger.region.region import Region
from ledger.region.sheets import Cells, write_sheet
from ledger.region.systmone_columns import (
    CODE_MAPS,
    ORGANISATION,
    PATIENT,
    REGISTRATION,
    code_columns,
)
from ledger.region.systmone_maps import snomed_map, version_2_map
from ledger.region.timeline import FAILED, FIRST_MONTH, LAST_MONTH, REBULK, Month, month_of

EXTRACTED_AT, JOINED_AT = time(22), time(21)
ELSEWHERE = "X99A0"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Extract(NamedTuple):
    """One delivery: of which practices, from when (nothing for a bulk) until when."""

    records: tuple[Record, ...]
    after: datetime | None
    until: datetime
    whole_codes: bool

    @property
    def is_bulk(self) -> bool:
        """Whether every table comes whole."""
        return self.after is None

    @property
    def has_maps(self) -> bool:
        """Whether TPP's code maps come along: with the first bulk, and with the second of SRCode."""
        first = self.is_bulk and self.until.time() == EXTRACTED_AT
        return first or (self.whole_codes and not self.is_bulk)

    @property
    def since(self) -> datetime:
        """From when on rows are told."""
        return self.after or datetime.min  # noqa: DTZ901  the practice's clock

    @property
    def code_months(self) -> Iterator[Month]:
        """The months whose coded rows this extract tells."""
        last = month_of(self.until.date())
        if self.until.date() < last.last_day:
            last = last.plus(-1)
        first = FIRST_MONTH if self.whole_codes else month_of(self.since.date()).plus(1)
        return first.until(last)


def write_systmone(directory: Path, region: Region) -> None:
    """Write every delivery of the region's SystmOne practices."""
    for extract in (*_schedule(region), *_of_movers(region)):
        folder = directory / _stamp(extract.until)
        folder.mkdir(parents=True)
        columns = code_columns(extract.until.year, whole=extract.whole_codes)
        _write(folder, "SROrganisation", ORGANISATION, _organisations(region))
        _write(folder, "SRPatient", PATIENT, _patients(extract))
        _write(folder, "SRPatientRegistration", REGISTRATION, _registrations(extract))
        _write(folder, "SRCode", columns, _codes(region, extract))
        if extract.has_maps:
            corrected = not extract.is_bulk
            _write(folder, "SRCtv3ToSnomed", CODE_MAPS["SRCtv3ToSnomed"], snomed_map())
            version_2 = version_2_map(corrected=corrected)
            _write(folder, "SRCtv3ToVersion2", CODE_MAPS["SRCtv3ToVersion2"], version_2)
        _write_manifest(folder, extract)


def _schedule(region: Region) -> Iterator[Extract]:
    records = tuple(region.of(Supplier.TPP))
    before: datetime | None = None
    for month in FIRST_MONTH.until(LAST_MONTH):
        for record in records:
            joins = record.practice.joins
            if record.practice.joins_late and month_of(joins) == month:
                yield Extract((record,), None, datetime.combine(joins, JOINED_AT), whole_codes=True)
        if month == FAILED:
            continue
        until = datetime.combine(month.last_day, EXTRACTED_AT)
        there = tuple(r for r in records if r.practice.joins <= month.last_day)
        yield Extract(there, before, until, whole_codes=before is None or month == REBULK)
        before = until


def _of_movers(region: Region) -> Iterator[Extract]:
    """A bulk and a delta of each practice that moved away, by itself."""
    for mover in region.movers:
        if mover.before.practice.supplier is Supplier.TPP:
            first = datetime.combine(FIRST_MONTH.last_day, JOINED_AT)
            last = datetime.combine(mover.after.practice.joins - timedelta(days=31), JOINED_AT)
            yield Extract((mover.before,), None, first, whole_codes=True)
            yield Extract((mover.before,), first, last, whole_codes=False)


def _write(folder: Path, table: str, columns: Sequence[str], rows: Iterator[Cells]) -> None:
    write_sheet(folder / f"{table}.csv", columns, rows, encoding="cp1252")


def _write_manifest(folder: Path, extract: Extract) -> None:
    after = _stamp(extract.after) if extract.after else ""
    until = _stamp(extract.until)
    bulk, delta = ("N", "", until), ("N" if extract.is_bulk else "Y", after, until)
    tables = {
        "SROrganisation": ("Y", bulk),
        "SRPatient": ("N", delta),
        "SRPatientRegistration": ("N", delta),
        "SRCode": ("N", bulk if extract.whole_codes else delta),
    }
    if extract.has_maps:
        tables |= dict.fromkeys(CODE_MAPS, ("Y", bulk))
    columns = ("FileName", "IsDelta", "IsReference", "DateExtractFrom", "DateExtractTo")
    rows = (
        dict(zip(columns, (table, is_delta, reference, begin, end), strict=True))
        for table, (reference, (is_delta, begin, end)) in tables.items()
    )
    write_sheet(folder / "SRManifest.csv", columns, rows, encoding="cp1252")


def _organisations(region: Region) -> Iterator[Cells]:
    for practice in region.practices:
        yield {
            "RowIdentifier": str(101 + practice.number),
            "Name": practice.name,
            "ID": practice.code,
            "NameOfTown": "EXAMPLETOWN",
            "FullPostCode": "ZZ99 3CZ",
            "MadeObsolete": "0",
            "RemovedData": "0",
        }


def _patients(extract: Extract) -> Iterator[Cells]:
    for record in extract.records:
        for patient in record.patients_changed(extract.since, extract.until):
            name = name_of(patient)
            died = patient.died if patient.died_by(extract.until.date()) else None
            yield {
                "RowIdentifier": str(patient.id),
                "IDOrganisationVisibleTo": record.practice.code,
                "Title": name.title,
                "FirstName": name.given,
                "Surname": name.surname,
                "NHSNumber": patient.number_sent(extract.until),
                "DateBirth": f"{_day(patient.born)} 00:00",
                "DateDeath": f"{_day(died)} 00:00" if died else "",
                "Gender": "F" if patient.female else "M",
                "SpeaksEnglish": "1",
                "TestPatient": "1" if patient.test else "0",
                "SpineMatched": "1",
                "RemovedData": "0",
            }


def _registrations(extract: Extract) -> Iterator[Cells]:
    for record in extract.records:
        here = record.practice.code
        for patient in record.patients_changed(extract.since, extract.until):
            left = patient.left if patient.left and patient.left <= extract.until.date() else None
            yield _registration(patient, 0, patient.registered, here, left=left)
            if patient.id % 9 == 0:
                # Where the patient was before: no registration here.
                yield _registration(
                    patient, 1, date(1984, 5, 4), ELSEWHERE, left=patient.registered
                )
            for n, day in enumerate(patient.elsewhere, start=2):
                if day <= extract.until.date():
                    yield _registration(patient, n, day, ELSEWHERE)


def _registration(
    patient: Patient, n: int, day: date, organisation: str, *, left: date | None = None
) -> Cells:
    here = patient.practice.code
    return {
        "RowIdentifier": str(patient.id * 10 + n),
        "IDOrganisationVisibleTo": here,
        "DateEventRecorded": f"{_day(day)} 10:00:00",
        "IDProfileEnteredBy": "77",
        "DateRegistration": f"{_day(day)} 00:00:00",
        "DateDeRegistration": f"{_day(left)} 00:00:00" if left else "",
        "RegistrationStatus": "GMS,Contraception" if patient.id % 11 == 0 else "GMS",
        "IDPatient": str(patient.id),
        "IDOrganisation": organisation,
        "IDOrganisationRegisteredAt": here,
        "RemovedData": "0",
    }


def _codes(region: Region, extract: Extract) -> Iterator[Cells]:
    for record in extract.records:
        if extract.whole_codes:
            lines = record.lines_standing(extract.until)
        else:
            lines = record.lines_changed(extract.since, extract.until)
        for line in lines:
            yield _code(record, line)
        for month in extract.code_months:
            for row in noise_of(region, record, month):
                yield _noise(record, row)
                if row.id % 50 == 0 and not extract.whole_codes:
                    # Something else is deleted too, of the month before.
                    yield _removed(record, row.id - 100_001)


def _code(record: Record, line: Line) -> Cells:
    said = line.said
    if said is None:
        return _removed(record, line.entry)
    term = said.shown
    return {
        **_row(record, line.entry, line.patient, said.entered),
        "DateEvent": _effective(said.effective, said.entered),
        "IDProfileEnteredBy": str(said.user),
        "IDDoneBy": str(said.user),
        "CTV3Code": said.spelt.native,
        "CTV3Text": term if said.spelt.native else "",
        "SNOMEDCode": said.spelt.snomed,
        "SNOMEDText": term if said.spelt.snomed else "",
        "IsNumeric": "0",
    }


def _noise(record: Record, row: NoiseRow) -> Cells:
    code = row.term.spelt(Supplier.TPP, row.entered.year)
    cells = {
        **_row(record, row.id, row.patient, row.entered),
        "DateEvent": f"{_day(row.entered.date())} {row.entered:%H:%M:%S}",
        "IDProfileEnteredBy": "81",
        "IDDoneBy": "81",
        "CTV3Code": code.native,
        "CTV3Text": row.term.text,
        "SNOMEDCode": code.snomed,
        "SNOMEDText": row.term.text if code.snomed else "",
        "IsNumeric": "1" if row.value else "0",
        "NumericValue": row.value,
        "NumericUnit": row.term.unit,
    }
    if row.id % 23 == 0:
        # Shared in: another organisation made it, and this practice can only see it.
        cells |= {"IDOrganisation": ELSEWHERE, "IDOrganisationDoneAt": ELSEWHERE}
    return cells


def _row(record: Record, entry: int, patient: Patient, entered: datetime) -> Cells:
    here = record.practice.code
    return {
        "RowIdentifier": str(entry),
        "IDOrganisationVisibleTo": here,
        "DateEventRecorded": f"{_day(entered.date())} {entered:%H:%M:%S}",
        "IDOrganisationDoneAt": here,
        "IDEvent": str(entry + 500_000),
        "IDPatient": str(patient.id),
        "IDOrganisation": here,
        "IDOrganisationRegisteredAt": here,
        "RemovedData": "0",
    }


def _removed(record: Record, entry: int) -> Cells:
    here = record.practice.code
    return {
        "RowIdentifier": str(entry),
        "IDOrganisationVisibleTo": here,
        "IDOrganisation": here,
        "IDOrganisationRegisteredAt": here,
        "RemovedData": "1",
    }


def _effective(text: str, entered: datetime) -> str:
    """The day as SystmOne writes it, one that there never was as well."""
    if not text:
        return ""
    year, month, day = text.split("-")
    clock = f"{entered:%H:%M:%S}" if text == entered.date().isoformat() else "00:00:00"
    return f"{day} {_MONTHS[int(month) - 1]} {year} {clock}"


def _day(day: date) -> str:
    return f"{day:%d} {_MONTHS[day.month - 1]} {day.year}"


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%d_%H%M}"
