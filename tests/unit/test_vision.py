"""An InPS Vision extract: files without headers, term codes, deletes, and patients left out."""

from collections.abc import Iterable, Sequence
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
from ledger.readers.vision import read
from tests.unit.memory import KnownMemory, NoMemory

SAMPLE = Path(__file__).parents[1] / "data" / "vision"
STAMP = "2026-01-05-000500"
VISION = ClinicalSystem.VISION
NOT_REMOVED = "what it lacks is not taken for removed"


def _names(text: str) -> list[str]:
    return text.split()


# The columns of each documented layout (docs/formats.md 3.2).
JOURNAL_42 = _names(
    "PID ID DATE RECORDED_DATE CODE SNOMED_CODE BNF_CODE HCP HCP_TYPE GMS EPISODE TEXT RUBRIC "
    "DRUG_FORM DRUG_STRENGTH DRUG_PACKSIZE DMD_CODE IMMS_STATUS IMMS_COMPOUND IMMS_SOURCE "
    "IMMS_BATCH IMMS_REASON IMMS_METHOD IMMS_SITE ENTITY VALUE1_NAME VALUE1 VALUE1_UNITS "
    "VALUE2_NAME VALUE2 VALUE2_UNITS END_DATE TIME CONTEXT CERTAINTY SEVERITY LINKS LINKS_EXT "
    "SERVICE_ID ACTION SUBSET DOCUMENT_ID"
)
JOURNAL_23 = _names(
    "PID ID DATE RECORDED_DATE CODE BNF_CODE HCP_CODE HCP_TYPE GMS EPISODE TEXT RUBRIC VALUE1 "
    "VALUE2 END_DATE TIME CONTEXT CERTAINTY SEVERITY LINKS SERVICE_ID SUBSET ACTION"
)
PATIENT_35 = _names(
    "PID REFERENCE DATE_OF_BIRTH SEX POSTCODE MARITAL_STATUS GP GP_USUAL ACTIVE REGISTERED_DATE "
    "REMOVED_DATE HA PCG SURGERY MILEAGE DISPENSING ETHNIC DATE_OF_DEATH PRACTICE SURNAME "
    "FORENAME TITLE NHS_NUMBER ADDRESS ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 "
    "PHONE_NUMBER MOBILE_NUMBER EMAIL PRACT_NUMBER SERVICE_ID ACTION"
)
PATIENT_32 = [*PATIENT_35[:29], *PATIENT_35[32:]]
PRACTICE_14 = _names(
    "ID NAME IDENTIFIER HA ADDRESS ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 POSTCODE "
    "PHONE EMAIL FAX"
)
COLUMNS = {"journal": JOURNAL_42, "patient": PATIENT_35, "practice": PRACTICE_14}

Row = dict[str, str]


def a_journal_row(**changed: str) -> Row:
    return {
        "PID": "701",
        "ID": "1",
        "DATE": "20260105",
        "RECORDED_DATE": "20260105",
        "CODE": "9Nu0.00",
        "SNOMED_CODE": "827241000000103",
        "TEXT": "said so, twice",
        "TIME": "1453",
        "ACTION": "I",
        **changed,
    }


def a_patient(**changed: str) -> Row:
    return {
        "PID": "701",
        "DATE_OF_BIRTH": "19610929",
        "REGISTERED_DATE": "20150303",
        "NHS_NUMBER": "9990000018",
        "ACTION": "I",
        **changed,
    }


def the_file(table: str, kind: str = "INCREMENTAL") -> str:
    return f"{kind}_X99903_{table}_data_extract-{STAMP}.csv"


def a_file(
    folder: Path,
    table: str,
    rows: Iterable[Row],
    *,
    columns: Sequence[str] | None = None,
    kind: str = "INCREMENTAL",
    ending: str = "\n",
    start: str = "",
) -> Path:
    path = folder / the_file(table, kind)
    lines = [[row.get(column, "") for column in columns or COLUMNS[table]] for row in rows]
    text = "".join(
        ",".join(f'"{cell}"' if "," in cell else cell for cell in line) + ending for line in lines
    )
    path.write_bytes((start + text).encode())
    return path


def read_files(*paths: Path, memory: Memory | None = None) -> Contents:
    found = Found(Format.VISION, paths[0].parent, paths, datetime(2026, 1, 5, 0, 5, tzinfo=UTC))
    return read(found, memory or NoMemory())


