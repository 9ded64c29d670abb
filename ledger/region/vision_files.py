"""InPS Vision's extracts of the region (docs/formats.md 3): a bulk, then each month's changes.

Each practice sends its own, as zips of CSV without a header; now and then a batch is several zips.
A journal ID is unique only within its patient. In September 2016 every practice sends a bulk again,
and one of them later a bulk that lacks the patients who object to it, as Vision may (D4).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose
from ledger.region.noise import NoiseRow, noise_of
from ledger.region.people import name_of
from ledger.region.practices import Practice
from ledger.region.record import Line, Record
from ledger.region.region import Region
from ledger.region.sheets import Cells, write_bare
from ledger.region.timeline import FIRST_MONTH, LAST_MONTH, REBULK, Month, month_of
from ledger.region.vision_columns import PRACTICE, layout

EXTRACTED_AT = time(20, 5)
# In this month the practice that hides objectors sends a bulk without them.
BULK_WITH_A_GAP = Month(2017, 12)
# A batch of a quarter's first month comes in parts.
_SUBJECTS = {"patient": "PATIENT", "journal": "CLINICAL", "practice": "ADMIN"}
_BAD_TIME = "9999"


class Extract(NamedTuple):
    """One delivery of one practice: `after` is nothing for a bulk."""

    month: Month
    after: datetime | None
    until: datetime

    @property
    def since(self) -> datetime:
        """From when on rows are told."""
        return self.after or datetime.min  # noqa: DTZ901  the practice's clock

    @property
    def kind(self) -> str:
        """What its files' names begin with."""
        return "FULL" if self.after is None else "INCREMENTAL"

    @property
    def months(self) -> Iterator[Month]:
        """The months whose other coded rows it tells."""
        return (FIRST_MONTH if self.after is None else self.month).until(self.month)


def write_vision(directory: Path, region: Region) -> None:
    """Write every delivery of the region's Vision practices."""
    moved_here = (m.after for m in region.movers if m.after.practice.supplier is Supplier.INPS)
    for record in (*region.of(Supplier.INPS), *moved_here):
        folder = directory / record.practice.code
        folder.mkdir(parents=True)
        journal = _Journal(region, record)
        for extract in _schedule(record.practice):
            _write(folder, record, extract, journal)


def _schedule(practice: Practice) -> Iterator[Extract]:
    before: datetime | None = None
    for month in month_of(practice.joins).until(LAST_MONTH):
        until = datetime.combine(month.last_day, EXTRACTED_AT)
        with_a_gap = practice.hides_objectors and month == BULK_WITH_A_GAP
        bulk = month == REBULK or with_a_gap
        yield Extract(month, None if bulk else before, until)
        before = until


def _write(folder: Path, record: Record, extract: Extract, journal: "_Journal") -> None:
    practice, columns = record.practice, layout(record.practice.index, extract.until.year)
    hidden = _hidden(record, extract)
    tables = {
        "patient": write_bare(columns.patient, _patients(record, extract, hidden)),
        "journal": write_bare(columns.journal, journal.rows(extract, hidden)),
        "practice": write_bare(PRACTICE, [_practice(practice)]),
    }
    stamp = f"{extract.until:%Y-%m-%d-%H%M%S}"
    zips: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for table, content in tables.items():
        subject = _SUBJECTS[table] if extract.month.month % 3 == 1 else "ALL"
        inner = f"{extract.kind}_{practice.code}_{table}_data_extract-{stamp}.csv"
        zips[subject][inner] = content
    service = f"({88001 + practice.index})"
    for subject, files in zips.items():
        name = f"{extract.kind}_{subject}_{practice.code}-{service}-V1.0.0_{stamp}.zip"
        _write_zip(folder / name, files, extract.until)


def _write_zip(path: Path, files: dict[str, bytes], made: datetime) -> None:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            # With a time of its own, so that the same region gives the same bytes.
            archive.writestr(ZipInfo(name, made.timetuple()[:6]), content, ZIP_DEFLATED)


