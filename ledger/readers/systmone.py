"""What does a SystmOne delivery say about objections, patients and registrations?

A delivery is one folder of a Strategic Reporting Extract: SRManifest.csv and a file a table
(docs/formats.md 1). TPP adds and removes columns without notice, so they are found by name; what we
name is what every known column set has in common, and the columns that some of them lack are
optional. Names, addresses and free text are never read.

Two things would let a protection vanish unseen, and both are refused: a delta that begins after
the one before it ended, and a delivery older than what has been taken (`systmone_chain.py`).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.code_maps import Mapped, ours_in
from ledger.domain.codes import CodedStatement, CodeSystem, read_row, row_of, scan_pattern
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
from ledger.readers.code_maps import CodeMaps, MapRow
from ledger.readers.delivery import Contents, Format, Found, Memory
from ledger.readers.engines import POLARS, ScanEngine
from ledger.readers.residents import is_resident
from ledger.readers.scan import MOST_BROKEN_ROWS, Row, Sheet, matches, one_of, open_csv
from ledger.readers.systmone_chain import Span, follow
from ledger.readers.times import stamp, systmone_day, systmone_moment

MANIFEST = "SRManifest"

_CODE, _PATIENT, _REGISTRATION, _ORGANISATION = (
    "SRCode",
    "SRPatient",
    "SRPatientRegistration",
    "SROrganisation",
)
# These name the practice that publishes a row; SROrganisation does not.
_PUBLISHING = (_CODE, _PATIENT, _REGISTRATION)
# Consumers of the extract have seen these two without dates (docs/formats.md 1.2).
_MAY_LACK_DATES = {"srappointmentattendees", "srreferralcontactevent"}
_EXTRACT_TIME = re.compile(r"\d{8}_\d{4}", re.ASCII)


class _Columns(NamedTuple):
    """A table's columns: those we cannot do without, those some sets lack, those we leave alone."""

    needed: str
    optional: str
    left_alone: str


# docs/formats.md 1.3: the newest column set of each table; the older ones are subsets of it.
_TABLES: Mapping[str, _Columns] = {
    _CODE: _Columns(
        needed="""
            RowIdentifier IDOrganisationVisibleTo DateEventRecorded DateEvent CTV3Code IDPatient
        """,
        optional="IDProfileEnteredBy CTV3Text SNOMEDCode SNOMEDText RemovedData",
        left_alone="""
            IDDoneBy TextualEventDoneBy IDOrganisationDoneAt NumericComparator IsNumeric NumericValue
            NumericUnit EpisodeType IDTemplate IDQuestionnaire IDEvent
            IDReferralIn IDAppointment IDVisit IDOrganisation IDOrganisationRegisteredAt
        """,
    ),
    _PATIENT: _Columns(
        needed="RowIdentifier IDOrganisationVisibleTo NHSNumber TestPatient",
        optional="DateBirth DateDeath RemovedData",
        left_alone="""
            Title FirstName MiddleNames Surname PreviousSurname BirthPlace Gender SpeaksEnglish
            EmailAddress SSRef SpineMatched
        """,
    ),
    _REGISTRATION: _Columns(
        needed="""
            RowIdentifier IDOrganisationVisibleTo DateRegistration DateDeRegistration IDPatient
            IDOrganisation
        """,
        optional="RegistrationStatus RemovedData",
        left_alone="""
            DateEventRecorded IDProfileEnteredBy PreferredPharmacy IDOrganisationRegisteredAt
        """,
    ),
    _ORGANISATION: _Columns(
        needed="RowIdentifier ID",
        optional="",
        left_alone="""
            Name HouseName HouseNumber NameOfRoad NameOfLocality NameOfTown NameOfCounty
            FullPostCode Telephone SecondaryTelephone Fax MadeObsolete IDTrust IDCcg RemovedData
        """,
    ),
}


