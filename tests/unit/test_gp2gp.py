"""A record sent by GP2GP: whose it is, when it was entered, and XML that means harm."""

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Entry, PatientLink, Precision, Route
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Contents, Format, Found
from ledger.readers.gp2gp import read
from tests.files import (
    GP_CONNECT_PRACTICE,
    a_coding,
    a_fhir_observation,
    a_gp2gp_file,
    a_gp2gp_message,
    a_gp2gp_statement,
    a_guid,
)
from tests.nhs_numbers import nhs_number
from tests.unit.memory import KnownMemory, NoMemory

SAMPLES = Path(__file__).parents[1] / "data" / "gp2gp"
NUMBER = nhs_number()
DATED = datetime(2019, 2, 4, 10, 15, tzinfo=UTC)
EMIS = ClinicalSystem.EMIS_WEB
SENDER = KnownMemory(systems={GP_CONNECT_PRACTICE: EMIS})
FILE = f"gp2gp_{GP_CONNECT_PRACTICE}_20190204T101500Z_0001.xml"
CTV3, OWN, SNOMED = (
    "2.16.840.1.113883.2.1.3.2.4.14",
    "2.16.840.1.113883.2.1.6.3",
    "2.16.840.1.113883.2.1.3.2.4.15",
)


def read_file(path: Path, memory: Any = SENDER) -> Contents:
    return read(Found(Format.GP2GP, path, (path,), DATED), memory)


def read_message(folder: Path, memory: Any = SENDER, **told: Any) -> Contents:
    return read_file(a_gp2gp_file(folder, dated=DATED, **told), memory)


def read_one(folder: Path, **told: Any) -> Entry:
    (entry,) = read_message(folder, statements=[a_gp2gp_statement(**told)]).entries
    return entry


def refusal(folder: Path, text: str | bytes, memory: Any = SENDER) -> str:
    path = folder / FILE
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DeliveryRefused) as refused:
        read_file(path, memory)
    return str(refused.value)


# --- what is there


def test_a_statement_of_ours_is_an_entry_of_the_sending_practice(tmp_path: Path) -> None:
    statement = a_gp2gp_statement(snomed="881561000000100")

    contents = read_message(tmp_path, statements=[statement])

    assert contents.entries == (
        Entry(
            practice=GP_CONNECT_PRACTICE,
            clinical_system=EMIS,
            entry_id="gp2gp:00000001-0000-4000-8000-000000000000",
            source_patient=f"gp2gp:{a_guid(901)[1:-1]}",
            purpose=Purpose.TYPE_2,
            statement=Statement.DISSENT,
            code_system=CodeSystem.READ_V2,
            code="9Nu4.",
            also_coded="881561000000100",
            effective_on=date(2017, 3, 1),
            effective_precision=Precision.DAY,
            entered_at=datetime(2017, 3, 1, 10, tzinfo=UTC),
            entered_by=a_guid(501)[1:-1],
            route=Route.GP2GP,
            source=f"{FILE}:1",
        ),
    )
    assert contents.links == (
        PatientLink(
            practice=GP_CONNECT_PRACTICE,
            clinical_system=EMIS,
            source_patient=f"gp2gp:{a_guid(901)[1:-1]}",
            number_as_sent=NUMBER,
            left_out=False,
            born_on=None,
            died_on=None,
            source=f"{FILE}:recordTarget",
            death_untold=True,
        ),
    )
    assert (contents.practices, contents.clinical_system) == ((GP_CONNECT_PRACTICE,), EMIS)
    assert (contents.rows_read, contents.removals, contents.refused) == (1, (), ())


@pytest.mark.parametrize("sample", ["observationstatement.xml", "observation.json"])
def test_the_published_examples_hold_one_statement_and_nothing_of_ours(sample: str) -> None:
    contents = read_file(SAMPLES / sample, NoMemory())

    assert (contents.rows_read, contents.entries, contents.refused) == (1, (), ())
    assert (contents.practices, contents.links) == ((), ())


def test_an_extract_without_its_message_is_read_the_same(tmp_path: Path) -> None:
    message = a_gp2gp_message(statements=[a_gp2gp_statement()])
    start, end = message.index("<EhrExtract"), message.index("</EhrExtract>")
    extract = message[start:end] + "</EhrExtract>"

    contents = read_message(tmp_path, message=extract)

    assert [entry.code for entry in contents.entries] == ["9Nu4."]


