"""What does an EMIS Web extract say: objections, patients, and the state of sharing agreements?

The layout is docs/formats.md 2. One delivery is the files of one timestamp and sharing agreement.
It says little alone: an observation holds a CodeId and an OrganisationGuid, whose meanings may have
come in an earlier delivery and are then remembered. GUIDs are unique only within an organisation,
so an entry is known by its practice and ObservationGuid together.

While an organisation's agreement is disabled its extract looks like a mass delete (docs/formats.md
2.2): the ledger freezes what it holds and asks (SH11), so no delete of that organisation is
believed.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.code_maps import Mapped
from ledger.domain.codes import (
    CodedStatement,
    CodeSystem,
    entry_ids,
    read_row,
    row_of,
    scan_pattern,
)
from ledger.domain.entries import (
    AgreementChange,
    Entry,
    PatientLink,
    Precision,
    RefusedRow,
    Registration,
    Removal,
    SourceKey,
)
from ledger.domain.identifiers import ods_code
from ledger.domain.purposes import Statement
from ledger.domain.refusals import DeliveryRefused
from ledger.domain.terms import contradiction
from ledger.readers.code_maps import CodeMaps, MapRow
from ledger.readers.delivery import Contents, Found, Memory, Reference
from ledger.readers.engines import POLARS, ScanEngine
from ledger.readers.residents import is_resident
from ledger.readers.scan import Row, Sheet, matches, one_of, open_csv
from ledger.readers.times import Effective, emis_day, emis_moment

_EMIS = ClinicalSystem.EMIS_WEB
_AGREEMENTS = "Agreements_SharingOrganisation"
_CODES = "Coding_ClinicalCode"
_OBSERVATIONS = "CareRecord_Observation"
_ORGANISATIONS = "Admin_Organisation"
_PATIENTS = "Admin_Patient"


class _Columns(NamedTuple):
    """What a table is read for, what it may lack, and what else its versions are known to have."""

    needed: str
    optional: str = ""
    known: str = ""


# Versions 5.0 to 8.2 together: columns move, come and go, and change their case between them.
_TABLES = {
    _AGREEMENTS: _Columns("OrganisationGuid IsActivated LastModifiedDate Disabled Deleted"),
    _ORGANISATIONS: _Columns(
        "OrganisationGuid ODSCode",
        known="CDB OrganisationName ParentOrganisationGuid CCGOrganisationGuid OrganisationType "
        "OpenDate CloseDate MainLocationGuid ProcessingId",
    ),
    _CODES: _Columns(
        "CodeId ReadTermId SnomedCTConceptId",
        optional="Term",
        known="SnomedCTDescriptionId NationalCode NationalCodeCategory NationalDescription "
        "EmisCodeCategoryDescription ParentCodeId ProcessingId",
    ),
    _OBSERVATIONS: _Columns(
        "ObservationGuid PatientGuid OrganisationGuid EffectiveDate EffectiveDatePrecision "
        "EnteredDate EnteredTime CodeId Deleted",
        optional="EnteredByUserInRoleGuid",
        known="ClinicianUserInRoleGuid ParentObservationGuid ProblemGuid AssociatedText "
        "ConsultationGuid Value NumericUnit ObservationType NumericRangeLow NumericRangeHigh "
        "DocumentGuid Qualifiers Abnormal AbnormalReason Episode IsConfidential ProcessingId",
    ),
    _PATIENTS: _Columns(
        "PatientGuid OrganisationGuid DateOfBirth DateOfDeath DateOfRegistration NhsNumber "
        "DummyType DateOfDeactivation Deleted",
        optional="PatientTypeDescription",
        known="UsualGpUserInRoleGuid Sex Title GivenName MiddleNames Surname PatientNumber "
        "HouseNameFlatNumber NumberAndStreet Village Town County Postcode "
        "ResidentialInstituteCode NHSNumberStatus CarerName CarerRelation PersonGuid "
        "SpineSensitive IsConfidential EmailAddress HomePhone MobilePhone ExternalUsualGPGuid "
        "ExternalUsualGP ExternalUsualGPOrganisation ExternalUsusalGPGuid ExternalUsusalGP "
        "ExternalUsusalGPOrganisation ContactComments ProcessingId",
    ),
}

_FROZEN = (
    "the organisation's sharing agreement is disabled, which makes its extract look like a mass "
    "delete: nothing is removed until the controller confirms (SH11)"
)
_NO_PRACTICE = (
    "expected an organisation whose ODS code an Admin_Organisation file gives, here or earlier"
)
_NO_GUID = "expected a GUID, found none"
_NO_FLAG = "expected true or false"


def read(found: Found, memory: Memory, *, engine: ScanEngine = POLARS) -> Contents:
    """The delivery, refused whole where it is older than what one of its practices sent last."""
    names = [_name(path) for path in found.files]
    agreement, stamp = names[0].agreement, names[0].stamp
    sheets = _open(names, engine)
    directory = _directory(sheets[_ORGANISATIONS], memory, agreement)
    practices = _practices(sheets, directory)
    last = {who: memory.references(_EMIS, who, "extract-to").get("last", "") for who in practices}
    _refuse_stale(found, stamp, last)
    agreements = _agreements(sheets[_AGREEMENTS], directory, memory, agreement)
    maps = CodeMaps(_EMIS, agreement, memory)
    code_table = _code_table(sheets[_CODES], memory, agreement, maps)
    if not (sheets[_CODES] or code_table.seen) and any(s.rows for s in sheets[_OBSERVATIONS]):
        # To go on would lose every objection in the file, and nobody would see it.
        raise DeliveryRefused(
            "expected a Coding_ClinicalCode file with this agreement's first observations, found "
            "none here or earlier: what their codes mean cannot be told",
            file=found.path.name,
        )
    meanings = _Meanings(directory.ods, agreements.disabled, code_table.lines)
    told = _Told(memory, practices)
    for sheet in sheets[_OBSERVATIONS]:
        _observations(sheet, meanings, told)
    opened = [sheet for table in sheets.values() for sheet in table]
    return Contents(
        format=found.format,
        practices=practices,
        clinical_system=_EMIS,
        period_end=found.dated,
        rows_read=sum(sheet.rows + len(sheet.broken) for sheet in opened),
        links=_links(sheets[_PATIENTS], meanings),
        registrations=_registrations(sheets[_PATIENTS], meanings),
        entries=tuple(told.entries.values()),
        removals=tuple(told.removals.values()),
        agreements=agreements.changes,
        whole=_whole(sheets[_OBSERVATIONS], meanings, told),
        bulk=frozenset(_how_many(filter(_is_bulk, sheets[_OBSERVATIONS]), meanings)),
        patients=_how_many(filter(_is_bulk, sheets[_PATIENTS]), meanings),
        refused=(
            *(row for sheet in opened for row in sheet.broken),
            *agreements.refused,
            *told.refused,
            *maps.refused,
            *_refused_patients(sheets[_PATIENTS], meanings),
        ),
        notes=_notes(opened, last),
        references=(
            *directory.references,
            *agreements.references,
            *code_table.references,
            *maps.references,
            *(Reference(_EMIS, practice, "extract-to", "last", stamp) for practice in practices),
        ),
        code_maps=tuple(maps.lines),
    )


# --- the files, and what holds for the whole delivery

_NAME = re.compile(
    r"(?P<bulk>bulk_)?(?P<number>\d+)(?:-\d+)?_(?P<table>[A-Za-z]+_[A-Za-z]+)_(?P<stamp>\d{14})_"
    r"\{?(?P<agreement>[0-9A-Fa-f-]+)\}?\.csv",
    re.IGNORECASE,
)


class _Name(NamedTuple):
    """The parts of a file's name, in the order in which files of one table are to be applied."""

    delta: bool
    number: int
    table: str
    stamp: str
    agreement: str
    path: Path