def read(found: Found, memory: Memory, *, engine: ScanEngine = POLARS) -> Contents:
    """One folder of a Strategic Reporting Extract."""
    files = {path.stem.casefold(): path for path in found.files}
    manifest = _read_manifest(files)
    sheets = {
        table: _open(files[table.casefold()], table, engine)
        for table in _TABLES
        if table.casefold() in manifest.tables
    }
    publishing = {table: sheets[table] for table in _PUBLISHING if table in sheets}
    practices = sorted({code for sheet in publishing.values() for code in _practices(sheet)})
    followed = follow(practices, manifest.span, memory)
    notes = [*_notes(sheets.values()), *followed.notes]
    codes = _Codes()
    if _CODE in sheets:
        codes = _read_codes(sheets[_CODE], practices, memory)
        notes += codes.notes
        if manifest.is_delta(_CODE) and "RemovedData" not in sheets[_CODE].present:
            notes.append(
                f"{sheets[_CODE].file} is a delta without RemovedData: "
                "it cannot say which entries were deleted"
            )
    whole: frozenset[str] = frozenset()
    if _CODE in sheets and not manifest.is_delta(_CODE):
        whole, doubts = _whole(sheets[_CODE], codes)
        notes += doubts
    bulks = {table: sheet for table, sheet in sheets.items() if not manifest.is_delta(table)}
    maps = CodeMaps(ClinicalSystem.SYSTMONE, MAPS_OF_TPP, memory)
    map_sheets = _compare_maps(files, manifest, maps, notes, engine=engine)
    return Contents(
        format=Format.SYSTMONE,
        practices=tuple(practices),
        clinical_system=ClinicalSystem.SYSTMONE,
        period_start=stamp(manifest.begins),
        period_end=stamp(manifest.ends),
        rows_read=sum(s.rows + len(s.broken) for s in (*sheets.values(), *map_sheets)),
        links=_links(sheets[_PATIENT]) if _PATIENT in sheets else (),
        registrations=_registrations(sheets[_REGISTRATION]) if _REGISTRATION in sheets else (),
        entries=tuple(codes.entries),
        removals=tuple(codes.removals),
        whole=whole,
        bulk=frozenset(_practices(bulks[_CODE])) if _CODE in bulks else frozenset(),
        patients=_how_many(bulks[_PATIENT]) if _PATIENT in bulks else {},
        refused=(
            *(refused for s in (*sheets.values(), *map_sheets) for refused in s.broken),
            *codes.refused,
            *maps.refused,
            *(
                refused
                for table in (_PATIENT, _REGISTRATION)
                if table in sheets
                for refused in _faulty(sheets[table])
            ),
        ),
        notes=tuple(notes),
        references=(*followed.references, *maps.references),
        code_maps=tuple(maps.lines),
    )


# --- the manifest


@dataclass(frozen=True, slots=True)
class _Manifest:
    """What the delivery says it holds: by table whether it is a delta, and the time it spans."""

    tables: Mapping[str, bool]
    begins: str
    ends: str

    def is_delta(self, table: str) -> bool:
        return self.tables[table.casefold()]

    @property
    def span(self) -> Span:
        """What it says of time."""
        bulk = not self.tables.get(_CODE.casefold(), True)
        return Span(self.begins, self.ends, bulk=bulk, file=f"{MANIFEST}.csv")


def extract_end(manifest: Path) -> datetime | None:
    """The newest DateExtractTo of a manifest that may be damaged; None where it has none."""
    try:
        sheet = open_csv(manifest, needed=("DateExtractTo",))
    except (DeliveryRefused, OSError):
        return None
    ends = {row.cells["DateExtractTo"].strip() for row in sheet.pick()}
    return max((end for text in ends if (end := stamp(text)) is not None), default=None)


class _Listed(NamedTuple):
    """One row of the manifest, checked by itself; a time that may lack is empty."""

    name: str
    delta: bool
    begins: str
    ends: str


def _read_manifest(files: Mapping[str, Path]) -> _Manifest:
    sheet = open_csv(
        files[MANIFEST.casefold()],
        needed=("FileName", "IsDelta", "DateExtractFrom", "DateExtractTo"),
        known=("IsReference",),
    )
    if sheet.broken:
        first = sheet.broken[0]
        raise _manifest_refused(f"row {first.row} cannot be read: {first.reason}")
    listed = [_listed(row) for row in sheet.pick()]
    tables = {row.name.casefold(): row.delta for row in listed}
    if len(tables) != len(listed):
        raise _manifest_refused("expected each file once, found one that is listed twice")
    for row in listed:
        if row.name.casefold() not in files:
            raise _manifest_refused(f"{row.name} is listed, but the folder has no such file")
    # The manifest lists neither itself nor the mapping tables (docs/formats.md 1.2). But of a table
    # we read and it does not list, nobody says whether it is a delta.
    for table in _TABLES:
        if table.casefold() in files and table.casefold() not in tables:
            raise _manifest_refused(f"{table}.csv is in the folder, but it is not listed")
    ends = _only("DateExtractTo", {row.ends for row in listed})
    begins = _only("DateExtractFrom", {row.begins for row in listed})
    if not ends:
        raise _manifest_refused("expected at least one file with a DateExtractTo, found none")
    if begins > ends:
        raise _manifest_refused(
            f"expected DateExtractFrom before DateExtractTo, found {begins} and {ends}"
        )
    return _Manifest(tables=tables, begins=begins, ends=ends)


