"""The register of organisations and the practice-to-system list, whole and with faults."""

import gzip
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import RefusedRow
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.organisations import Organisation, read_register, read_systems

DATA = Path(__file__).parents[1] / "data" / "organisations"
SURGERY = (
    '"A81001","THE DENSHAM SURGERY","Y63","Q74","THE HEALTH CENTRE","LAWSON STREET",'
    '"STOCKTON-ON-TEES","CLEVELAND","","TS18 1HU","19740401","","A","B","00K","20130401","",'
    '"01642 672351","","","","0","","00K","","4",""\r\n'
)
A_NUMBER = (
    "expected an ODS code, found a number: a spreadsheet may have changed it; "
    "import the file as it was published"
)
NEXT = SURGERY.replace("A81001", "A81002")


def a_register(folder: Path, *lines: str) -> Path:
    path = folder / "epraccur.csv"
    path.write_text("".join(lines), newline="")
    return path


def a_list(folder: Path, text: str) -> Path:
    path = folder / "systems.csv"
    path.write_text(text, newline="")
    return path


def test_every_row_of_the_published_register_reads() -> None:
    register = read_register(DATA / "epraccur.csv.gz")

    assert len(register.organisations) == 14_303
    assert register.refused == ()
    assert (
        sum(line.gp_practice and line.status == "active" for line in register.organisations)
        == 6_872
    )
    assert max(line.opened_on for line in register.organisations if line.opened_on) == date(
        2019, 10, 1
    )


def test_a_line_of_the_register_is_read_by_position() -> None:
    register = read_register(DATA / "epraccur.csv.gz")

    assert register.organisations[2] == Organisation(
        code="A81003",
        name="VICTORIA MEDICAL PRACTICE",
        status="closed",
        gp_practice=True,
        postcode="TS26 8DB",
        commissioner="00K",
        opened_on=date(1974, 4, 1),
        closed_on=date(2017, 10, 31),
        row=3,
    )


def test_a_plain_file_reads_as_a_gzipped_one_does(tmp_path: Path) -> None:
    plain = a_register(tmp_path, SURGERY)
    zipped = tmp_path / "without-a-suffix"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))

    assert read_register(plain).organisations == read_register(zipped).organisations


@pytest.mark.parametrize(
    ("status", "word"), [("A", "active"), ("C", "closed"), ("D", "dormant"), ("P", "proposed")]
)
def test_a_status_becomes_a_word(tmp_path: Path, status: str, word: str) -> None:
    path = a_register(tmp_path, SURGERY.replace('"A","B"', f'"{status}","B"'))

    register = read_register(path)

    assert register.organisations[0].status == word


@pytest.mark.parametrize("roles", ["RO76", "RO177|RO76"])
def test_a_newer_report_has_roles_in_its_place(tmp_path: Path, roles: str) -> None:
    path = a_register(tmp_path, SURGERY.replace('"4",""', f'"{roles}",""'))

    assert read_register(path).organisations[0].gp_practice


@pytest.mark.parametrize("setting", ["0", "1", "2", "25", "", "RO177", "14"])
def test_only_prescribing_setting_4_is_a_gp_practice(tmp_path: Path, setting: str) -> None:
    path = a_register(tmp_path, SURGERY.replace('"4",""', f'"{setting}",""'))

    register = read_register(path)

    assert not register.organisations[0].gp_practice


@pytest.mark.parametrize(
    ("found", "instead", "column", "reason"),
    [
        (
            "A81001",
            "A8!",
            "Organisation code",
            "expected an ODS code: three to ten letters and digits",
        ),
        ("THE DENSHAM", "X" * 200, "Name", "expected at most 200 characters"),
        ("19740401", "1974-04-01", "Open date", "expected a date as yyyymmdd, or nothing"),
        ("19740401", "19740431", "Open date", "expected a date as yyyymmdd, or nothing"),
        ("19740401", "01/04/1974", "Open date", "expected a date as yyyymmdd, or nothing"),
        ('"A","B"', '"X","B"', "Status", "expected A, C, D or P"),
        ('"LAWSON STREET",', "", "", "expected 27 fields, found 26"),
        (
            '"A81001"',
            '"5.00E+01"',
            "Organisation code",
            A_NUMBER,
        ),
        (
            '"00K","20130401"',
            '"0","20130401"',
            "Commissioner",
            A_NUMBER,
        ),
        (
            "THE DENSHAM",
            "THE\0DENSHAM",
            "Name",
            "expected text, found a control character (a NUL byte, for one)",
        ),
        ("THE DENSHAM SURGERY", "", "Name", "expected a name, found none"),
        ("TS18 1HU", "STOCKTON-ON-TEES", "Postcode", "expected at most 10 characters"),
        (
            '"THE DENSHAM SURGERY"',
            '"THE DENSHAM SURGERY',
            "",
            "expected fields with commas between them, found a quote that is not closed",
        ),
    ],
)
def test_a_line_that_cannot_be_a_fact_is_refused_alone(
    tmp_path: Path, found: str, instead: str, column: str, reason: str
) -> None:
    path = a_register(tmp_path, NEXT, SURGERY.replace(found, instead), SURGERY)

    register = read_register(path)

    assert [line.code for line in register.organisations] == ["A81002", "A81001"]
    assert register.refused == (RefusedRow("epraccur.csv", 2, column, reason),)