def _hidden(record: Record, extract: Extract) -> frozenset[int]:
    """The patients whom this extract leaves out: 9Nu0. keeps them out of extracts (D4), or the
    extract was configured wrongly.
    """
    if record.practice.loses_patients and extract.month == REBULK:
        return frozenset(patient.id for patient in record.patients if patient.id % 3)
    if not (record.practice.hides_objectors and extract.month == BULK_WITH_A_GAP):
        return frozenset()
    return frozenset(
        line.patient.id
        for line in record.lines_standing(extract.until)
        if line.said is not None and line.said.purpose is Purpose.TYPE_1 and line.said.is_dissent
    )


def _practice(practice: Practice) -> Cells:
    return {"ID": "1", "NAME": practice.name, "IDENTIFIER": practice.code, "POSTCODE": "ZZ99 3CZ"}


def _patients(record: Record, extract: Extract, hidden: frozenset[int]) -> Iterator[Cells]:
    for patient in record.patients_changed(extract.since, extract.until):
        if patient.id in hidden:
            continue
        name = name_of(patient)
        left = patient.left if patient.left and patient.left <= extract.until.date() else None
        is_new = datetime.combine(patient.registered, time(9)) > extract.since
        yield {
            "PID": str(patient.id),
            "DATE_OF_BIRTH": _day(patient.born),
            "DATE_OF_DEATH": patient.died_by(extract.until.date()).replace("-", ""),
            "SEX": "F" if patient.female else "M",
            "POSTCODE": "ZZ99 3CZ",
            "ACTIVE": "L" if left else "R",
            "REGISTERED_DATE": _day(patient.registered),
            "REMOVED_DATE": _day(left) if left else "",
            "PRACTICE": "1",
            "SURNAME": name.surname,
            "FORENAME": name.given,
            "TITLE": name.title,
            "NHS_NUMBER": patient.number_sent(extract.until),
            "ADDRESS": "1 Example Road|Exampletown",
            "PRACT_NUMBER": "1",
            "SERVICE_ID": "1",
            "ACTION": "I" if is_new else "U",
        }


@dataclass(slots=True)
class _Journal:
    """One practice's journal: which rows were sent already, and by which ID."""

    region: Region
    record: Record
    _ids: dict[int, int] = field(default_factory=dict)
    _of_patient: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))
    _sent: set[int] = field(default_factory=set)

    def rows(self, extract: Extract, hidden: frozenset[int]) -> Iterator[Cells]:
        """What this extract tells of the journal."""
        if extract.after is None:
            lines = self.record.lines_standing(extract.until)
        else:
            lines = self.record.lines_changed(extract.since, extract.until)
        for line in lines:
            if line.patient.id not in hidden:
                yield self._row(line)
        for month in extract.months:
            for row in noise_of(self.region, self.record, month):
                if row.patient.id not in hidden:
                    yield _noise(row)

    def _row(self, line: Line) -> Cells:
        said, patient = line.said, line.patient
        if line.entry not in self._ids:
            self._of_patient[patient.id] += 1
            self._ids[line.entry] = self._of_patient[patient.id]
        key = {"PID": str(patient.id), "ID": str(self._ids[line.entry]), "SERVICE_ID": "1"}
        if said is None:
            return {**key, "TIME": _BAD_TIME, "ACTION": "D"}
        action = "U" if line.entry in self._sent else "I"
        self._sent.add(line.entry)
        return {
            **key,
            "DATE": said.effective.replace("-", ""),
            "RECORDED_DATE": _day(said.entered.date()),
            "CODE": said.spelt.native,
            "SNOMED_CODE": said.spelt.snomed,
            "EPISODE": "O",
            "RUBRIC": said.shown,
            "TIME": f"{said.entered:%H%M}",
            "CONTEXT": "A",
            "ACTION": action,
            "SUBSET": "C",
        }


def _noise(row: NoiseRow) -> Cells:
    code = row.term.spelt(Supplier.INPS, row.entered.year)
    return {
        "PID": str(row.patient.id),
        "ID": str(row.id),
        "DATE": _day(row.entered.date()),
        "RECORDED_DATE": _day(row.entered.date()),
        "CODE": code.native,
        "SNOMED_CODE": code.snomed,
        "EPISODE": "O",
        "RUBRIC": row.term.text,
        "VALUE1": row.value,
        "VALUE1_UNITS": row.term.unit,
        "TIME": f"{row.entered:%H%M}",
        "SERVICE_ID": "1",
        "ACTION": "I",
        "SUBSET": "T" if row.value else "C",
    }


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"