def _listed(row: Row) -> _Listed:
    cells = {column: text.strip() for column, text in row.cells.items()}
    # Without .csv as TPP writes it; a manifest that adds it means the same.
    name = cells["FileName"].removesuffix(".csv")
    delta = _flag(cells["IsDelta"])
    if delta is None:
        raise _manifest_refused(f"expected Y or N in IsDelta, found neither on row {row.number}")
    # A bulk begins with the record itself, whatever DateExtractFrom says.
    begins = cells["DateExtractFrom"] if delta else ""
    ends = cells["DateExtractTo"]
    may_lack = name.casefold() in _MAY_LACK_DATES
    for column, text, asked in (("DateExtractFrom", begins, delta), ("DateExtractTo", ends, True)):
        lacks = not text and (may_lack or not asked)
        if not lacks and (not _EXTRACT_TIME.fullmatch(text) or stamp(text) is None):
            raise _manifest_refused(
                f"expected yyyyMMdd_HHmm in {column}, found no such time on row {row.number}"
            )
    return _Listed(name=name, delta=delta, begins=begins, ends=ends)


def _only(column: str, texts: set[str]) -> str:
    """The one time that all files share that have one; empty where none has."""
    times = sorted(texts - {""})
    if len(times) > 1:
        raise _manifest_refused(f"expected one {column}, found {', '.join(times)}")
    return next(iter(times), "")


def _manifest_refused(reason: str) -> DeliveryRefused:
    return DeliveryRefused(reason, file=f"{MANIFEST}.csv")


def _flag(text: str) -> bool | None:
    """1/0 or TRUE/FALSE in tables, Y/N in the manifest (docs/formats.md 1.1); None: neither."""
    return _FLAGS.get(text.strip().upper())


_YES, _NO = ("1", "TRUE", "Y"), ("0", "FALSE", "N")
_FLAGS = {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}


# --- tables


def _open(path: Path, table: str, engine: ScanEngine) -> Sheet:
    columns = _TABLES[table]
    return open_csv(
        path,
        needed=columns.needed.split(),
        optional=columns.optional.split(),
        known=columns.left_alone.split(),
        count_by="IDOrganisationVisibleTo" if table in _PUBLISHING else None,
        single_out=_ours if table == _CODE else None,
        engine=engine,
    )


def _practices(sheet: Sheet) -> set[str]:
    return {code for text in sheet.counts if (code := ods_code(text)) is not None}


def _notes(sheets: Iterable[Sheet]) -> Iterator[str]:
    for sheet in sheets:
        if sheet.unknown:
            yield f"{sheet.file} has columns that are not known: {', '.join(sheet.unknown)}"


# --- SRCode


@dataclass(slots=True)
class _Codes:
    """What SRCode tells, and how surely: `unsure` are the practices with a row we had to refuse."""

    entries: list[Entry] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)


class _Known:
    """The ids the ledger holds of each practice; one row may stand for several of them."""

    def __init__(self, practices: Sequence[str], memory: Memory) -> None:
        self._ids = {
            practice: _by_row(memory.entry_ids(practice, ClinicalSystem.SYSTMONE))
            for practice in practices
        }
        self._holders: dict[str, list[str]] = {}
        for practice, rows in self._ids.items():
            for row in rows:
                self._holders.setdefault(row, []).append(practice)

    def rows(self) -> Iterable[str]:
        """The row identifiers of all practices."""
        return self._holders.keys()

    def ids(self, practice: str, row: str) -> Sequence[str]:
        """The entries that one row stands for."""
        return self._ids.get(practice, {}).get(row, ())

    def holders(self, row: str) -> Sequence[str]:
        """The practices that have entries of a row with this identifier."""
        return self._holders.get(row, ())


def _by_row(entry_ids: Iterable[str]) -> dict[str, list[str]]:
    rows: dict[str, list[str]] = {}
    for entry_id in sorted(entry_ids):
        rows.setdefault(row_of(entry_id), []).append(entry_id)
    return rows


