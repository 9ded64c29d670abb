"""Entries that somebody lists by hand, in a layout of our own (docs/formats.md 8)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import (
    Entry,
    PatientLink,
    Precision,
    RefusedRow,
    Registration,
    Removal,
    SourceKey,
)
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Contents, Format, Found, Memory, Reference
from ledger.readers.entries_file import read
from tests.unit.memory import KnownMemory, NoMemory

HEADER = "PracticeCode,EntryId,NHSNumber,Code,EffectiveDate,EnteredAt,Action"
FILE = "entries_X99904_20260105.csv"
ADA = "9990000018"
EVOLUTION = ClinicalSystem.EVOLUTION
A_DISSENT = f"X99904,e-1,{ADA},9Nu0.,2026-01-02,2026-01-03T09:30:00+01:00,record"
THE_DISSENT = dict(zip(HEADER.split(","), A_DISSENT.split(","), strict=True))


def holding(*entry_ids: str, last: str = "") -> KnownMemory:
    """The memory of a ledger that knows the practice's system, and these entries of it."""
    told = [Reference(EVOLUTION, "X99904", "entries-file", "last", last)] if last else []
    return KnownMemory(told, {"X99904": entry_ids}, systems={"X99904": EVOLUTION})


def read_lines(
    folder: Path,
    *lines: str,
    header: str = HEADER,
    name: str = FILE,
    memory: Memory | None = None,
) -> Contents:
    path = folder / name
    path.write_text("".join(line + "\r\n" for line in (header, *lines)), newline="")
    found = Found(Format.ENTRIES, path, (path,), datetime(2026, 1, 5, tzinfo=UTC))
    return read(found, memory or holding())


def read_one(folder: Path, *, memory: Memory | None = None, **cells: str) -> Contents:
    """A file of one row: a dissent but for the cells said."""
    row = THE_DISSENT | cells
    return read_lines(folder, ",".join(row.values()), header=",".join(row), memory=memory)


def key(entry_id: str) -> SourceKey:
    return SourceKey("X99904", EVOLUTION, entry_id)


def test_a_dissent_is_read_with_whom_it_is_about(tmp_path: Path) -> None:
    contents = read_lines(tmp_path, A_DISSENT)

    assert contents.entries == (
        Entry(
            practice="X99904",
            clinical_system=EVOLUTION,
            entry_id="e-1",
            source_patient="entries:e-1",
            purpose=Purpose.TYPE_1,
            statement=Statement.DISSENT,
            code_system=CodeSystem.READ_V2,
            code="9Nu0.",
            effective_on=date(2026, 1, 2),
            effective_precision=Precision.DAY,
            entered_at=datetime(2026, 1, 3, 8, 30, tzinfo=UTC),
            source=f"{FILE}:1",
        ),
    )
    assert contents.links == (
        PatientLink(
            "X99904", EVOLUTION, "entries:e-1", ADA, False, None, None, f"{FILE}:1", True, True
        ),
    )
    assert contents.registrations == ()
    assert (contents.format, contents.practices) == (Format.ENTRIES, ("X99904",))
    assert contents.clinical_system is EVOLUTION
    assert contents.period_end == datetime(2026, 1, 5, tzinfo=UTC)
    assert contents.rows_read == 1
    assert (contents.refused, contents.notes) == ((), ())
    assert contents.whole == frozenset()


def test_the_optional_columns_are_read_and_all_go_by_their_names(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path,
        f"record,2020-02-03,,1950-04-02,u-7,CTV3,InPS Vision,,2026-01-02,XaaVL,{ADA},e-1,x99904,"
        "2025-12-31",
        header="ACTION,RegisteredOn,DeregisteredOn,DateOfBirth,EnteredBy,codesystem,ClinicalSystem,"
        "EnteredAt,EffectiveDate,Code,NHSNumber,EntryId,PracticeCode,DiedOn",
        memory=NoMemory(),
    )

    (entry,), (link,), (registration,) = contents.entries, contents.links, contents.registrations  # type: ignore[misc]
    assert contents.clinical_system is ClinicalSystem.VISION
    assert (entry.purpose, entry.code_system) == (Purpose.TYPE_2, CodeSystem.CTV3)
    assert (entry.entered_by, entry.entered_at) == ("u-7", None)
    assert (link.born_on, link.died_on) == (date(1950, 4, 2), date(2025, 12, 31))
    assert registration == Registration(
        "X99904", ClinicalSystem.VISION, "entries:e-1", date(2020, 2, 3), None, "entries:e-1"
    )
    assert contents.notes == ()