def test_of_two_lines_of_one_organisation_the_last_holds_and_the_other_is_told(
    tmp_path: Path,
) -> None:
    path = a_register(tmp_path, SURGERY, NEXT, SURGERY.replace("DENSHAM", "LAWSON"))

    register = read_register(path)

    assert [(line.code, line.name) for line in register.organisations] == [
        ("A81001", "THE LAWSON SURGERY"),
        ("A81002", "THE DENSHAM SURGERY"),
    ]
    assert register.refused == (
        RefusedRow(
            "epraccur.csv",
            1,
            "Organisation code",
            "the organisation stands in row 3 again: the last one holds",
        ),
    )


def test_lines_may_end_in_any_way_in_one_file_and_begin_with_a_mark(tmp_path: Path) -> None:
    third = SURGERY.replace("A81001", "A81003")
    path = a_register(
        tmp_path, "\ufeff" + SURGERY.replace("\r\n", "\n"), NEXT.replace("\r\n", "\r"), third
    )

    register = read_register(path)

    assert [line.code for line in register.organisations] == ["A81001", "A81002", "A81003"]
    assert register.refused == ()


def test_a_list_of_systems_is_known_by_its_header(tmp_path: Path) -> None:
    path = a_list(tmp_path, '"ODSCode","Supplier"\nA81001,TPP\n')

    assert read_register(path).systems == (("A81001", ClinicalSystem.SYSTMONE),)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"<!DOCTYPE html><title>403</title>", "found a web page or XML"),
        (b"\n  <?xml version='1.0'?>", "found a web page or XML"),
        (SURGERY.encode("utf-16"), "expected UTF-8, found UTF-16"),
    ],
)
def test_what_is_no_register_is_refused_with_what_it_is(
    tmp_path: Path, content: bytes, found: str
) -> None:
    path = tmp_path / "epraccur.csv"
    path.write_bytes(content)

    with pytest.raises(DeliveryRefused, match=re.escape(found)):
        read_register(path)


@pytest.mark.parametrize("text", ["", "A81001,TPP\n", "a,b\n1,2\n"])
def test_another_file_than_the_register_is_refused_whole(tmp_path: Path, text: str) -> None:
    path = a_register(tmp_path, text)

    with pytest.raises(DeliveryRefused, match=r"epraccur\.csv: expected the 27 fields"):
        read_register(path)


@pytest.mark.parametrize("kept", [2, 12, -9])
def test_a_download_cut_short_is_refused_whole(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "epraccur.csv.gz"
    path.write_bytes(gzip.compress(SURGERY.encode())[:kept])

    with pytest.raises(DeliveryRefused, match="plain or gzipped, found none that opens"):
        read_register(path)


def test_the_published_list_names_two_suppliers() -> None:
    systems = read_systems(DATA / "ods-to-supplier-2019.csv.gz")

    assert Counter(system for _, system in systems.systems) == {
        ClinicalSystem.EMIS_WEB: 4_125,
        ClinicalSystem.SYSTMONE: 2_515,
    }
    assert systems.systems[0] == ("A81001", ClinicalSystem.SYSTMONE)
    assert systems.refused == ()


def test_a_system_goes_by_any_name_it_is_known_by(tmp_path: Path) -> None:
    path = a_list(tmp_path, "\ufeffodscode,SUPPLIER\r\na81001,emis web\r\nA81002,InPS Vision\r\n")

    systems = read_systems(path)

    assert systems.systems == (
        ("A81001", ClinicalSystem.EMIS_WEB),
        ("A81002", ClinicalSystem.VISION),
    )


def test_a_line_of_the_list_that_does_not_say_is_refused_alone(tmp_path: Path) -> None:
    path = a_list(tmp_path, "ODSCode,Supplier\nA81001,ACME\n,TPP\nA81002\nA81003,TPP\n\n")

    systems = read_systems(path)

    assert systems.systems == (("A81003", ClinicalSystem.SYSTMONE),)
    assert systems.refused == (
        RefusedRow(
            "systems.csv", 1, "Supplier", "expected TPP, EMIS, INPS or MICROTEST, found another"
        ),
        RefusedRow(
            "systems.csv", 2, "ODSCode", "expected an ODS code: three to ten letters and digits"
        ),
        RefusedRow("systems.csv", 3, "", "expected ODSCode and Supplier, found 1 field"),
    )


@pytest.mark.parametrize("text", ["", "A81001,TPP\n", "Supplier,ODSCode\nTPP,A81001\n"])
def test_a_list_without_its_header_is_refused_whole(tmp_path: Path, text: str) -> None:
    path = a_list(tmp_path, text)

    with pytest.raises(
        DeliveryRefused, match="expected the header ODSCode,Supplier, found another"
    ):
        read_systems(path)
