"""What reached NHS Digital in one cycle, and whose type 2 was converted (docs/formats.md 8)."""

import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Conversion, Member, RefusedRow
from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.collection import read, read_conversion
from ledger.readers.delivery import CollectionRead, Contents, Format, Found
from tests.unit.memory import NoMemory

HEADER = "CollectionId,PeriodEnd,Supplier,PracticeCode,NHSNumber,CodeSystem,Code,EffectiveDate"
FILE = "collection_2018-06_20180630.csv"


def read_lines(folder: Path, *lines: str, header: str = HEADER, name: str = FILE) -> Contents:
    path = folder / name
    path.write_text("".join(line + "\r\n" for line in (header, *lines)), newline="")
    return read(
        Found(Format.COLLECTION, path, (path,), datetime(2018, 6, 30, tzinfo=UTC)), NoMemory()
    )


def the_collection(contents: Contents) -> CollectionRead:
    assert contents.collection is not None
    return contents.collection


def test_a_collection_tells_who_took_part_and_who_was_carried(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path,
        "2018-06,2018-06-30,TPP,X99901,9990000018,ctv3,XaZ89,2015-04-01",
        "2018-06,2018-06-30,EMIS,X99902,9990000026,readv2,9Nu0.,",
        "2018-06,2018-06-30,EMIS,X99903,,,,",
    )

    collection = the_collection(contents)
    assert collection.collection == "2018-06"
    assert collection.period_end == date(2018, 6, 30)
    assert collection.practices == ("X99901", "X99902", "X99903")
    assert collection.suppliers == ("EMIS", "TPP")
    assert list(collection.members) == [
        Member(
            supplier="TPP",
            practice="X99901",
            nhs_number="9990000018",
            code_system=CodeSystem.CTV3,
            code="XaZ89",
            effective_on=date(2015, 4, 1),
            source=f"{FILE}:1",
        ),
        Member(
            supplier="EMIS",
            practice="X99902",
            nhs_number="9990000026",
            code_system=CodeSystem.READ_V2,
            code="9Nu0.",
            effective_on=None,
            source=f"{FILE}:2",
        ),
    ]
    assert contents.format is Format.COLLECTION
    assert contents.practices == ("X99901", "X99902", "X99903")
    assert contents.rows_read == 3
    assert contents.refused == ()
    assert contents.notes == ()


def test_members_can_be_taken_one_by_one_or_in_slices(tmp_path: Path) -> None:
    members = the_collection(
        read_lines(
            tmp_path,
            "2018-06,2018-06-30,TPP,X99901,9990000018,ctv3,XaZ89,",
            "2018-06,2018-06-30,TPP,X99901,9990000026,ctv3,XaZ89,",
            "2018-06,2018-06-30,TPP,X99902,9990000018,ctv3,XaaVL,",
        )
    ).members

    assert len(members) == 3
    assert (members[0].source, members[-1].source) == (f"{FILE}:1", f"{FILE}:3")
    assert [member.code for member in members[1:]] == ["XaZ89", "XaaVL"]
    with pytest.raises(IndexError):
        members[3]


def test_the_period_includes_its_last_day(tmp_path: Path) -> None:
    contents = read_lines(tmp_path, "2018-06,2018-06-30,TPP,X99901,,,,")

    assert contents.period_end == datetime(2018, 6, 30, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("TPP", "TPP"),
        ("SystmOne", "TPP"),
        ("emis web", "EMIS"),
        ("Cegedim", "INPS"),
        ("Evolution", "MICROTEST"),
        ("Acme Health-2", "ACME HEALTH-2"),
    ],
)
def test_a_supplier_goes_by_any_name_it_is_known_by(
    tmp_path: Path, written: str, meant: str
) -> None:
    contents = read_lines(tmp_path, f"2018-06,2018-06-30,{written},X99901,9990000018,ctv3,XaZ89,")

    assert the_collection(contents).suppliers == (meant,)
    assert [member.supplier for member in the_collection(contents).members] == [meant]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("readv2", CodeSystem.READ_V2),
        ("ReadV2", CodeSystem.READ_V2),
        ("CTV3", CodeSystem.CTV3),
        ("SNOMED-CT", CodeSystem.SNOMED_CT),
    ],
)
def test_a_code_system_is_told_whatever_its_case(
    tmp_path: Path, written: str, meant: CodeSystem
) -> None:
    contents = read_lines(tmp_path, f"2018-06,2018-06-30,TPP,X99901,9990000018,{written},XaZ89,")

    assert [member.code_system for member in the_collection(contents).members] == [meant]