def _name(path: Path) -> _Name:
    parts = _NAME.fullmatch(path.name)
    if parts is None:
        raise DeliveryRefused(
            "expected a name as 291_Admin_Patient_20260105043213_<agreement>.csv, found another",
            file=path.name,
        )
    return _Name(
        delta=parts["bulk"] is None,
        number=int(parts["number"]),
        table=next((name for name in _TABLES if name.lower() == parts["table"].lower()), ""),
        stamp=parts["stamp"],
        agreement=parts["agreement"].upper(),
        path=path,
    )


def _open(names: Iterable[_Name], engine: ScanEngine) -> dict[str, list[Sheet]]:
    """The tables we read, each with its files in order. A day may well lack any of them."""
    sheets: dict[str, list[Sheet]] = {table: [] for table in _TABLES}
    for name in sorted(name for name in names if name.table):
        columns = _TABLES[name.table]
        sheets[name.table].append(
            open_csv(
                name.path,
                needed=columns.needed.split(),
                optional=columns.optional.split(),
                known=columns.known.split(),
                any_case=True,
                count_by=None if name.table == _CODES else "OrganisationGuid",
                engine=engine,
            )
        )
    return sheets


def _is_bulk(sheet: Sheet) -> bool:
    return sheet.file.lower().startswith("bulk_")