def _read_codes(sheet: Sheet, practices: Sequence[str], memory: Memory) -> _Codes:
    known = _Known(practices, memory)
    codes = _Codes()
    # By row identifier, then by practice: a deleted row may not say whose it was.
    latest: dict[str, dict[str, Row]] = {}
    again = 0
    for row in _of_concern(sheet, known.rows()):
        row_id = row.cells["RowIdentifier"].strip()
        removed = _removed(row)
        holders = {*known.holders(row_id), *latest.get(row_id, ())}
        if not holders and (removed or not _stated(row)):
            # The scan lets through a little more than ours, and every deleted row.
            continue
        practice = ods_code(row.cells["IDOrganisationVisibleTo"])
        if removed and practice is None and len(holders) == 1:
            # A deleted row may have nothing but its identifier (docs/formats.md 1.1).
            (practice,) = holders
        fault = _fault(row, practice=practice, removed=removed)
        if fault is not None or practice is None:
            codes.refused.append(RefusedRow(sheet.file, row.number, *(fault or _NO_PRACTICE)))
            codes.unsure.update([practice] if practice else practices)
            continue
        rows = latest.setdefault(row_id, {})
        again += practice in rows
        rows[practice] = row
    for row_id, rows in latest.items():
        for practice, row in rows.items():
            held = known.ids(practice, row_id)
            _take(row, codes, practice=practice, known=held, file=sheet.file)
    if again:
        codes.notes.append(
            f"{sheet.file} repeats the RowIdentifier of {again} rows: the last of each was taken"
        )
    return codes


def _of_concern(sheet: Sheet, known: Iterable[str]) -> Iterator[Row]:
    """The rows that may be ours, and those the ledger holds an entry of, in file order."""
    held = sorted(known)
    if not held:
        return sheet.singled_out()
    table = sheet.table
    others = sheet.pick(one_of(table.RowIdentifier, held) & ~_ours(table))
    return merge(sheet.singled_out(), others, key=attrgetter("number"))


def _ours(table: Any) -> Any:
    """The rows whose code may be ours, and the deleted."""
    pattern = scan_pattern()
    codes = (table.CTV3Code.fill_null(""), table.SNOMEDCode.fill_null(""))
    return matches(codes[0], pattern) | matches(codes[1], pattern) | _deleted(table)


def _deleted(table: Any) -> Any:
    # In the cases that are seen: folding two million fields costs as much as reading them.
    return table.RemovedData.fill_null("").isin([text for yes in _YES for text in _cases(yes)])


def _cases(text: str) -> set[str]:
    return {text, text.lower(), text.capitalize()}


def _removed(row: Row) -> bool | None:
    return _flag(row.cells["RemovedData"] or "0")


def _stated(row: Row) -> tuple[CodedStatement, ...]:
    # Blanks and all: TPP pads no code, so a blank is a slip of the practice's (rule CO07).
    return read_row((row.cells["CTV3Code"], row.cells["SNOMEDCode"]))


# Row and profile ids go into the log, where no free text may: a name there would be there for good.
_IDENTIFIER = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
_NO_PRACTICE = ("IDOrganisationVisibleTo", "expected an ODS code")


def _fault(row: Row, *, practice: str | None, removed: bool | None) -> tuple[str, str] | None:
    """The column for which a row cannot be a fact, and why; None where it can."""
    if removed is None:
        return "RemovedData", "expected 1, 0, TRUE or FALSE"
    if not _IDENTIFIER.fullmatch(row.cells["RowIdentifier"].strip()):
        return "RowIdentifier", "expected an identifier of letters, digits, points and hyphens"
    if practice is None:
        return _NO_PRACTICE
    if not removed and _stated(row) and not row.cells["IDPatient"].strip():
        return "IDPatient", "expected the patient whom the code is about, found none"
    return None


def _take(row: Row, codes: _Codes, *, practice: str, known: Sequence[str], file: str) -> None:
    """Add what one row says: entries, and the removal of what it said before and no longer does."""
    source = f"{file}:{row.number}"
    entries: list[Entry] = []
    for i, stated in enumerate(() if _removed(row) else _stated(row)):
        entry_id = stated.entry_id(row.cells["RowIdentifier"].strip(), i)
        try:
            entries.append(_entry(row, stated, practice, entry_id=entry_id, source=source))
        except ValidationError as error:
            column = _COLUMN_OF.get(str(error.errors()[0]["loc"][0]), "")
            codes.refused.append(RefusedRow(file, row.number, column, "expected a shorter text"))
            codes.unsure.add(practice)
            return
    stated_now = {entry.entry_id for entry in entries}
    codes.entries += entries
    codes.removals += [
        Removal(SourceKey(practice, ClinicalSystem.SYSTMONE, entry_id), source)
        for entry_id in known
        if entry_id not in stated_now
    ]