@pytest.mark.parametrize(
    ("code", "code_system", "as_read", "near"),
    [
        ("9Nu0.", "", "9Nu0.", False),
        ("9Nu0.", "READV2", "9Nu0.", False),
        ("9Nu0.00", "readv2", "9Nu0.", False),
        ("9Nu0", "readv2", "9Nu0", True),
        ("9Nu000", "readv2", "9Nu0", True),
        ("9nu0.", "", "9nu0.", True),
        ("XaZ89", "ctv3", "XaZ89", False),
        ("827241000000103", "SNOMED-CT", "827241000000103", False),
        ("8.27241E+14", "snomed-ct", "8.27241E+14", True),
    ],
)
def test_a_type_1_dissent_is_known_however_its_code_is_written(
    tmp_path: Path, code: str, code_system: str, as_read: str, near: bool
) -> None:
    contents = read_one(tmp_path, Code=code, CodeSystem=code_system)

    (entry,) = contents.entries
    assert (entry.code, entry.near) == (as_read, near)
    assert (entry.purpose, entry.statement) == (Purpose.TYPE_1, Statement.DISSENT)
    assert contents.notes == ()


def test_a_code_of_another_system_than_named_is_kept_and_noted(tmp_path: Path) -> None:
    contents = read_one(tmp_path, Code="XaZ89")

    assert [entry.code_system for entry in contents.entries] == [CodeSystem.CTV3]
    assert contents.notes == (
        f"{FILE}: 1 rows name another CodeSystem than their code is of: the code holds",
    )


@pytest.mark.parametrize(
    ("text", "day", "precision", "partial"),
    [
        ("2026-01-02", date(2026, 1, 2), Precision.DAY, None),
        ("2026-01", None, Precision.MONTH, "2026-01"),
        ("2026", None, Precision.YEAR, "2026"),
        ("", None, Precision.MISSING, None),
        ("2026-02-30", None, Precision.UNREADABLE, None),
        ("2026-13", None, Precision.UNREADABLE, None),
        ("0201-01-02", None, Precision.UNREADABLE, None),
    ],
)
def test_as_much_of_the_effective_date_as_there_is_is_kept(
    tmp_path: Path, text: str, day: date | None, precision: Precision, partial: str | None
) -> None:
    contents = read_one(tmp_path, EffectiveDate=text)

    (entry,) = contents.entries
    assert (entry.effective_on, entry.effective_precision) == (day, precision)
    assert entry.effective_partial == partial


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("EntryId", "", "expected an id of letters"),
        ("EntryId", "Ada Ling", "expected an id of letters"),
        ("EntryId", ADA, "nothing that could be an NHS number"),
        ("EntryId", f"row-{ADA}", "nothing that could be an NHS number"),
        ("EntryId", "999-000-0018", "nothing that could be an NHS number"),
        ("EntryId", "=A1+1", "expected an id of letters"),
        ("EffectiveDate", "02/01/2026", "expected yyyy-mm-dd, yyyy-mm or yyyy, or nothing"),
        ("EffectiveDate", "=TODAY()", "expected yyyy-mm-dd, yyyy-mm or yyyy, or nothing"),
        ("EffectiveDate", "4.6E+04", "expected yyyy-mm-dd, yyyy-mm or yyyy, or nothing"),
        ("EnteredAt", "2026-01-02", "expected a time with its offset"),
        ("EnteredAt", "2026-01-02T09:30:00", "expected a time with its offset"),
        ("Action", "", "expected record or remove"),
        ("Action", "delete", "expected record or remove"),
        ("CodeSystem", "read3", "expected readv2, ctv3, snomed-ct, or nothing"),
        ("PracticeCode", "X99905", "expected X99904, as in the file's name"),
    ],
)
def test_a_row_with_a_bad_cell_is_refused_alone(
    tmp_path: Path, column: str, cell: str, reason: str
) -> None:
    good = {**THE_DISSENT, "CodeSystem": ""}
    bad = {**good, column: cell}

    contents = read_lines(
        tmp_path, ",".join(bad.values()), ",".join(good.values()), header=",".join(good)
    )

    (refused,) = contents.refused
    assert refused[:3] == (FILE, 1, column)
    assert reason in refused.reason
    assert ADA not in str(contents.refused)
    assert [entry.source for entry in contents.entries] == [f"{FILE}:2"]


@pytest.mark.parametrize("number", ["9.99E+09", "", "=A1", "9990000019"])
def test_an_unusable_number_costs_no_objection(tmp_path: Path, number: str) -> None:
    contents = read_one(tmp_path, NHSNumber=number)

    assert [link.number_as_sent for link in contents.links] == [number]
    assert len(contents.entries) == 1
    assert contents.refused == ()


def test_a_slip_beside_the_objection_costs_no_objection(tmp_path: Path) -> None:
    contents = read_one(tmp_path, EnteredBy="A Manager", DateOfBirth="2 April 1950", DiedOn="")

    assert [entry.entered_by for entry in contents.entries] == [None]
    assert sorted(contents.notes) == [
        f"{FILE}: DateOfBirth of 1 rows is not yyyy-mm-dd and was left out",
        f"{FILE}: EnteredBy of 1 rows is not an identifier and was left out",
    ]