def read_journal(
    folder: Path, *rows: Row, memory: Memory | None = None, kind: str = "INCREMENTAL"
) -> Contents:
    return read_files(a_file(folder, "journal", rows, kind=kind), memory=memory)


def holding(*entry_ids: str, last: str = "") -> KnownMemory:
    """The memory of a ledger that holds these entries of the practice."""
    told = [Reference(VISION, "X99903", "extract-to", "last", last)] if last else []
    return KnownMemory(told, {"X99903": entry_ids})


def key(entry_id: str) -> SourceKey:
    return SourceKey("X99903", VISION, entry_id)


DISSENT = Entry(
    practice="X99903",
    clinical_system=VISION,
    entry_id="701:1",
    source_patient="701",
    purpose=Purpose.TYPE_1,
    statement=Statement.DISSENT,
    code_system=CodeSystem.READ_V2,
    code="9Nu0.",
    also_coded="827241000000103",
    effective_on=date(2026, 1, 5),
    effective_precision=Precision.DAY,
    entered_at=datetime(2026, 1, 5, tzinfo=UTC),
    source=f"{the_file('journal')}:1",
)


# --- the constructed sample


def test_the_sample_is_read_whole() -> None:
    contents = read_files(*sorted(SAMPLE.glob("*.csv")))

    assert contents.format is Format.VISION
    assert contents.clinical_system is VISION
    assert contents.practices == ("X99903",)
    assert contents.period_end == datetime(2026, 1, 5, 0, 5, tzinfo=UTC)
    assert contents.rows_read == 4
    assert contents.entries == (DISSENT,)
    assert contents.removals == ()
    assert contents.whole == frozenset()
    assert list(contents.links) == [
        PatientLink(
            practice="X99903",
            clinical_system=VISION,
            source_patient="701",
            number_as_sent="9882043291",
            left_out=False,
            born_on=date(1961, 9, 29),
            died_on=None,
            source=f"{the_file('patient')}:1",
        )
    ]
    assert list(contents.registrations) == [
        Registration(
            practice="X99903",
            clinical_system=VISION,
            source_patient="701",
            registered_on=date(2015, 3, 3),
            deregistered_on=None,
            registration="701",
        )
    ]
    assert contents.refused == ()
    assert contents.notes == (
        "the first delivery of X99903 is no bulk: what it recorded before it is not known",
    )
    assert contents.references == (
        Reference(VISION, "X99903", "extract-to", "last", "20260105000500"),
    )


def test_the_delete_in_the_sample_removes_what_the_ledger_holds() -> None:
    contents = read_files(*sorted(SAMPLE.glob("*.csv")), memory=holding("701:2"))

    assert contents.removals == (Removal(key("701:2"), f"{the_file('journal')}:2"),)


# --- layouts and the physical file


@pytest.mark.parametrize(
    ("journal", "patient"), [(JOURNAL_42, PATIENT_35), (JOURNAL_23, PATIENT_32)]
)
def test_both_layouts_are_told_by_their_number_of_fields(
    tmp_path: Path, journal: list[str], patient: list[str]
) -> None:
    left = a_patient(REMOVED_DATE="20251231", DATE_OF_DEATH="20251230")

    contents = read_files(
        a_file(tmp_path, "journal", [a_journal_row()], columns=journal),
        a_file(tmp_path, "patient", [left], columns=patient),
    )

    also = "827241000000103" if journal is JOURNAL_42 else None
    assert contents.entries == (DISSENT.model_copy(update={"also_coded": also}),)
    assert [(who.number_as_sent, who.died_on) for who in contents.links] == [
        ("9990000018", date(2025, 12, 30))
    ]
    assert [who.deregistered_on for who in contents.registrations] == [date(2025, 12, 31)]


@pytest.mark.parametrize(
    ("table", "expected"), [("journal", "42 or 23"), ("patient", "35 or 32"), ("practice", "14")]
)
def test_another_number_of_fields_refuses_the_delivery(
    tmp_path: Path, table: str, expected: str
) -> None:
    path = a_file(tmp_path, table, [{}], columns=[*COLUMNS[table], "NEW"])
    found = len(COLUMNS[table]) + 1

    with pytest.raises(
        DeliveryRefused, match=f"{expected} fields in a {table} file, found one of {found}$"
    ):
        read_files(path)