_COLUMN_OF = {
    "source_patient": "IDPatient",
    "code": "CTV3Code",
}


def _entry(row: Row, stated: CodedStatement, practice: str, *, entry_id: str, source: str) -> Entry:
    effective = systmone_day(row.cells["DateEvent"])
    profile = row.cells["IDProfileEnteredBy"].strip()
    return Entry(
        practice=practice,
        clinical_system=ClinicalSystem.SYSTMONE,
        entry_id=entry_id,
        source_patient=row.cells["IDPatient"].strip(),
        purpose=stated.purpose,
        statement=stated.statement,
        code_system=stated.code_system,
        code=stated.code,
        near=stated.near,
        also_coded=stated.also_coded,
        term_says=contradiction(stated.statement, row.cells["CTV3Text"], row.cells["SNOMEDText"]),
        effective_on=effective.day,
        effective_precision=effective.precision,
        entered_at=systmone_moment(row.cells["DateEventRecorded"]).moment,
        entered_by=profile if _IDENTIFIER.fullmatch(profile) else None,
        source=source,
    )


def _whole(sheet: Sheet, codes: _Codes) -> tuple[frozenset[str], list[str]]:
    """The practices whose every entry a bulk SRCode carries, and why others are not among them.

    What the ledger holds of a practice and a bulk does not repeat counts as removed. So a practice
    is whole only if nothing of it was refused: an unreadable row must not end an objection.
    """
    delivered = _practices(sheet)
    unsure = delivered if sheet.broken else delivered & codes.unsure
    notes = []
    if unsure:
        notes.append(
            f"{sheet.file} is a bulk with rows that had to be refused: nothing is taken as removed "
            f"for {', '.join(sorted(unsure))}"
        )
    return frozenset(delivered - unsure), notes


# --- TPP's own code maps

# They are reference tables of TPP's and no practice's: the newest delivery that has them speaks.
MAPS_OF_TPP = "tpp"
# docs/formats.md 1.3: from CTV3, to which vocabulary, in which column.
_MAPS = {
    "SRCtv3ToSnomed": ("SnomedCode", CodeSystem.SNOMED_CT),
    "SRCtv3ToVersion2": ("Version2Code", CodeSystem.READ_V2),
}


def _compare_maps(
    files: Mapping[str, Path],
    manifest: _Manifest,
    maps: CodeMaps,
    notes: list[str],
    *,
    engine: ScanEngine,
) -> list[Sheet]:
    """Compare what the maps say of our codes with our table. A map that cannot be read is noted:
    it is no reason to refuse what patients said.
    """
    sheets = []
    for name, (column, system) in _MAPS.items():
        path = files.get(name.casefold())
        if path is None:
            continue
        try:
            sheet = open_csv(
                path,
                needed=("RowIdentifier", "Ctv3Code", column),
                optional=("RemovedData",),
                known=("IDOrganisationVisibleTo",),
                engine=engine,
            )
        except DeliveryRefused as refusal:
            notes.append(f"{path.name} could not be compared with our codes: {refusal.reason}")
            continue
        sheets.append(sheet)
        notes += _notes([sheet])
        is_bulk = manifest.tables.get(name.casefold()) is False
        rows = _map_rows(sheet, column, system, again=maps.disagreeing(name))
        maps.compare(name, rows, whole=is_bulk and not sheet.broken)
    return sheets


def _map_rows(
    sheet: Sheet, column: str, system: CodeSystem, *, again: set[str]
) -> Iterator[MapRow]:
    """Our codes on either side, case and all, and the rows that disagreed before."""
    table = sheet.table
    ours = one_of(table.Ctv3Code.fill_null("").strip(), ours_in(CodeSystem.CTV3))
    ours |= one_of(table[column].fill_null("").strip(), ours_in(system))
    for row in sheet.pick(ours | one_of(table.RowIdentifier.fill_null("").strip(), again)):
        cells = {name: text.strip() for name, text in row.cells.items()}
        mapped = Mapped(CodeSystem.CTV3, cells["Ctv3Code"], system, cells[column])
        yield MapRow(
            cells["RowIdentifier"], sheet.file, row.number, None if _removed(row) else mapped
        )


