"""Which objections does somebody list by hand, or out of a system that has no export?

The layout is the project's own (docs/formats.md 8) and no supplier's: it serves practices whose
clinical system has no public extract, and corrections of single entries. One file is about one
practice and lists what was recorded or removed; what it does not list stands as it stood.

An entry is known by the id under which the clinical system knows it, so a line here can correct
what came by another format.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.codes import (
    CodedStatement,
    CodeSystem,
    entry_ids,
    read_row,
    row_of,
    scan_pattern,
)
from ledger.domain.entries import (
    Entry,
    PatientLink,
    Precision,
    RefusedRow,
    Registration,
    Removal,
    SourceKey,
)
from ledger.domain.identifiers import ods_code, usable_nhs_number
from ledger.domain.refusals import DeliveryRefused
from ledger.domain.terms import contradiction
from ledger.readers.delivery import Contents, Found, Memory, Reference
from ledger.readers.scan import Row, Sheet, matches, one_of, open_csv
from ledger.readers.times import emis_day, rfc_3339

_NEEDED = ("PracticeCode", "EntryId", "NHSNumber", "Code", "EffectiveDate", "EnteredAt", "Action")
_OPTIONAL = (
    "ClinicalSystem",
    "CodeSystem",
    "EnteredBy",
    "Term",
    "DateOfBirth",
    "RegisteredOn",
    "DeregisteredOn",
    "DiedOn",
)
_NAME = re.compile(r"entries_([^_]+)_\d{8}\.csv", re.IGNORECASE | re.ASCII)
_ACTIONS = ("record", "remove")
# Ids go into the log, where no free text may: a name or a number there would be there for good.
_ID = re.compile(r"[A-Za-z0-9:.#_{}-]{1,100}", re.ASCII)
_LIKE_AN_NHS_NUMBER = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)", re.ASCII)
# 5+2: five characters of Read v2 and a term code; the full stop of a shorter one may be lost.
_TERM_CODE = re.compile(r"(.{5}|[0-9A-Za-z]{4})[0-9]{2}", re.ASCII)
_LONGEST_CODE = 64


def read(found: Found, memory: Memory) -> Contents:
    """One entries file, refused whole where whose entries they are cannot be told."""
    (path,) = found.files
    sheet = open_csv(path, needed=_NEEDED, optional=_OPTIONAL, any_case=True)
    practice = _practice(sheet)
    system = _system(sheet, memory, practice)
    day = found.dated.date().isoformat()
    _check_newest(sheet, memory.references(system, practice, "entries-file").get("last", ""), day)
    known = memory.entry_ids(practice, system)
    told = _Told(sheet.file, practice, system, known)
    for row in _picked(sheet, practice, known):
        told.take(row)
    if sheet.rows and told.elsewhere == sheet.rows:
        raise DeliveryRefused(
            f"expected rows of {practice} as in the file's name, found only other practices': "
            "name the file for the practice in its rows",
            file=sheet.file,
        )
    return Contents(
        format=found.format,
        practices=(practice,),
        clinical_system=system,
        period_end=found.dated,
        rows_read=sheet.rows + len(sheet.broken),
        links=tuple(line.link for line in told.lines.values()),
        registrations=tuple(r for line in told.lines.values() if (r := line.registration)),
        entries=tuple(line.entry for line in told.lines.values()),
        removals=tuple(told.removals.values()),
        refused=(*sheet.broken, *told.refused),
        notes=tuple(_notes(sheet, told)),
        references=(Reference(system, practice, "entries-file", "last", day),),
    )


def _practice(sheet: Sheet) -> str:
    named = _NAME.fullmatch(sheet.file)
    practice = None if named is None else ods_code(named[1])
    if practice is None:
        raise DeliveryRefused(
            "expected a name as entries_X99904_20260105.csv with the practice's ODS code, "
            "found another",
            file=sheet.file,
        )
    return practice


def _system(sheet: Sheet, memory: Memory, practice: str) -> ClinicalSystem:
    """The one system the file names, or else the one the practice is known to use."""
    names = {row.cells["ClinicalSystem"].strip() for row in _rows(sheet, ["ClinicalSystem"])} - {""}
    systems = {clinical_system(name) for name in names}
    if None in systems or len(systems) > 1:
        raise DeliveryRefused(
            f"expected one ClinicalSystem ({', '.join(ClinicalSystem)}), found {len(names)} names"
            f"{' of which one is no system' if None in systems else ''}: "
            "write the same one in every row, or none",
            file=sheet.file,
        )
    system = next(iter(systems), None) or memory.clinical_system(practice)
    if system is None:
        raise DeliveryRefused(
            f"expected a practice whose clinical system is known, found {practice}: name it in a "
            "column ClinicalSystem, or take in who uses which system "
            "(ledger practices import --systems)",
            file=sheet.file,
        )
    return system


def _rows(sheet: Sheet, columns: list[str]) -> Iterator[Row]:
    return sheet.pick(columns=columns) if sheet.present.intersection(columns) else iter(())


def _check_newest(sheet: Sheet, last: str, day: str) -> None:
    if day < last:
        raise DeliveryRefused(
            f"expected an entries file no older than the one of {last} that was taken in already, "
            f"found one of {day}: taking it would undo what came since. If it is a correction, "
            "date it with the day it was made",
            file=sheet.file,
        )


def _picked(sheet: Sheet, practice: str, known: frozenset[str]) -> Iterator[Row]:
    """The rows that may state one of ours, or are about what was one of ours."""
    table = sheet.table
    code = _text(table.Code)
    pattern = scan_pattern()
    ours = matches(code, pattern) | matches(code.re_replace(r"[0-9]{2}$", ""), pattern)
    keys = {
        *map(row_of, known),
        *(row.cells["EntryId"].strip() for row in sheet.pick(ours, ["EntryId"])),
    }
    removed = _text(table.Action).lower() == "remove"
    elsewhere = _text(table.PracticeCode).upper() != practice
    return sheet.pick(ours | one_of(_text(table.EntryId), keys) | removed | elsewhere)


def _text(column: Any) -> Any:
    return column.fill_null("").strip()


class _Line(NamedTuple):
    """What one row tells of an entry and of the patient it is about."""

    entry: Entry
    link: PatientLink
    registration: Registration | None


class _Fault(Exception):
    """A cell that is not of its form: the column, and what was expected."""


@dataclass(slots=True)
class _Told:
    """What the rows have said so far; a later row about an entry outdoes an earlier one."""

    file: str
    practice: str
    system: ClinicalSystem
    known: frozenset[str]
    lines: dict[SourceKey, _Line] = field(default_factory=dict)
    removals: dict[SourceKey, Removal] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)
    elsewhere: int = 0
    of_another_system: int = 0
    left_out: Counter[str] = field(default_factory=Counter)

    def take(self, row: Row) -> None:
        """One more row."""
        cells = {column: text.strip() for column, text in row.cells.items()}
        source = f"{self.file}:{row.number}"
        try:
            key = self._key(cells)
            line = self._line(cells, key, source)
        except _Fault as fault:
            column, expected = fault.args
            self.refused.append(RefusedRow(self.file, row.number, column, expected))
            return
        for entry_id in entry_ids(key.entry_id):
            one = key._replace(entry_id=entry_id)
            self.lines.pop(one, None)
            if entry_id in self.known or (line is None and one == key):
                self.removals[one] = Removal(one, source)
        if line is not None:
            self.removals.pop(line.entry.key, None)
            self.lines[line.entry.key] = line

    def _key(self, cells: Mapping[str, str]) -> SourceKey:
        if cells["PracticeCode"].upper() != self.practice:
            self.elsewhere += 1
            raise _Fault("PracticeCode", f"expected {self.practice}, as in the file's name")
        if not _is_id(cells["EntryId"]):
            raise _Fault(
                "EntryId",
                "expected an id of letters, digits and :.#_{}-, and nothing that could be an NHS "
                "number",
            )
        return SourceKey(self.practice, self.system, cells["EntryId"])

    def _line(self, cells: Mapping[str, str], key: SourceKey, source: str) -> _Line | None:
        """What the row states; None where that is nothing of ours (any more)."""
        if (action := cells["Action"].lower()) not in _ACTIONS:
            raise _Fault("Action", "expected record or remove")
        code_system = cells["CodeSystem"].lower() or CodeSystem.READ_V2
        if code_system not in list(CodeSystem):
            raise _Fault("CodeSystem", f"expected {', '.join(CodeSystem)}, or nothing")
        stated = _stated(cells["Code"], code_system)
        if action == "remove" or stated is None:
            return None
        self.of_another_system += not stated.near and stated.code_system != code_system
        patient = f"entries:{key.entry_id}"
        return _Line(
            _entry(cells, key, stated, self._entered_by(cells["EnteredBy"]), source),
            PatientLink(
                practice=self.practice,
                clinical_system=self.system,
                source_patient=patient,
                number_as_sent=cells["NHSNumber"],
                left_out=False,
                born_on=self._day(cells, "DateOfBirth"),
                died_on=(died_on := self._day(cells, "DiedOn")),
                source=source,
                # An empty cell takes nothing back: the line is about an entry.
                death_untold=died_on is None,
                of_entry=True,
            ),
            self._registration(cells, patient),
        )

    def _registration(self, cells: Mapping[str, str], patient: str) -> Registration | None:
        began, ended = self._day(cells, "RegisteredOn"), self._day(cells, "DeregisteredOn")
        if began is None and ended is None:
            return None
        # A line speaks of one registration.
        return Registration(self.practice, self.system, patient, began, ended, registration=patient)

    def _day(self, cells: Mapping[str, str], column: str) -> date | None:
        """A day beside the objection: a slip in it must not cost the objection, so it is noted."""
        day = emis_day(cells[column])
        self.left_out[column] += day.precision is Precision.UNREADABLE
        return day.day

    def _entered_by(self, text: str) -> str | None:
        if not text or _is_id(text):
            return text or None
        self.left_out["EnteredBy"] += 1
        return None


def _is_id(text: str) -> bool:
    numbers = _LIKE_AN_NHS_NUMBER.findall(text)
    return bool(_ID.fullmatch(text)) and not any(map(usable_nhs_number, numbers))


def _stated(text: str, code_system: str) -> CodedStatement | None:
    """What a code states, as it is or, of Read v2, without its term code."""
    code = text[:_LONGEST_CODE]
    stated = read_row((code,))
    term = _TERM_CODE.fullmatch(code)
    if not stated and code_system == CodeSystem.READ_V2 and term is not None:
        stated = read_row((term[1],))
    return stated[0] if stated else None


def _entry(
    cells: Mapping[str, str],
    key: SourceKey,
    stated: CodedStatement,
    entered_by: str | None,
    source: str,
) -> Entry:
    effective = _effective(cells["EffectiveDate"])
    return Entry(
        practice=key.practice,
        clinical_system=key.clinical_system,
        entry_id=stated.entry_id(key.entry_id, 0),
        source_patient=f"entries:{key.entry_id}",
        purpose=stated.purpose,
        statement=stated.statement,
        code_system=stated.code_system,
        code=stated.code,
        near=stated.near,
        term_says=contradiction(stated.statement, cells["Term"]),
        effective_on=effective.day,
        effective_precision=effective.precision,
        effective_partial=effective.partial,
        entered_at=_entered(cells["EnteredAt"]),
        entered_by=entered_by,
        source=source,
    )


class _Effective(NamedTuple):
    day: date | None
    precision: Precision
    partial: str | None = None


_SHAPES = {
    re.compile(r"\d{4}-\d\d-\d\d", re.ASCII): (Precision.DAY, ""),
    re.compile(r"\d{4}-\d\d", re.ASCII): (Precision.MONTH, "-01"),
    re.compile(r"\d{4}", re.ASCII): (Precision.YEAR, "-01-01"),
}


def _effective(text: str) -> _Effective:
    """The day, month or year; one that is well written and never was is the practice's own (CO11)."""
    if not text:
        return _Effective(None, Precision.MISSING)
    for shape, (precision, rest) in _SHAPES.items():
        if shape.fullmatch(text):
            day = emis_day(text + rest).day
            if day is None:
                return _Effective(None, Precision.UNREADABLE)
            if precision is Precision.DAY:
                return _Effective(day, precision)
            return _Effective(None, precision, text)
    raise _Fault("EffectiveDate", "expected yyyy-mm-dd, yyyy-mm or yyyy, or nothing")


def _entered(text: str) -> datetime | None:
    moment = rfc_3339(text)
    if text and moment is None:
        raise _Fault(
            "EnteredAt", "expected a time with its offset, as 2018-05-25T09:30:00+01:00, or nothing"
        )
    return moment


def _notes(sheet: Sheet, told: _Told) -> Iterator[str]:
    if sheet.unknown:
        yield f"{sheet.file} has columns that are not read: {', '.join(sheet.unknown)}"
    if told.of_another_system:
        yield (
            f"{sheet.file}: {told.of_another_system} rows name another CodeSystem than their code "
            "is of: the code holds"
        )
    expected = {"EnteredBy": "an identifier"}
    for column, rows in told.left_out.items():
        if rows:
            yield (
                f"{sheet.file}: {column} of {rows} rows is not {expected.get(column, 'yyyy-mm-dd')}"
                " and was left out"
            )