@pytest.mark.parametrize(
    ("told", "code_system", "code", "also_coded"),
    [
        ({"code": "9Nu0.00"}, "readv2", "9Nu0.", None),
        ({"code": "XaaVL", "code_system": CTV3}, "ctv3", "XaaVL", None),
        ({"code": "XaaVL", "code_system": OWN}, "ctv3", "XaaVL", None),
        ({"code": "881561000000100", "code_system": SNOMED}, "snomed-ct", "881561000000100", None),
        ({"code": "EMISNQ1", "code_system": OWN, "snomed": "881561000000100"}, "snomed-ct", "881561000000100", None),
        ({"code": "9Nu4", "code_system": "1.2.3", "snomed": "881561000000100"}, "snomed-ct", "881561000000100", None),
        ({"code": "9Nu4.00", "snomed": "881561000000100"}, "readv2", "9Nu4.", "881561000000100"),
    ],
)  # fmt: skip
def test_codes_are_known_by_their_vocabulary(
    tmp_path: Path, told: dict[str, str], code_system: str, code: str, also_coded: str | None
) -> None:
    entry = read_one(tmp_path, **told)

    assert (entry.code_system, entry.code, entry.also_coded) == (code_system, code, also_coded)


# --- times


@pytest.mark.parametrize(
    ("effective", "day", "precision", "partial"),
    [
        ("20100324", date(2010, 3, 24), "day", None),
        ("201003240904", date(2010, 3, 24), "day", None),
        ("20100324090417", date(2010, 3, 24), "day", None),
        # Late in the evening in summer it is the next day at the practice.
        ("20100624233000+0000", date(2010, 6, 25), "day", None),
        ("201003", None, "month", "2010-03"),
        ("2010", None, "year", "2010"),
        ("", None, "missing", None),
        ("20100231", None, "unreadable", None),
        ("201013", None, "unreadable", None),
        ("in March", None, "unreadable", None),
        ("20100324090417+9999", None, "unreadable", None),
    ],
)
def test_an_effective_date_is_read_as_far_as_it_is_known(
    tmp_path: Path, effective: str, day: date | None, precision: str, partial: str | None
) -> None:
    entry = read_one(tmp_path, effective=effective)

    assert (entry.effective_on, entry.effective_precision) == (day, precision)
    assert entry.effective_partial == partial


@pytest.mark.parametrize(
    "time",
    [
        '<effectiveTime><center value="20160203"/></effectiveTime>',
        '<effectiveTime><low value="20160203"/></effectiveTime>',
        '<effectiveTime value="20160203"/>',
    ],
)
def test_the_effective_time_holds_where_it_has_a_value(tmp_path: Path, time: str) -> None:
    statement = a_gp2gp_statement().replace(
        '<effectiveTime><center nullFlavor="NI"/></effectiveTime>', time
    )

    (entry,) = read_message(tmp_path, statements=[statement]).entries

    assert entry.effective_on == date(2016, 2, 3)


def test_it_was_entered_when_its_composition_was_by_the_practices_clock(tmp_path: Path) -> None:
    statements = [a_gp2gp_statement()]

    (entry,) = read_message(tmp_path, statements=statements, entered="20180601100000").entries

    assert entry.entered_at == datetime(2018, 6, 1, 9, tzinfo=UTC)


# --- whose it is


def test_a_record_without_an_nhs_number_waits_for_one(tmp_path: Path) -> None:
    contents = read_message(tmp_path, statements=[a_gp2gp_statement()], number="")

    assert [link.number_as_sent for link in contents.links] == [""]
    assert len(contents.entries) == 1


def test_a_statement_that_stands_alone_is_nobodys(tmp_path: Path) -> None:
    contents = read_message(tmp_path, message=a_gp2gp_statement())

    assert (contents.rows_read, contents.entries) == (1, ())
    assert [(row.row, row.column) for row in contents.refused] == [(1, "EhrExtract")]


def test_statements_of_an_extract_without_a_sender_are_nobodys(tmp_path: Path) -> None:
    statements = [a_gp2gp_statement(1, code="2469.00"), a_gp2gp_statement(2)]
    message = a_gp2gp_message(statements=statements).replace(GP_CONNECT_PRACTICE, "no code!")

    contents = read_message(tmp_path, message=message)

    assert (contents.rows_read, contents.entries) == (2, ())
    assert [(row.row, row.column) for row in contents.refused] == [(2, "EhrExtract")]


def test_an_observation_of_ours_that_stands_alone_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "observation.json"
    told = a_fhir_observation(codings=[a_coding("readv2", "9Nu4.00")])
    path.write_text(json.dumps(told))

    contents = read_file(path)

    assert (contents.rows_read, contents.entries) == (1, ())
    assert [(row.row, row.column) for row in contents.refused] == [(1, "resourceType")]