@pytest.mark.parametrize("written", ["999 000 0018", "999-000-0018", " 9990000018 "])
def test_an_nhs_number_is_the_same_with_blanks_or_hyphens(tmp_path: Path, written: str) -> None:
    contents = read_lines(tmp_path, f"2018-06,2018-06-30,TPP,X99901,{written},ctv3,XaZ89,")

    assert [member.nhs_number for member in the_collection(contents).members] == ["9990000018"]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (
            "2018-07,2018-06-30,TPP,X99902,9990000018,ctv3,XaZ89,",
            "CollectionId",
            "expected the collection this file is about, found another",
        ),
        (
            "2018-06,2018-07-31,TPP,X99902,9990000018,ctv3,XaZ89,",
            "PeriodEnd",
            "expected the period end of this collection, found another",
        ),
        (
            "2018-06,2018-06-30,T?P,X99902,9990000018,ctv3,XaZ89,",
            "Supplier",
            "expected at most 40 letters, digits, blanks and hyphens",
        ),
        (
            "2018-06,2018-06-30,,X99902,9990000018,ctv3,XaZ89,",
            "Supplier",
            "expected at most 40 letters, digits, blanks and hyphens",
        ),
        (
            f"2018-06,2018-06-30,{'T' * 41},X99902,9990000018,ctv3,XaZ89,",
            "Supplier",
            "expected at most 40 letters, digits, blanks and hyphens",
        ),
        (
            "2018-06,2018-06-30,TPP,X9,9990000018,ctv3,XaZ89,",
            "PracticeCode",
            "expected an ODS code: three to ten letters and digits",
        ),
        (
            "2018-06,2018-06-30,TPP,X99902,9990000019,ctv3,XaZ89,",
            "NHSNumber",
            "expected ten digits whose last is the Modulus 11 check digit, or nothing",
        ),
        (
            "2018-06,2018-06-30,TPP,X99902,999000001,ctv3,XaZ89,",
            "NHSNumber",
            "expected ten digits whose last is the Modulus 11 check digit, or nothing",
        ),
        (
            "2018-06,2018-06-30,TPP,X99902,9990000018,read,XaZ89,",
            "CodeSystem",
            "expected readv2, ctv3 or snomed-ct",
        ),
        (
            "2018-06,2018-06-30,TPP,X99902,9990000018,ctv3,,",
            "Code",
            "expected a code: at most 18 letters, digits and full stops",
        ),
        (
            "2018-06,2018-06-30,TPP,X99902,9990000018,ctv3,see the letter,",
            "Code",
            "expected a code: at most 18 letters, digits and full stops",
        ),
        (
            "2018-06,2018-06-30,TPP,X99902,9990000018,ctv3,XaZ89,01/04/2015",
            "EffectiveDate",
            "expected a date as yyyy-mm-dd, or nothing",
        ),
    ],
)
def test_a_row_that_cannot_be_a_fact_is_refused_alone(
    tmp_path: Path, line: str, column: str, reason: str
) -> None:
    contents = read_lines(
        tmp_path, "2018-06,2018-06-30,TPP,X99901,9990000018,ctv3,XaZ89,2015-04-01", line
    )

    assert contents.refused == (RefusedRow(FILE, 2, column, reason),)
    assert the_collection(contents).practices == ("X99901",)
    assert len(the_collection(contents).members) == 1
    assert contents.rows_read == 2


def test_the_check_digit_of_many_numbers_is_judged_as_that_of_one(tmp_path: Path) -> None:
    chance = random.Random(11)
    numbers = [f"{chance.randrange(10**10):010}" for _ in range(2_000)]

    contents = read_lines(
        tmp_path, *(f"2018-06,2018-06-30,TPP,X99901,{number},ctv3,XaZ89," for number in numbers)
    )

    kept = [member.nhs_number for member in the_collection(contents).members]
    assert kept == [number for number in numbers if usable_nhs_number(number)]