def _practices(sheets: Mapping[str, Sequence[Sheet]], directory: "_Directory") -> tuple[str, ...]:
    """Who publishes in this delivery. Admin_Organisation also lists trusts and commissioners."""
    publishing = (
        directory.ods.get(_guid(text))
        for table in (_AGREEMENTS, _OBSERVATIONS, _PATIENTS)
        for sheet in sheets[table]
        for text in sheet.counts
    )
    return tuple(sorted({practice for practice in publishing if practice}))


def _refuse_stale(found: Found, stamp: str, last: Mapping[str, str]) -> None:
    for practice, newest in last.items():
        if stamp < newest:
            raise DeliveryRefused(
                f"expected an extract no older than the one of {newest} that {practice} has sent "
                f"already, found one of {stamp}: taking it would undo what came since",
                file=found.path.name,
            )


def _whole(sheets: Iterable[Sheet], meanings: "_Meanings", told: "_Told") -> frozenset[str]:
    """The practices whose every entry is here, for sure: no row of theirs was left out."""
    guids = {
        _guid(text)
        for sheet in sheets
        if _is_bulk(sheet) and not sheet.broken
        for text in sheet.counts
    }
    practices = {meanings.ods[guid] for guid in guids - meanings.disabled if guid in meanings.ods}
    return frozenset(practices - told.incomplete)


def _how_many(sheets: Iterable[Sheet], meanings: "_Meanings") -> Counter[str]:
    """How many rows these sheets have of each practice, but for those that tell of a deletion.

    Of a practice whose agreement is disabled they are not all there is.
    """
    column = "OrganisationGuid"
    counts: Counter[str] = Counter()
    for sheet in sheets:
        counts.update(sheet.counts)
        deleted = sheet.pick(_is_deleted(sheet.table), [column])
        counts.subtract(row.cells[column] for row in deleted)
    told: Counter[str] = Counter()
    for text, rows in counts.items():
        guid = _guid(text)
        if guid in meanings.ods and guid not in meanings.disabled:
            told[meanings.ods[guid]] += rows
    return told


def _notes(sheets: Sequence[Sheet], last: Mapping[str, str]) -> tuple[str, ...]:
    notes = []
    for sheet in sheets:
        if sheet.unknown:
            notes.append(f"{sheet.file} has columns that are not read: {', '.join(sheet.unknown)}")
        if _is_bulk(sheet) and sheet.broken:
            notes.append(
                f"{sheet.file} is a bulk with rows that cannot be read: what it lacks is not taken "
                "for removed"
            )
    new = [practice for practice, newest in last.items() if not newest]
    if new and not any(_is_bulk(sheet) for sheet in sheets):
        notes.append(
            f"the first delivery of {', '.join(new)} is no bulk: what they recorded before it is "
            "not known"
        )
    return tuple(notes)


# --- what other rows are understood by


class _Directory(NamedTuple):
    """The ODS code of each organisation, by GUID."""

    ods: Mapping[str, str]
    references: Sequence[Reference]