def test_lines_and_marks_of_other_machines_are_read_alike(tmp_path: Path) -> None:
    path = a_file(tmp_path, "journal", [a_journal_row()], ending="\r\n", start="\ufeff")

    assert read_files(path).entries == (DISSENT,)


def test_utf_16_is_refused(tmp_path: Path) -> None:
    path = tmp_path / the_file("journal")
    path.write_bytes("701,1".encode("utf-16"))

    with pytest.raises(DeliveryRefused, match="found UTF-16"):
        read_files(path)


def test_a_broken_row_is_refused_by_itself_even_the_first(tmp_path: Path) -> None:
    path = a_file(
        tmp_path, "journal", [a_journal_row(ID="8"), a_journal_row(), a_journal_row(PID="7\0")]
    )
    path.write_bytes(b"701,9,20260105\n" + path.read_bytes())

    contents = read_files(path)

    assert [entry.entry_id for entry in contents.entries] == ["701:8", "701:1"]
    assert contents.refused == (
        RefusedRow(path.name, 1, "", "expected 42 fields as in its other rows, found 3"),
        RefusedRow(path.name, 4, "PID", "expected text, found a NUL byte"),
    )
    assert contents.rows_read == 4


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    contents = read_files(a_file(tmp_path, "journal", []), a_file(tmp_path, "patient", []))

    assert (contents.rows_read, contents.entries, list(contents.links)) == (0, (), [])


def test_tables_that_we_do_not_read_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / the_file("patient_check_sum")
    path.write_bytes(b"\0")

    assert read_files(path).rows_read == 0


def test_no_copy_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path = a_file(tmp_path, "patient", [a_patient(), a_patient(PID="7\0")])

    contents = read_files(path)

    assert len(list(contents.links)) == 1
    del contents
    assert list(scratch.iterdir()) == []


def test_a_file_that_was_cut_off_is_refused_and_leaves_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    path = a_file(tmp_path, "journal", [a_journal_row()])
    path.write_bytes(path.read_bytes() + b"701,2,2026")

    with pytest.raises(DeliveryRefused, match="the file ends in the middle of row 2"):
        read_files(path)

    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("before", [b"\n", b"x" * 200_000 + b"\n"], ids=["blank", "endless"])
def test_the_layout_is_that_of_the_first_row_that_has_one(tmp_path: Path, before: bytes) -> None:
    path = a_file(tmp_path, "journal", [a_journal_row()])
    path.write_bytes(before + path.read_bytes())

    assert [entry.entry_id for entry in read_files(path).entries] == ["701:1"]


# --- codes


@pytest.mark.parametrize(
    ("written", "code", "near"),
    [
        ("9Nu0.00", "9Nu0.", False),
        ("9Nu0.11", "9Nu0.", False),
        ("9Nu0.", "9Nu0.", False),
        ("9nu0.00", "9nu0.", True),
        ("9Nu0.0", "9Nu0.0", True),
        ("9Nu000", "9Nu0", True),
        (" 9Nu0.00", " 9Nu0.", True),
        ("9Nu0.00 ", "9Nu0. ", True),
    ],
)
def test_only_the_term_code_is_taken_off(
    tmp_path: Path, written: str, code: str, near: bool
) -> None:
    (entry,) = read_journal(tmp_path, a_journal_row(CODE=written, SNOMED_CODE="")).entries

    assert (entry.code, entry.near) == (code, near)
    assert entry.statement is Statement.DISSENT


@pytest.mark.parametrize("code", ["9V0.00", "9N0.00", "13m1.0", "DNA", "9Nd7.00", "246..00", ""])
def test_other_codes_are_not_ours(tmp_path: Path, code: str) -> None:
    contents = read_journal(tmp_path, a_journal_row(CODE=code, SNOMED_CODE=""))

    assert (contents.entries, contents.refused) == ((), ())


def test_a_number_too_long_for_snomed_ct_is_no_code(tmp_path: Path) -> None:
    (entry,) = read_journal(
        tmp_path, a_journal_row(CODE="9nu4.00", SNOMED_CODE="29993973518322896898")
    ).entries

    assert (entry.purpose, entry.near, entry.also_coded) == (Purpose.TYPE_2, True, None)


def test_a_snomed_ct_id_alone_is_enough(tmp_path: Path) -> None:
    (entry,) = read_journal(tmp_path, a_journal_row(CODE="")).entries

    assert (entry.code, entry.code_system) == ("827241000000103", CodeSystem.SNOMED_CT)