def test_who_entered_it_is_never_an_nhs_number(tmp_path: Path) -> None:
    contents = read_one(tmp_path, EnteredBy=ADA)

    assert [entry.entered_by for entry in contents.entries] == [None]


def test_rows_of_other_codes_are_passed_over(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path,
        A_DISSENT,
        f"X99904,e-2,{ADA},2469.,2026-01-02,,record",
        f"X99904,,{ADA},=1+1,never,,record",
    )

    assert [entry.entry_id for entry in contents.entries] == ["e-1"]
    assert contents.removals == ()
    assert contents.refused == ()
    assert contents.rows_read == 3


def test_a_remove_removes_and_needs_nothing_but_the_id(tmp_path: Path) -> None:
    contents = read_lines(tmp_path, "X99904,e-1,,,,,REMOVE", memory=holding("e-1"))

    assert contents.removals == (Removal(key("e-1"), f"{FILE}:1"),)
    assert contents.entries == ()


def test_a_row_that_no_longer_states_one_of_ours_removes_what_it_stated(tmp_path: Path) -> None:
    contents = read_one(tmp_path, Code="2469.", memory=holding("e-1"))

    assert contents.removals == (Removal(key("e-1"), f"{FILE}:1"),)
    assert contents.entries == ()


def test_the_last_row_about_an_entry_holds(tmp_path: Path) -> None:
    removal = "X99904,e-1,,,,,remove"

    undone = read_lines(tmp_path, A_DISSENT, removal)
    done = read_lines(tmp_path, removal, A_DISSENT)

    assert (undone.entries, undone.removals) == ((), (Removal(key("e-1"), f"{FILE}:2"),))
    assert [entry.source for entry in done.entries] == [f"{FILE}:2"]
    assert done.removals == ()


def test_a_practice_of_no_known_system_is_refused_and_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="column ClinicalSystem, or take in who uses which"):
        read_lines(tmp_path, A_DISSENT, memory=NoMemory())


@pytest.mark.parametrize(
    ("systems", "found"),
    [(("evolution", "vision"), "found 2 names"), (("medidesk", "medidesk"), "is no system")],
)
def test_a_file_is_of_one_clinical_system(
    tmp_path: Path, systems: tuple[str, str], found: str
) -> None:
    with pytest.raises(DeliveryRefused, match=found):
        read_lines(
            tmp_path,
            *(f"{A_DISSENT},{system}" for system in systems),
            header=f"{HEADER},ClinicalSystem",
        )


@pytest.mark.parametrize("column", HEADER.split(","))
def test_a_file_without_a_mandatory_column_is_refused_whole(tmp_path: Path, column: str) -> None:
    with pytest.raises(DeliveryRefused, match=f"expected the column {column}, found no such"):
        read_lines(tmp_path, header=",".join(c for c in HEADER.split(",") if c != column))


@pytest.mark.parametrize("column", ["Code", "entryid", "CodeSystem,CodeSystem"])
def test_a_column_that_is_there_twice_refuses_the_file(tmp_path: Path, column: str) -> None:
    with pytest.raises(DeliveryRefused, match="once, found it 2 times"):
        read_lines(tmp_path, header=f"{HEADER},{column}")


def test_an_unknown_column_is_noted(tmp_path: Path) -> None:
    contents = read_lines(tmp_path, f"{A_DISSENT},said so", header=f"{HEADER},Why")

    assert len(contents.entries) == 1
    assert contents.notes == (f"{FILE} has columns that are not read: Why",)


def test_a_file_of_another_practice_than_its_name_says_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="found only other practices'"):
        read_lines(tmp_path, A_DISSENT.replace("X99904", "X99905"))


def test_a_file_whose_name_names_no_practice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="the practice's ODS code"):
        read_lines(tmp_path, A_DISSENT, name="entries_the_surgery_20260105.csv")


def test_a_file_older_than_the_last_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="no older than the one of 2026-01-06"):
        read_lines(tmp_path, A_DISSENT, memory=holding(last="2026-01-06"))

    again = read_lines(tmp_path, A_DISSENT, memory=holding(last="2026-01-05"))

    assert again.references == (
        Reference(EVOLUTION, "X99904", "entries-file", "last", "2026-01-05"),
    )


def test_a_file_without_rows_says_nothing(tmp_path: Path) -> None:
    contents = read_lines(tmp_path)

    assert (contents.entries, contents.removals, contents.rows_read) == ((), (), 0)
    assert contents.practices == ("X99904",)


def test_a_row_cut_short_is_named(tmp_path: Path) -> None:
    contents = read_lines(tmp_path, A_DISSENT, "X99904,e-2")

    assert [(row.file, row.row) for row in contents.refused] == [(FILE, 2)]
    assert isinstance(contents.refused[0], RefusedRow)
    assert len(contents.entries) == 1