class _Meanings(NamedTuple):
    """What it takes to understand a row: organisations by GUID, and the code table by CodeId."""

    ods: Mapping[str, str]
    disabled: frozenset[str]
    lines: Mapping[str, "_CodeLine"]


def _directory(sheets: Iterable[Sheet], memory: Memory, agreement: str) -> _Directory:
    known = memory.references(_EMIS, agreement, "organisation")
    told = {}
    for sheet in sheets:
        for row in sheet.pick(columns=["OrganisationGuid", "ODSCode"]):
            guid, code = _guid(row.cells["OrganisationGuid"]), ods_code(row.cells["ODSCode"])
            if guid and code:
                told[guid] = code
    return _Directory({**known, **told}, _news(known, told, agreement, "organisation"))


def _news(
    known: Mapping[str, str], told: Mapping[str, str], agreement: str, kind: str
) -> list[Reference]:
    return [
        Reference(_EMIS, agreement, kind, key, value)
        for key, value in told.items()
        if known.get(key) != value
    ]


class _Agreements(NamedTuple):
    """What the agreement file says, and the GUIDs of all who are disabled now."""

    changes: tuple[AgreementChange, ...]
    disabled: frozenset[str]
    refused: tuple[RefusedRow, ...]
    references: Sequence[Reference]


def _agreements(
    sheets: Iterable[Sheet], directory: _Directory, memory: Memory, agreement: str
) -> _Agreements:
    known = memory.references(_EMIS, agreement, "disabled")
    told: dict[str, str] = {}
    changes, refused = [], []
    for sheet in sheets:
        for row in sheet.pick():
            guid = _guid(row.cells["OrganisationGuid"])
            before = known.get(guid) == "true"
            change = _agreement(row, directory.ods.get(guid), sheet.file, before=before)
            if isinstance(change, AgreementChange):
                changes.append(change)
            else:
                refused.append(change)
            # Told by GUID, so that it holds for an organisation whose ODS code comes later.
            if guid and (disabled := _flag(row.cells["Disabled"])) is not None:
                told[guid] = str(disabled).lower()
    now = {**known, **told}
    return _Agreements(
        changes=tuple(changes),
        disabled=frozenset(guid for guid, disabled in now.items() if disabled == "true"),
        refused=tuple(refused),
        references=_news(known, told, agreement, "disabled"),
    )


def _agreement(
    row: Row, practice: str | None, file: str, *, before: bool
) -> AgreementChange | RefusedRow:
    cells = row.cells
    deleted = _flag(cells["Deleted"], blank=False)
    # A deleted row may be blank beside its key (docs/formats.md 2.1): the disabled stay disabled.
    activated = _flag(cells["IsActivated"], blank=False if deleted else None)
    disabled = _flag(cells["Disabled"], blank=before if deleted else None)
    if practice is None:
        fault = ("OrganisationGuid", _NO_PRACTICE)
    elif deleted is None:
        fault = ("Deleted", _NO_FLAG)
    elif activated is None:
        fault = ("IsActivated", _NO_FLAG)
    elif disabled is None:
        fault = ("Disabled", _NO_FLAG)
    else:
        return AgreementChange(
            practice=practice,
            activated=activated,
            disabled=disabled,
            deleted=deleted,
            modified_at=emis_moment(cells["LastModifiedDate"]).moment,
            source=f"{file}:{row.number}",
        )
    return RefusedRow(file, row.number, *fault)


class _CodeLine(NamedTuple):
    """What a CodeId states by its codes, and what by its term."""

    statements: tuple[CodedStatement, ...] = ()
    term: Statement | None = None


class _CodeTable(NamedTuple):
    """What the CodeIds that matter to us mean; `seen` where any code table ever came."""

    lines: Mapping[str, _CodeLine]
    seen: bool
    references: Sequence[Reference]