def test_two_purposes_in_one_row_are_two_entries(tmp_path: Path) -> None:
    contents = read_journal(tmp_path, a_journal_row(SNOMED_CODE="881561000000100"))

    assert [entry.entry_id for entry in contents.entries] == ["701:1", "701:1#type-2"]


@pytest.mark.parametrize(
    ("written", "day", "precision"),
    [
        ("20180901", date(2018, 9, 1), Precision.DAY),
        ("", None, Precision.MISSING),
        ("20180231", None, Precision.UNREADABLE),
        ("2018-09-01", None, Precision.UNREADABLE),
    ],
)
def test_what_a_date_says(
    tmp_path: Path, written: str, day: date | None, precision: Precision
) -> None:
    (entry,) = read_journal(tmp_path, a_journal_row(DATE=written)).entries

    assert (entry.effective_on, entry.effective_precision) == (day, precision)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("20260705", datetime(2026, 7, 4, 23, tzinfo=UTC)),
        ("", None),
        ("20260705_1200", None),
    ],
)
def test_an_entry_was_made_from_the_start_of_its_day_on(
    tmp_path: Path, written: str, moment: datetime | None
) -> None:
    (entry,) = read_journal(tmp_path, a_journal_row(RECORDED_DATE=written)).entries

    assert entry.entered_at == moment


# --- what a later row does


def test_a_delete_removes_what_the_ledger_holds_and_nothing_else(tmp_path: Path) -> None:
    contents = read_journal(
        tmp_path,
        a_journal_row(ACTION="D", CODE="", SNOMED_CODE=""),
        a_journal_row(ID="2", ACTION="D"),
        a_journal_row(PID="702", ACTION="D"),
        memory=holding("701:1", "701:1#type-2", "702:2"),
    )

    source = f"{the_file('journal')}:1"
    assert contents.entries == ()
    assert contents.removals == (
        Removal(key("701:1"), source),
        Removal(key("701:1#type-2"), source),
    )


def test_a_row_coded_otherwise_from_now_on_is_removed(tmp_path: Path) -> None:
    recoded = a_journal_row(CODE="246..00", SNOMED_CODE="163020007", ACTION="U")

    contents = read_journal(tmp_path, recoded, memory=holding("701:1"))

    assert contents.removals == (Removal(key("701:1"), f"{the_file('journal')}:1"),)


@pytest.mark.parametrize("last", [{"ACTION": "D"}, {"CODE": "246..00", "SNOMED_CODE": ""}])
def test_a_later_row_of_the_same_file_holds(tmp_path: Path, last: Row) -> None:
    contents = read_journal(tmp_path, a_journal_row(), a_journal_row(**last))

    assert (contents.entries, contents.removals) == ((), ())


def test_an_entry_that_comes_again_is_not_removed(tmp_path: Path) -> None:
    contents = read_journal(
        tmp_path, a_journal_row(ACTION="D"), a_journal_row(), memory=holding("701:1")
    )

    assert [entry.entry_id for entry in contents.entries] == ["701:1"]
    assert contents.removals == ()


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"ACTION": ""}, "ACTION", "expected I, U or D"),
        ({"PID": ""}, "PID", "expected an identifier of letters, digits and hyphens"),
        ({"ID": "a b"}, "ID", "expected an identifier of letters, digits and hyphens"),
        (
            {"ID": "", "ACTION": "D", "CODE": "", "SNOMED_CODE": ""},
            "ID",
            "expected an identifier of letters, digits and hyphens",
        ),
    ],
)
def test_a_row_that_cannot_be_a_fact_is_refused(
    tmp_path: Path, changed: Row, column: str, reason: str
) -> None:
    contents = read_journal(tmp_path, a_journal_row(**changed), kind="FULL")

    name = the_file("journal", "FULL")
    assert contents.entries == ()
    assert contents.refused == (RefusedRow(name, 1, column, reason),)
    assert contents.whole == frozenset()
    assert contents.notes == (f"{name} is a bulk with rows that had to be refused: {NOT_REMOVED}",)


# --- patients


def test_a_deleted_patient_tells_nothing_and_a_nameless_one_is_refused(tmp_path: Path) -> None:
    path = a_file(tmp_path, "patient", [a_patient(ACTION="D"), a_patient(PID="")])

    contents = read_files(path)

    assert list(contents.links) == []
    assert list(contents.registrations) == []
    assert contents.refused == (
        RefusedRow(path.name, 2, "PID", "expected an identifier of letters, digits and hyphens"),
    )