def test_of_a_sender_whose_system_nobody_told_the_list_is_asked_for(tmp_path: Path) -> None:
    message = a_gp2gp_message(statements=[a_gp2gp_statement()])

    assert "ledger practices import --systems" in refusal(tmp_path, message, NoMemory())


def test_a_message_without_anything_of_ours_needs_no_system(tmp_path: Path) -> None:
    contents = read_message(tmp_path, NoMemory(), statements=[a_gp2gp_statement(code="2469.00")])

    assert (contents.rows_read, contents.practices, contents.links) == (1, (), ())


def test_a_message_of_another_practice_than_its_name_says_is_refused(tmp_path: Path) -> None:
    message = a_gp2gp_message(statements=[a_gp2gp_statement()], practice="X99905")

    assert "expected the practice X99904 as in the file's name" in refusal(tmp_path, message)


# --- rows that cannot be kept


@pytest.mark.parametrize(
    ("was", "becomes", "column"),
    [
        ("00000001-0000-4000-8000-000000000000", "Jane Doe", "id"),
        ("00000001-0000-4000-8000-000000000000", f"r-{NUMBER}", "id"),
        ("00000001-0000-4000-8000-000000000000", "", "id"),
        ('statusCode code="COMPLETE"', 'statusCode code="NULLIFIED"', "statusCode"),
    ],
)
def test_a_row_that_cannot_be_kept_is_refused_by_itself(
    tmp_path: Path, was: str, becomes: str, column: str
) -> None:
    statements = [a_gp2gp_statement(1).replace(was, becomes), a_gp2gp_statement(2)]

    contents = read_message(tmp_path, statements=statements)

    assert [entry.source for entry in contents.entries] == [f"{FILE}:2"]
    assert [(row.file, row.row, row.column) for row in contents.refused] == [(FILE, 1, column)]
    assert "Jane" not in contents.refused[0].reason


def test_of_two_statements_of_one_id_neither_counts(tmp_path: Path) -> None:
    statements = [a_gp2gp_statement(1), a_gp2gp_statement(1, code="9Nu5.00")]

    contents = read_message(tmp_path, statements=statements)

    assert contents.entries == ()
    assert [(row.row, row.column) for row in contents.refused] == [(2, "id")]


# --- XML that is none, or means harm

BOMB = "".join(
    f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' if i else '<!ENTITY l0 "lol">' for i in range(10)
)
DTD = "without a document type or entities"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"<!DOCTYPE EhrExtract [{BOMB}]><EhrExtract>&l9;</EhrExtract>", DTD),
        ('<!DOCTYPE EhrExtract [<!ENTITY x SYSTEM "file:///etc/passwd">]><EhrExtract>&x;</EhrExtract>', DTD),
        ('<!DOCTYPE EhrExtract SYSTEM "http://elsewhere.example/a.dtd"><EhrExtract/>', DTD),
        ("<!DOCTYPE EhrExtract><EhrExtract/>", DTD),
        ("", "a fault in line 1, column 1"),
        ("<EhrExtract><author></EhrExtract>", "a fault in line 1"),
        ("<EhrExtract/>\x00", "a fault in line 1"),
        ("<EhrExtract>&x;</EhrExtract>", "a fault in line 1"),
        (b"<EhrExtract>\xff</EhrExtract>", "a fault in line 1"),
        ('<?xml version="1.0" encoding="klingon"?><EhrExtract/>', "cannot be read"),
        ('<?xml version="1.0" encoding="utf-7"?><EhrExtract/>', "cannot be read"),
        ("<ClinicalDocument><EhrExtract/></ClinicalDocument>", "another element at its root"),
    ],
)  # fmt: skip
def test_what_is_no_sound_message_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    message = refusal(tmp_path, text)

    assert said in message
    assert "passwd" not in message


def test_elements_nested_without_end_do_no_harm(tmp_path: Path) -> None:
    deep = 10_000
    nested = "<component>" * deep + a_gp2gp_statement() + "</component>" * deep
    message = a_gp2gp_message(statements=[nested])

    assert len(read_message(tmp_path, message=message).entries) == 1


def test_a_file_too_large_to_be_a_message_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.readers.gp2gp.MOST_BYTES", 10)
    path = tmp_path / FILE
    shutil.copy(SAMPLES / "observationstatement.xml", path)

    with pytest.raises(DeliveryRefused, match="expected at most 10 bytes"):
        read_file(path)