def _code_table(
    sheets: Sequence[Sheet], memory: Memory, agreement: str, maps: CodeMaps
) -> _CodeTable:
    known = memory.references(_EMIS, agreement, "code")
    told: dict[str, str] = {}
    mapped: list[MapRow] = []
    for sheet in sheets:
        code_id, read, snomed = (
            sheet.table[column].fill_null("")
            for column in ("CodeId", "ReadTermId", "SnomedCTConceptId")
        )
        native = read.re_replace(_SYNONYM.pattern, "").rpad(_READ_CODE, ".")
        ours = matches(native, scan_pattern()) | matches(snomed, scan_pattern())
        again = one_of(code_id.strip(), known)
        for row in sheet.pick(ours | again):
            read_code, concept = row.cells["ReadTermId"], row.cells["SnomedCTConceptId"]
            codes = (_read_code(read_code)[:_LONGEST_CODE], concept[:_LONGEST_CODE])
            # An id that stands for something else from now on is remembered as no code of ours.
            stated = read_row(codes)
            value = "|".join((*codes, *_otherwise(stated, row.cells["Term"]))) if stated else ""
            told[row.cells["CodeId"].strip()] = value
            mapped.append(_mapped(row, sheet.file))
    # A CodeId speaks for itself alone: one that is not told again is as it was.
    maps.compare(_CODES, mapped, whole=False)
    told = {code_id: value for code_id, value in told.items() if value or code_id in known}
    seen = bool(memory.references(_EMIS, agreement, "code-table"))
    came = [Reference(_EMIS, agreement, "code-table", "seen", "true")] if sheets else []
    return _CodeTable(
        lines={code_id: _code_line(value) for code_id, value in {**known, **told}.items() if value},
        seen=seen or bool(known),
        references=[*_news(known, told, agreement, "code"), *([] if seen else came)],
    )


def _otherwise(stated: Sequence[CodedStatement], term: str) -> set[str]:
    """What a term says, where that is not what its codes state; the words are not remembered."""
    said = (contradiction(one.statement, term) for one in stated)
    return {says.value for says in said if says is not None}


def _code_line(remembered: str) -> _CodeLine:
    read, concept, *term = remembered.split("|")
    return _CodeLine(read_row((read, concept)), Statement(term[0]) if term else None)


def _mapped(row: Row, file: str) -> MapRow:
    """What the line maps to what. EMIS's own codes (`ESCT…`, `EMISNQ…`) are no Read codes."""
    read = _read_code(row.cells["ReadTermId"].strip())
    concept = row.cells["SnomedCTConceptId"].strip()
    mapped = Mapped(CodeSystem.READ_V2, read, CodeSystem.SNOMED_CT, concept)
    is_read = len(read) == _READ_CODE
    return MapRow(row.cells["CodeId"].strip(), file, row.number, mapped if is_read else None)


_SYNONYM = re.compile(r"-[0-9]{1,2}$")
_READ_CODE = 5
_LONGEST_CODE = 64


def _read_code(term: str) -> str:
    """A ReadTermId in the five bytes of its Read v2 code.

    `9Nu0` and its synonyms `9Nu0-1`, `9Nu0-11` are EMIS's own spelling of `9Nu0.` (docs/formats.md
    2.2) and no fault. Blanks and case are left as they are, for CO07 to find.
    """
    code = _SYNONYM.sub("", term)
    return code.ljust(_READ_CODE, ".") if code else ""


# --- observations


class _Told:
    """What the observation files have said so far; a later row outdoes an earlier one."""

    def __init__(self, memory: Memory, practices: Iterable[str]) -> None:
        self.entries: dict[SourceKey, Entry] = {}
        self.removals: dict[SourceKey, Removal] = {}
        self.refused: list[RefusedRow] = []
        self.incomplete: set[str] = set()
        self.known = {practice: memory.entry_ids(practice, _EMIS) for practice in practices}

    def state(self, practice: str, observation: str, entries: Sequence[Entry], source: str) -> None:
        """This observation states these entries now, and nothing else that it did before."""
        for key in self._keys(practice, observation):
            self.entries.pop(key, None)
            if key.entry_id in self.known[practice]:
                self.removals[key] = Removal(key, source)
        for entry in entries:
            self.removals.pop(entry.key, None)
            self.entries[entry.key] = entry

    def observations(self) -> set[str]:
        """The ObservationGuids of every entry known so far, here or earlier."""
        earlier = (entry_id for ids in self.known.values() for entry_id in ids)
        return {row_of(entry_id) for entry_id in (*earlier, *(k.entry_id for k in self.entries))}

    def _keys(self, practice: str, observation: str) -> Iterator[SourceKey]:
        return (SourceKey(practice, _EMIS, entry_id) for entry_id in entry_ids(observation))