# --- the practice


def test_a_practice_file_of_another_practice_refuses_the_delivery(tmp_path: Path) -> None:
    journal = a_file(tmp_path, "journal", [a_journal_row()])
    practice = a_file(tmp_path, "practice", [{"IDENTIFIER": "X99904"}])

    with pytest.raises(DeliveryRefused, match="expected the practice X99903 as in the file's name"):
        read_files(journal, practice)


@pytest.mark.parametrize("identifier", ["x99903 ", ""])
def test_a_practice_file_that_agrees_or_is_silent_is_in_nobodys_way(
    tmp_path: Path, identifier: str
) -> None:
    journal = a_file(tmp_path, "journal", [a_journal_row()])
    practice = a_file(tmp_path, "practice", [{"ID": "1", "IDENTIFIER": identifier}])

    assert read_files(journal, practice).entries == (DISSENT,)


# --- bulks


def test_a_bulk_says_all_there_is(tmp_path: Path) -> None:
    contents = read_journal(
        tmp_path, a_journal_row(), kind="FULL", memory=holding("701:1", "701:5")
    )

    assert contents.whole == {"X99903"}
    assert contents.notes == ()


def test_a_patient_may_be_in_a_bulk_without_any_journal_row(tmp_path: Path) -> None:
    contents = read_files(
        a_file(tmp_path, "journal", [a_journal_row()], kind="FULL"),
        a_file(tmp_path, "patient", [a_patient(PID="702")], kind="FULL"),
        memory=holding("702:5"),
    )

    assert contents.whole == contents.bulk == {"X99903"}
    assert contents.patients == {"X99903": 1}


def test_a_bulk_counts_no_patient_who_was_deleted_and_a_delta_none_at_all(tmp_path: Path) -> None:
    rows = [a_patient(PID="702"), a_patient(PID="703", ACTION="D"), a_patient(PID="704")]

    bulk = read_files(a_file(tmp_path, "patient", rows, kind="FULL"))
    delta = read_files(a_file(tmp_path, "patient", rows))

    assert (bulk.patients, bulk.bulk) == ({"X99903": 2}, frozenset())
    assert (delta.patients, delta.bulk) == ({}, frozenset())


def test_a_patient_whom_a_bulk_leaves_out_has_withdrawn_nothing(tmp_path: Path) -> None:
    contents = read_journal(tmp_path, a_journal_row(), kind="FULL", memory=holding("702:5"))

    assert contents.whole == frozenset()
    assert contents.removals == ()
    assert contents.notes == (
        f"{the_file('journal', 'FULL')} is a bulk without 1 of the patients who objected: "
        + NOT_REMOVED,
    )


def test_a_delete_in_a_bulk_is_believed(tmp_path: Path) -> None:
    contents = read_journal(
        tmp_path,
        a_journal_row(PID="702", ID="5", ACTION="D"),
        kind="FULL",
        memory=holding("702:5"),
    )

    assert [gone.key.entry_id for gone in contents.removals] == ["702:5"]
    assert contents.whole == {"X99903"}


def test_an_empty_bulk_removes_nothing(tmp_path: Path) -> None:
    contents = read_journal(tmp_path, kind="FULL", memory=holding("701:1"))

    assert contents.whole == frozenset()
    assert "is a bulk without any row" in contents.notes[0]


def test_a_delta_outdoes_the_bulk_beside_it(tmp_path: Path) -> None:
    contents = read_files(
        a_file(tmp_path, "journal", [a_journal_row(ACTION="D")]),
        a_file(tmp_path, "journal", [a_journal_row()], kind="FULL"),
    )

    assert contents.entries == ()


# --- deliveries in a row


def test_a_delivery_older_than_the_last_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(
        DeliveryRefused, match="no older than the one of 20260105000501 that X99903"
    ):
        read_journal(tmp_path, a_journal_row(), memory=holding(last="20260105000501"))


def test_the_same_delivery_twice_is_read_twice(tmp_path: Path) -> None:
    contents = read_journal(tmp_path, a_journal_row(), memory=holding(last="20260105000500"))

    assert contents.entries == (DISSENT,)
    assert contents.notes == ()


def test_a_file_by_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="expected a name as INCREMENTAL_X99903_journal"):
        read_files(tmp_path / "journal.csv")