def test_columns_go_by_their_names_and_an_unknown_one_is_noted(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path,
        "XaZ89,X99901,TPP,2018-06,2018-06-30,9990000018,ctv3,,7",
        header="\ufeffCODE,PracticeCode,Supplier,CollectionId,PeriodEnd,NhsNumber,"
        "CodeSystem,EffectiveDate,Batch",
    )

    assert [member.code for member in the_collection(contents).members] == ["XaZ89"]
    assert len(contents.notes) == 1
    assert "Batch" in contents.notes[0]


def test_a_file_name_that_says_otherwise_is_noted_and_the_rows_hold(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path,
        "2018-06,2018-06-30,TPP,X99901,,,,",
        name="collection_2018-05_20180531.csv",
    )

    assert the_collection(contents).collection == "2018-06"
    assert the_collection(contents).period_end == date(2018, 6, 30)
    file = "collection_2018-05_20180531.csv"
    assert contents.notes == (
        f"{file} is named for collection 2018-05, its rows for 2018-06: the rows hold",
        f"{file} is dated before its period ends, on 2018-06-30",
    )


def test_a_collection_may_be_made_days_after_its_period(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path, "2018-06,2018-06-30,TPP,X99901,,,,", name="collection_2018-06_20180705.csv"
    )

    assert contents.notes == ()


def test_a_file_by_any_other_name_is_a_collection_all_the_same(tmp_path: Path) -> None:
    contents = read_lines(tmp_path, "2018-06,2018-06-30,TPP,X99901,,,,", name="june.csv")

    assert the_collection(contents).collection == "2018-06"
    assert contents.notes == ()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [",2018-06-30,TPP,X99901,,,,"],
        ["2018-06,30/06/2018,TPP,X99901,,,,"],
        ["../2018,2018-06-30,TPP,X99901,,,,"],
    ],
)
def test_a_file_that_names_no_collection_is_refused_whole(tmp_path: Path, lines: list[str]) -> None:
    with pytest.raises(DeliveryRefused, match="expected a row that names the collection"):
        read_lines(tmp_path, *lines)


def test_a_file_without_a_mandatory_column_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="PracticeCode"):
        read_lines(tmp_path, header=HEADER.replace("PracticeCode,", ""))


def read_conversions(folder: Path, *lines: str) -> Contents:
    path = folder / "conversion_2018-10_20181011.csv"
    path.write_text("".join(line + "\n" for line in ("NHSNumber,ConvertedOn,Source", *lines)))
    return read_conversion(
        Found(Format.CONVERSION, path, (path,), datetime(2018, 10, 11, tzinfo=UTC)), NoMemory()
    )


def test_a_conversion_names_a_patient_a_day_and_its_source(tmp_path: Path) -> None:
    contents = read_conversions(tmp_path, "999 000 0018,2018-10-11,mg")

    assert contents.conversions == [
        Conversion("9990000018", date(2018, 10, 11), "MG", "conversion_2018-10_20181011.csv:1")
    ]
    assert contents.format is Format.CONVERSION
    assert contents.period_end == datetime(2018, 10, 11, tzinfo=UTC)
    assert contents.rows_read == 1


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (
            "9990000019,2018-10-11,MG",
            "NHSNumber",
            "expected ten digits whose last is the Modulus 11 check digit",
        ),
        (
            ",2018-10-11,MG",
            "NHSNumber",
            "expected ten digits whose last is the Modulus 11 check digit",
        ),
        ("9990000018,,MG", "ConvertedOn", "expected a date as yyyy-mm-dd"),
        ("9990000018,2018-10-32,MG", "ConvertedOn", "expected a date as yyyy-mm-dd"),
        ("9990000018,2018-10-11,OPT-OUT", "Source", "expected MG"),
    ],
)
def test_a_conversion_that_cannot_be_a_fact_is_refused_alone(
    tmp_path: Path, line: str, column: str, reason: str
) -> None:
    contents = read_conversions(tmp_path, line, "9990000018,2018-10-11,MG")

    assert len(contents.conversions) == 1
    assert contents.refused == (RefusedRow("conversion_2018-10_20181011.csv", 1, column, reason),)