def _observations(sheet: Sheet, meanings: _Meanings, told: _Told) -> None:
    """Our codes, every delete, and what an observation that was ours says now."""
    table = sheet.table
    ours = one_of(table["CodeId"].fill_null("").strip(), meanings.lines)
    changed = one_of(_bare(table["ObservationGuid"]), told.observations())
    for row in sheet.pick(ours | changed | _is_deleted(table)):
        _observation(row, sheet.file, meanings, told)


def _observation(row: Row, file: str, meanings: _Meanings, told: _Told) -> None:
    cells = row.cells
    organisation = _guid(cells["OrganisationGuid"])
    practice = meanings.ods.get(organisation)
    deleted = _flag(cells["Deleted"], blank=False)
    statements, term = meanings.lines.get(cells["CodeId"].strip(), _CodeLine())
    observation, patient = _guid(cells["ObservationGuid"]), _guid(cells["PatientGuid"])
    if deleted and organisation in meanings.disabled:
        fault = ("Deleted", _FROZEN)
    elif practice is None and deleted:
        return  # Of an organisation that we hold nothing of.
    elif practice is None:
        fault = ("OrganisationGuid", _NO_PRACTICE)
    elif deleted is None:
        fault = ("Deleted", _NO_FLAG)
    elif not observation:
        fault = ("ObservationGuid", _NO_GUID)
    elif statements and not deleted and not patient:
        fault = ("PatientGuid", _NO_GUID)
    else:
        source = f"{file}:{row.number}"
        stated = () if deleted else statements
        entries = [
            _entry(
                row, practice, statement, term, statement.entry_id(observation, i), source=source
            )
            for i, statement in enumerate(stated)
        ]
        told.state(practice, observation, entries, source)
        return
    told.refused.append(RefusedRow(file, row.number, *fault))
    if practice is not None:
        told.incomplete.add(practice)


def _entry(
    row: Row,
    practice: str,
    statement: CodedStatement,
    term: Statement | None,
    entry_id: str,
    *,
    source: str,
) -> Entry:
    cells = row.cells
    effective = _effective(cells["EffectiveDate"], cells["EffectiveDatePrecision"])
    return Entry(
        practice=practice,
        clinical_system=_EMIS,
        entry_id=entry_id,
        source_patient=_guid(cells["PatientGuid"]),
        purpose=statement.purpose,
        statement=statement.statement,
        code_system=statement.code_system,
        code=statement.code,
        near=statement.near,
        also_coded=statement.also_coded,
        term_says=term if term is not statement.statement else None,
        effective_on=effective.day,
        effective_precision=effective.precision,
        effective_partial=effective.partial,
        entered_at=emis_moment(cells["EnteredDate"], cells["EnteredTime"]).moment,
        entered_by=_guid(cells["EnteredByUserInRoleGuid"]) or None,
        source=source,
    )


def _effective(text: str, said: str) -> Effective:
    """The effective date as far as EffectiveDatePrecision says that it is known.

    A year or month is not read as its first day: which day stands in for it is policy's to say.
    """
    day, precision = emis_day(text)
    match said.strip().upper():
        case "" | "U":
            return Effective(None, Precision.MISSING)
        case _ if day is None:
            return Effective(None, precision)
        case "YMD" | "YMDT":
            return Effective(day, Precision.DAY)
        case "YM":
            return Effective(None, Precision.MONTH, day.isoformat()[: len("2016-03")])
        case "Y":
            return Effective(None, Precision.YEAR, day.isoformat()[: len("2016")])
        case _:
            return Effective(None, Precision.UNREADABLE)


# --- patients

# `Deleted` here means that the patient fell out of the extract's scope, never that anything was
# withdrawn (docs/formats.md 2.2): such a row tells nothing.