# --- SRPatient and SRPatientRegistration


def _links(sheet: Sheet) -> Iterator[PatientLink]:
    for row in sheet.pick(~_is_faulty(sheet)):
        practice = ods_code(row.cells["IDOrganisationVisibleTo"])
        if practice is None or _removed(row):
            continue
        yield PatientLink(
            practice=practice,
            clinical_system=ClinicalSystem.SYSTMONE,
            source_patient=row.cells["RowIdentifier"].strip(),
            number_as_sent=row.cells["NHSNumber"].strip(),
            # Anything but a plain yes leaves the patient in: to leave one out ends a protection.
            left_out=_flag(row.cells["TestPatient"]) is True,
            born_on=systmone_day(row.cells["DateBirth"]).day,
            died_on=(died := systmone_day(row.cells["DateDeath"])).day,
            source=f"{sheet.file}:{row.number}",
            # Without the column, as with a date nobody can read, the row says nothing of it.
            death_untold=died.precision is Precision.UNREADABLE or "DateDeath" not in sheet.present,
        )


def _how_many(sheet: Sheet) -> Counter[str]:
    """How many patients a bulk has of each practice."""
    publisher = "IDOrganisationVisibleTo"
    counts = Counter(sheet.counts)
    counts.subtract(row.cells[publisher] for row in sheet.pick(_deleted(sheet.table), [publisher]))
    told: Counter[str] = Counter()
    for text, rows in counts.items():
        if (code := ods_code(text)) is not None:
            told[code] += rows
    return told


def _registrations(sheet: Sheet) -> Iterator[Registration]:
    """Registrations here: rows about one elsewhere come along too (docs/formats.md 1.3)."""
    here = sheet.table.IDOrganisation.strip().upper()
    publisher = sheet.table.IDOrganisationVisibleTo.strip().upper()
    is_here = here.isnull() | (here == "") | (here == publisher)
    for row in sheet.pick(is_here & ~_is_faulty(sheet)):
        practice = ods_code(row.cells["IDOrganisationVisibleTo"])
        registration = row.cells["RowIdentifier"].strip()
        if practice is None or not registration:
            continue
        removed = _removed(row)
        begins = systmone_day("" if removed else row.cells["DateRegistration"])
        ends = systmone_day("" if removed else row.cells["DateDeRegistration"])
        # The row of a temporary resident takes back what it told of a registration before.
        resident = is_resident(row.cells["RegistrationStatus"])
        # A date that cannot be read says nothing against what the row said before.
        if Precision.UNREADABLE not in (begins.precision, ends.precision):
            yield Registration(
                practice=practice,
                clinical_system=ClinicalSystem.SYSTMONE,
                source_patient="" if removed else row.cells["IDPatient"].strip(),
                registered_on=begins.day if resident else None,
                deregistered_on=ends.day if resident else None,
                registration=registration,
            )


def _who(sheet: Sheet) -> str:
    return "IDPatient" if "IDPatient" in sheet.present else "RowIdentifier"


def _is_faulty(sheet: Sheet) -> Any:
    """The condition that a row names no patient or no practice, and was not deleted."""
    table = sheet.table
    practices = [text for text in sheet.counts if ods_code(text) is not None]
    nobody = table[_who(sheet)].fill_null("").strip() == ""
    nowhere = ~one_of(table.IDOrganisationVisibleTo.fill_null(""), practices)
    return (nobody | nowhere) & ~_deleted(table)


def _faulty(sheet: Sheet) -> Iterator[RefusedRow]:
    rows = sheet.pick(_is_faulty(sheet), columns=(_who(sheet), "IDOrganisationVisibleTo"))
    for refused, row in enumerate(rows):
        if refused == MOST_BROKEN_ROWS:
            raise DeliveryRefused(
                f"more than {MOST_BROKEN_ROWS:,} rows name no patient or no practice",
                file=sheet.file,
            )
        if not row.cells[_who(sheet)].strip():
            yield RefusedRow(sheet.file, row.number, _who(sheet), "expected an identifier")
        else:
            yield RefusedRow(
                sheet.file, row.number, "IDOrganisationVisibleTo", "expected an ODS code"
            )
