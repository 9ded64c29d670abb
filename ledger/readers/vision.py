"""What does an InPS Vision extract say: one practice's objections and patients?

The layout is docs/formats.md 3. One delivery is the files of one practice and timestamp, which
have no header: how many fields a row has says which layout it is. A journal ID is unique only
within a patient, so an entry is known by its practice, PID and ID together.

Vision itself may leave a patient who objects out of its extracts. So the absence of a patient from
a bulk never ends an objection; only the absence of an entry of a patient who is in it does.
"""

import csv
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from weakref import finalize

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import (
    CodedStatement,
    entry_ids,
    is_of_a_neighbour,
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
from ledger.domain.identifiers import ods_code
from ledger.domain.refusals import DeliveryRefused
from ledger.domain.terms import contradiction
from ledger.readers.delivery import Contents, Found, Memory, Reference
from ledger.readers.engines import POLARS, ScanEngine
from ledger.readers.read_codes import without_term_code
from ledger.readers.residents import is_resident_in_vision
from ledger.readers.scan import Row, Sheet, matches, one_of, open_csv
from ledger.readers.times import DayRead, day_stamp, stamp

# <kind>_<practice>_<table>_data_extract-<yyyy-mm-dd-HHMMSS>.csv (docs/formats.md 3.1).
NAME = re.compile(
    r"(?P<kind>FULL|INCREMENTAL|ADDITIONAL)_(?P<practice>[A-Z0-9]{3,10})_"
    r"(?P<table>[a-z]+(?:_[a-z]+)*)_data_extract-(?P<stamp>\d{4}-\d{2}-\d{2}-\d{6})\.csv",
    re.IGNORECASE | re.ASCII,
)

_VISION = ClinicalSystem.VISION
_JOURNAL, _PATIENT, _PRACTICE = "journal", "patient", "practice"


def _columns(names: str) -> list[str]:
    return names.split()


class _Table(NamedTuple):
    """What a table is read for, and its columns in order, in each layout that is known."""

    needed: Sequence[str]
    layouts: Sequence[Sequence[str]]


_PATIENT_LIVE = _columns(
    "PID REFERENCE DATE_OF_BIRTH SEX POSTCODE MARITAL_STATUS GP GP_USUAL ACTIVE REGISTERED_DATE "
    "REMOVED_DATE HA PCG SURGERY MILEAGE DISPENSING ETHNIC DATE_OF_DEATH PRACTICE SURNAME FORENAME "
    "TITLE NHS_NUMBER ADDRESS ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 PHONE_NUMBER "
    "MOBILE_NUMBER EMAIL PRACT_NUMBER SERVICE_ID ACTION"
)
_TABLES = {
    _JOURNAL: _Table(
        needed=_columns("PID ID DATE RECORDED_DATE CODE RUBRIC ACTION"),
        layouts=[
            _columns(
                "PID ID DATE RECORDED_DATE CODE SNOMED_CODE BNF_CODE HCP HCP_TYPE GMS EPISODE TEXT "
                "RUBRIC DRUG_FORM DRUG_STRENGTH DRUG_PACKSIZE DMD_CODE IMMS_STATUS IMMS_COMPOUND "
                "IMMS_SOURCE IMMS_BATCH IMMS_REASON IMMS_METHOD IMMS_SITE ENTITY VALUE1_NAME "
                "VALUE1 VALUE1_UNITS VALUE2_NAME VALUE2 VALUE2_UNITS END_DATE TIME CONTEXT "
                "CERTAINTY SEVERITY LINKS LINKS_EXT SERVICE_ID ACTION SUBSET DOCUMENT_ID"
            ),
            _columns(
                "PID ID DATE RECORDED_DATE CODE BNF_CODE HCP_CODE HCP_TYPE GMS EPISODE TEXT RUBRIC "
                "VALUE1 VALUE2 END_DATE TIME CONTEXT CERTAINTY SEVERITY LINKS SERVICE_ID SUBSET "
                "ACTION"
            ),
        ],
    ),
    _PATIENT: _Table(
        needed=_columns(
            "PID DATE_OF_BIRTH ACTIVE REGISTERED_DATE REMOVED_DATE DATE_OF_DEATH NHS_NUMBER ACTION"
        ),
        layouts=[
            _PATIENT_LIVE,
            [
                column
                for column in _PATIENT_LIVE
                if column not in {"PHONE_NUMBER", "MOBILE_NUMBER", "EMAIL"}
            ],
        ],
    ),
    _PRACTICE: _Table(
        needed=["IDENTIFIER"],
        layouts=[
            _columns(
                "ID NAME IDENTIFIER HA ADDRESS ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 "
                "POSTCODE PHONE EMAIL FAX"
            )
        ],
    ),
}
# In the test pack's journal there is none.
_SNOMED_CODE = "SNOMED_CODE"


def read(found: Found, memory: Memory, *, engine: ScanEngine = POLARS) -> Contents:
    """The delivery, refused whole where it is another practice's or older than the last one."""
    names = [_name(path) for path in found.files]
    practice, moment = names[0].practice, names[0].stamp
    last = memory.references(_VISION, practice, "extract-to").get("last", "")
    if moment < last:
        raise DeliveryRefused(
            f"expected an extract no older than the one of {last} that {practice} has sent "
            f"already, found one of {moment}: taking it would undo what came since",
            file=found.path.name,
        )
    tables = _open(names, engine)
    for sheet in tables[_PRACTICE]:
        _check_practice(sheet, practice)
    told = _Told(memory, practice)
    for sheet in tables[_JOURNAL]:
        _journal(sheet, told)
    opened = [sheet for sheets in tables.values() for sheet in sheets]
    bulks = [name.path.name for name in names if name.bulk and name.table == _JOURNAL]
    whole, notes = _whole(tables, told, bulks)
    if not last and not bulks:
        notes.append(
            f"the first delivery of {practice} is no bulk: what it recorded before it is not known"
        )
    return Contents(
        format=found.format,
        practices=(practice,),
        clinical_system=_VISION,
        period_end=found.dated,
        rows_read=sum(sheet.rows + len(sheet.broken) for sheet in opened),
        links=_links(tables[_PATIENT], practice),
        registrations=_registrations(tables[_PATIENT], practice),
        entries=tuple(told.entries.values()),
        removals=tuple(told.removals.values()),
        whole=whole,
        bulk=frozenset([practice] if bulks else []),
        patients=_how_many(practice, tables[_PATIENT], names),
        refused=(
            *(row for sheet in opened for row in sheet.broken),
            *told.refused,
            *_refused_patients(tables[_PATIENT]),
        ),
        notes=tuple(notes),
        references=(Reference(_VISION, practice, "extract-to", "last", moment),),
    )


# --- the files


class _Name(NamedTuple):
    """The parts of a file's name, in the order in which files of one table are to be applied."""

    delta: bool
    kind: str
    table: str
    practice: str
    stamp: str
    path: Path

    @property
    def bulk(self) -> bool:
        return not self.delta


def _name(path: Path) -> _Name:
    parts = NAME.fullmatch(path.name)
    if parts is None:
        raise DeliveryRefused(
            "expected a name as INCREMENTAL_X99903_journal_data_extract-2026-01-05-000500.csv, "
            "found another",
            file=path.name,
        )
    return _Name(
        delta=parts["kind"].upper() != "FULL",
        kind=parts["kind"].upper(),
        table=parts["table"].lower(),
        practice=parts["practice"].upper(),
        stamp=parts["stamp"].replace("-", ""),
        path=path,
    )


def _open(names: Iterable[_Name], engine: ScanEngine) -> dict[str, list[Sheet]]:
    """The tables we read, each with its files in order. A day may well lack any of them."""
    sheets: dict[str, list[Sheet]] = {table: [] for table in _TABLES}
    for name in sorted(name for name in names if name.table in _TABLES):
        columns = _layout(name)
        if columns is not None:
            sheets[name.table].append(_open_one(name, columns, engine))
    return sheets


# How far to look for a row of a known layout: a few broken ones may come first.
_FIRST_LINES = 1_000


def _layout(name: _Name) -> Sequence[str] | None:
    """The columns of the file, by how many fields its rows have; None where it is empty."""
    layouts = {len(columns): columns for columns in _TABLES[name.table].layouts}
    first = None
    with name.path.open("rb") as file:
        if file.read(2) in {b"\xff\xfe", b"\xfe\xff"}:
            raise DeliveryRefused(
                "expected one byte a character, found UTF-16; save it as CSV UTF-8",
                file=name.path.name,
            )
        file.seek(0)
        for line in islice(file, _FIRST_LINES):
            if not line.strip():
                continue
            fields = _fields(line)
            if fields in layouts:
                return layouts[fields]
            first = fields if first is None else first
    if first is None:
        return None
    raise DeliveryRefused(
        f"expected rows of {' or '.join(map(str, layouts))} fields in a {name.table} file, found "
        f"one of {first}",
        file=name.path.name,
    )


def _fields(line: bytes) -> int:
    try:
        return len(next(csv.reader([line.decode("utf-8", "replace").rstrip("\r\n")])))
    except csv.Error:
        return 0


def _open_one(name: _Name, columns: Sequence[str], engine: ScanEngine) -> Sheet:
    """The file scanned under a header that it lacks: columns are read by name everywhere else."""
    # The copy may hold NHS numbers, so it goes when the sheet does.
    folder = TemporaryDirectory(prefix="ledger-")
    try:
        copy = Path(folder.name) / name.path.name
        with name.path.open("rb") as file, copy.open("wb") as out:
            out.write(",".join(columns).encode() + b"\n")
            start = file.read(len(_BYTE_ORDER_MARK))
            out.write(b"" if start == _BYTE_ORDER_MARK else start)
            shutil.copyfileobj(file, out, 1 << 20)
        sheet = open_csv(
            copy,
            needed=_TABLES[name.table].needed,
            optional=[_SNOMED_CODE] if name.table == _JOURNAL else [],
            known=columns,
            engine=engine,
        )
        broken = tuple(
            row._replace(reason=row.reason.replace("in the header", "in its other rows"))
            for row in sheet.broken
        )
        titled = replace(sheet, broken=broken)
    except BaseException:
        folder.cleanup()
        raise
    finalize(titled, _let_go, folder, sheet)
    return titled


_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _let_go(folder: TemporaryDirectory[str], _sheet: Sheet) -> None:
    # The first sheet owns a mended copy of its own, and is held until here for its sake.
    folder.cleanup()


def _check_practice(sheet: Sheet, practice: str) -> None:
    identifiers = [row.cells["IDENTIFIER"].strip() for row in sheet.pick()]
    found = {ods_code(text) for text in identifiers if text}
    if found and practice not in found:
        raise DeliveryRefused(
            f"expected the practice {practice} as in the file's name, found another IDENTIFIER: "
            "whose records these are cannot be told",
            file=sheet.file,
        )


# --- the journal

# Row ids go into the log, where no free text may: a name there would be there for good.
_IDENTIFIER = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_NO_ID = "expected an identifier of letters, digits and hyphens"
_NO_ACTION = "expected I, U or D"
_ACTIONS = {"I", "U", "D"}
_LONGEST_CODE = 64


class _Told:
    """What the journal has said so far; a later row outdoes an earlier one."""

    def __init__(self, memory: Memory, practice: str) -> None:
        self.practice = practice
        self.entries: dict[SourceKey, Entry] = {}
        self.removals: dict[SourceKey, Removal] = {}
        self.refused: list[RefusedRow] = []
        self.known = memory.entry_ids(practice, _VISION)

    def state(self, row_key: str, entries: Sequence[Entry], source: str) -> None:
        """This journal row states these entries now, and nothing else that it did before."""
        for entry_id in entry_ids(row_key):
            key = SourceKey(self.practice, _VISION, entry_id)
            self.entries.pop(key, None)
            if entry_id in self.known:
                self.removals[key] = Removal(key, source)
        for entry in entries:
            self.removals.pop(entry.key, None)
            self.entries[entry.key] = entry

    def row_keys(self) -> set[str]:
        """The journal rows of every entry known so far, here or earlier."""
        return {row_of(entry_id) for entry_id in (*self.known, *(k.entry_id for k in self.entries))}


def _journal(sheet: Sheet, told: _Told) -> None:
    """Our codes, and what a row that was ours, here or earlier, says now."""
    table = sheet.table
    ours = _ours(table)
    keys = told.row_keys() | {_key(row.cells) for row in sheet.pick(ours) if _stated(row.cells)}
    key = _text(table.PID) + ":" + _text(table.ID)
    # What a delete without its key deletes is not known; it must not pass unseen.
    nameless = _is_deleted(table) & ((_text(table.PID) == "") | (_text(table.ID) == ""))
    for row in sheet.pick(ours | one_of(key, keys) | nameless):
        _journal_row(row, sheet.file, told, keys)


def _ours(table: Any) -> Any:
    pattern = scan_pattern()
    code, snomed = table.CODE.fill_null(""), table[_SNOMED_CODE].fill_null("")
    bare = code.re_replace(r"[0-9]{2}\s*$", "")
    return matches(code, pattern) | matches(bare, pattern) | matches(snomed, pattern)


def _journal_row(row: Row, file: str, told: _Told, keys: set[str]) -> None:
    cells = row.cells
    action = cells["ACTION"].strip().upper()
    stated = _stated(cells)
    key = _key(cells)
    if not (stated or key in keys or action == "D"):
        return  # The scan lets through a little more than ours.
    for column in ("PID", "ID"):
        if not _IDENTIFIER.fullmatch(cells[column].strip()):
            told.refused.append(RefusedRow(file, row.number, column, _NO_ID))
            return
    if action not in _ACTIONS:
        told.refused.append(RefusedRow(file, row.number, "ACTION", _NO_ACTION))
        return
    source = f"{file}:{row.number}"
    entries = [
        _entry(cells, told.practice, one, one.entry_id(key, i), source)
        for i, one in enumerate(() if action == "D" else stated)
    ]
    told.state(key, entries, source)


def _key(cells: Mapping[str, str]) -> str:
    return f"{cells['PID'].strip()}:{cells['ID'].strip()}"


def _stated(cells: Mapping[str, str]) -> tuple[CodedStatement, ...]:
    codes = (without_term_code(cells["CODE"]), cells[_SNOMED_CODE])
    return read_row(tuple(code[:_LONGEST_CODE] for code in codes))


def _entry(
    cells: Mapping[str, str], practice: str, stated: CodedStatement, entry_id: str, source: str
) -> Entry:
    effective = _day(cells["DATE"])
    recorded = cells["RECORDED_DATE"].strip()
    return Entry(
        practice=practice,
        clinical_system=_VISION,
        entry_id=entry_id,
        source_patient=cells["PID"].strip(),
        purpose=stated.purpose,
        statement=stated.statement,
        code_system=stated.code_system,
        code=stated.code,
        near=stated.near,
        also_coded=stated.also_coded,
        # Its column TEXT is what somebody wrote beside it, and never read.
        term_says=contradiction(stated.statement, cells["RUBRIC"]),
        effective_on=effective.day,
        effective_precision=effective.precision,
        # A day without an hour: its start, so that a dissent is never thought later than it was.
        entered_at=stamp(recorded) if _day(recorded).day else None,
        source=source,
    )


def _whole(
    tables: Mapping[str, Sequence[Sheet]], told: _Told, bulks: Sequence[str]
) -> tuple[frozenset[str], list[str]]:
    """The practice, where a bulk carries its every entry for sure; or why it may not."""
    if not bulks:
        return frozenset(), []
    gone = {key.entry_id for key in (*told.removals, *told.entries)}
    lacking = {i.split(":")[0] for i in told.known - gone if not is_of_a_neighbour(i)}
    if not any(sheet.rows for sheet in tables[_JOURNAL]):
        reason = "without any row"
    elif told.refused or any(sheet.broken for sheet in tables[_JOURNAL]):
        reason = "with rows that had to be refused"
    elif missing := len(lacking - _patients_here(tables, lacking)):
        reason = f"without {missing} of the patients who objected"
    else:
        return frozenset([told.practice]), []
    return frozenset(), [f"{bulks[0]} is a bulk {reason}: what it lacks is not taken for removed"]


def _patients_here(tables: Mapping[str, Sequence[Sheet]], wanted: set[str]) -> set[str]:
    return {
        row.cells["PID"].strip()
        for sheet in (*tables[_JOURNAL], *tables[_PATIENT])
        for row in sheet.pick(
            one_of(_text(sheet.table.PID), wanted) & ~_is_deleted(sheet.table), ["PID"]
        )
    }


# --- patients


def _links(sheets: Iterable[Sheet], practice: str) -> Iterator[PatientLink]:
    for sheet, row in _patients(sheets, _columns("PID NHS_NUMBER DATE_OF_BIRTH DATE_OF_DEATH")):
        yield PatientLink(
            practice=practice,
            clinical_system=_VISION,
            source_patient=row.cells["PID"].strip(),
            number_as_sent=row.cells["NHS_NUMBER"].strip(),
            # No column says who is a test patient.
            left_out=False,
            born_on=_day(row.cells["DATE_OF_BIRTH"]).day,
            died_on=(died := _day(row.cells["DATE_OF_DEATH"])).day,
            source=f"{sheet.file}:{row.number}",
            death_untold=died.precision is Precision.UNREADABLE,
        )


def _how_many(practice: str, sheets: Iterable[Sheet], names: Iterable[_Name]) -> Mapping[str, int]:
    """How many patients the practice has, where a bulk tells of every one."""
    bulks = {name.path.name for name in names if name.bulk and name.table == _PATIENT}
    opened = [sheet for sheet in sheets if sheet.file in bulks]
    if not opened:
        return {}
    deleted = sum(1 for s in opened for _ in s.pick(_is_deleted(s.table), ["ACTION"]))
    return {practice: sum(sheet.rows for sheet in opened) - deleted}


def _registrations(sheets: Iterable[Sheet], practice: str) -> Iterator[Registration]:
    for _, row in _patients(sheets, _columns("PID REGISTERED_DATE REMOVED_DATE ACTIVE")):
        begins, ends = _day(row.cells["REGISTERED_DATE"]), _day(row.cells["REMOVED_DATE"])
        resident = is_resident_in_vision(row.cells["ACTIVE"])
        # A date that cannot be read says nothing against what the row said before.
        if Precision.UNREADABLE not in (begins.precision, ends.precision):
            yield Registration(
                practice=practice,
                clinical_system=_VISION,
                source_patient=(patient := row.cells["PID"].strip()),
                registered_on=begins.day if resident else None,
                deregistered_on=ends.day if resident else None,
                # A patient has one row, which tells of their last registration.
                registration=patient,
            )


def _patients(sheets: Iterable[Sheet], columns: Sequence[str]) -> Iterator[tuple[Sheet, Row]]:
    # A deleted patient fell out of the extract, which says nothing about what was wished.
    for sheet in sheets:
        for row in sheet.pick(~_is_deleted(sheet.table) & ~_is_nobody(sheet.table), columns):
            yield sheet, row


def _refused_patients(sheets: Iterable[Sheet]) -> Iterator[RefusedRow]:
    for sheet in sheets:
        for row in sheet.pick(~_is_deleted(sheet.table) & _is_nobody(sheet.table), ["PID"]):
            yield RefusedRow(sheet.file, row.number, "PID", _NO_ID)


def _is_nobody(table: Any) -> Any:
    return ~_text(table.PID).re_search(f"^{_IDENTIFIER.pattern}$")


# --- how Vision writes things


def _text(column: Any) -> Any:
    return column.fill_null("").strip()


def _is_deleted(table: Any) -> Any:
    return _text(table.ACTION).upper() == "D"


def _day(text: str) -> DayRead:
    """The day of `yyyymmdd`, or whether it is missing or cannot be read."""
    bare = text.strip()
    if (day := day_stamp(bare)) is not None:
        return DayRead(day, Precision.DAY)
    return DayRead(None, Precision.UNREADABLE if bare else Precision.MISSING)