def _links(sheets: Iterable[Sheet], meanings: _Meanings) -> Iterator[PatientLink]:
    columns = "PatientGuid OrganisationGuid NhsNumber DummyType DateOfBirth DateOfDeath"
    for sheet, practice, row in _patients(sheets, meanings, columns.split()):
        yield PatientLink(
            practice=practice,
            clinical_system=_EMIS,
            source_patient=_guid(row.cells["PatientGuid"]),
            number_as_sent=row.cells["NhsNumber"],
            left_out=bool(_flag(row.cells["DummyType"])),
            born_on=emis_day(row.cells["DateOfBirth"]).day,
            died_on=(died := emis_day(row.cells["DateOfDeath"])).day,
            source=f"{sheet.file}:{row.number}",
            death_untold=died.precision is Precision.UNREADABLE,
        )


def _registrations(sheets: Iterable[Sheet], meanings: _Meanings) -> Iterator[Registration]:
    columns = (
        "PatientGuid OrganisationGuid DateOfRegistration DateOfDeactivation PatientTypeDescription"
    )
    for _, practice, row in _patients(sheets, meanings, columns.split()):
        begins = emis_day(row.cells["DateOfRegistration"])
        ends = emis_day(row.cells["DateOfDeactivation"])
        resident = is_resident(row.cells["PatientTypeDescription"])
        # A date that cannot be read says nothing against what the row said before.
        if Precision.UNREADABLE not in (begins.precision, ends.precision):
            yield Registration(
                practice=practice,
                clinical_system=_EMIS,
                source_patient=(patient := _guid(row.cells["PatientGuid"])),
                registered_on=begins.day if resident else None,
                deregistered_on=ends.day if resident else None,
                # A patient has one row, which tells of their last registration.
                registration=patient,
            )


def _patients(
    sheets: Iterable[Sheet], meanings: _Meanings, columns: Sequence[str]
) -> Iterator[tuple[Sheet, str, Row]]:
    for sheet in sheets:
        for row in sheet.pick(~_is_deleted(sheet.table), columns):
            practice = meanings.ods.get(_guid(row.cells["OrganisationGuid"]))
            if practice is not None and _guid(row.cells["PatientGuid"]):
                yield sheet, practice, row


def _refused_patients(sheets: Iterable[Sheet], meanings: _Meanings) -> Iterator[RefusedRow]:
    for sheet in sheets:
        organisation, deleted = _bare(sheet.table["OrganisationGuid"]), _is_deleted(sheet.table)
        frozen = deleted & one_of(organisation, meanings.disabled)
        nobody = ~_bare(sheet.table["PatientGuid"]).re_search(f"^{_GUID.pattern}$")
        nowhere = ~one_of(organisation, meanings.ods)
        columns = ["PatientGuid", "OrganisationGuid"]
        for row in sheet.pick(frozen, columns):
            yield RefusedRow(sheet.file, row.number, "Deleted", _FROZEN)
        for row in sheet.pick(~deleted & (nobody | nowhere), columns):
            known = _guid(row.cells["OrganisationGuid"]) in meanings.ods
            fault = ("PatientGuid", _NO_GUID) if known else ("OrganisationGuid", _NO_PRACTICE)
            yield RefusedRow(sheet.file, row.number, *fault)


# --- how EMIS writes a GUID and a boolean

_GUID = re.compile(r"[A-Z0-9-]{1,64}")


def _guid(text: str) -> str:
    """A GUID in upper case without its braces; "" where the text cannot be one, whatever it is."""
    bare = text.strip().strip("{}").upper()
    return bare if _GUID.fullmatch(bare) else ""


def _bare(column: Any) -> Any:
    """The same for an Ibis column, but that what cannot be a GUID is left as it is."""
    return column.fill_null("").strip().re_replace(r"^[{}]+|[{}]+$", "").upper()


def _flag(text: str, *, blank: bool | None = None) -> bool | None:
    """What a boolean says, whatever its case; None where it says neither."""
    return {"true": True, "false": False, "": blank}.get(text.strip().lower())


def _is_deleted(table: Any) -> Any:
    return table["Deleted"].fill_null("").strip().lower() == "true"
