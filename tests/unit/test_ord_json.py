"""What ODS's API answers about organisations, whole and with faults.

The answers are made up; their shape is the published one (docs/formats.md 6.2).
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.entries import RefusedRow
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.organisations import Organisation, Register, Succeeded, read_register
from tests.registers import a_succession, a_summary, an_answer, an_organisation


def read(folder: Path, told: Any) -> Register:
    path = folder / "ord.json"
    path.write_text(told if isinstance(told, str) else json.dumps(told), encoding="utf-8")
    return read_register(path)


CLOSED = an_answer(
    "X99901",
    name="MARLOW SURGERY",
    ended="2018-03-31",
    commissioner="99X",
    successions=[a_succession("Successor", "X99902", "2018-04-01")],
)


def test_an_answer_about_one_organisation(tmp_path: Path) -> None:
    register = read(tmp_path, CLOSED)

    assert register.organisations == (
        Organisation(
            code="X99901",
            name="MARLOW SURGERY",
            status="closed",
            gp_practice=True,
            postcode="ZZ99 3CZ",
            commissioner="99X",
            opened_on=date(1974, 4, 1),
            closed_on=date(2018, 3, 31),
            row=1,
        ),
    )
    assert register.successions == (
        Succeeded("X99901", "X99902", date(2018, 4, 1), told_by="X99901", row=1),
    )
    assert register.speakers == {"X99901"}
    assert register.refused == ()


def test_the_successors_answer_names_its_predecessor(tmp_path: Path) -> None:
    told = an_answer("X99902", successions=[a_succession("Predecessor", "X99901", "2018-04-01")])

    register = read(tmp_path, told)

    assert register.successions == (
        Succeeded("X99901", "X99902", date(2018, 4, 1), told_by="X99902", row=1),
    )


def several() -> list[dict[str, Any]]:
    return [CLOSED, an_answer("X99902"), an_answer("X99903")]


@pytest.mark.parametrize(
    "written",
    [
        json.dumps(several()),
        json.dumps({"Organisations": several()}),
        json.dumps([answer["Organisation"] for answer in several()]),
        "\n".join(json.dumps(answer) for answer in several()) + "\n",
        "\ufeff" + json.dumps(several(), indent=2),
    ],
    ids=["a list", "under one name", "without their name", "one a line", "with a mark"],
)
def test_several_answers_stand_in_one_file(tmp_path: Path, written: str) -> None:
    register = read(tmp_path, written)

    assert [line.code for line in register.organisations] == ["X99901", "X99902", "X99903"]
    assert [line.row for line in register.organisations] == [1, 2, 3]


def test_a_search_answers_with_summaries(tmp_path: Path) -> None:
    register = read(tmp_path, {"Organisations": [a_summary("X99901", status="Inactive")]})

    [line] = register.organisations
    assert (line.name, line.status, line.postcode, line.whole) == (
        "A SURGERY",
        "closed",
        "ZZ99 3CZ",
        False,
    )
    assert register.speakers == frozenset()


def test_one_thing_may_stand_without_the_brackets_of_a_list(tmp_path: Path) -> None:
    told = an_organisation("X99901")
    told["Date"] = told["Date"][0]
    told["Roles"]["Role"] = told["Roles"]["Role"][1]
    told["Succs"] = {"Succ": a_succession("Successor", "X99902", "2018-04-01")}

    register = read(tmp_path, {"Organisation": told})

    assert register.organisations[0].gp_practice
    assert register.organisations[0].opened_on == date(1974, 4, 1)
    assert len(register.successions) == 1


def test_sections_that_say_nothing_are_left_out(tmp_path: Path) -> None:
    bare = {"OrgId": {"extension": "x99901"}, "Name": "A SURGERY", "Status": "Active"}

    [line] = read(tmp_path, {"Organisation": bare}).organisations

    assert (line.code, line.gp_practice, line.postcode) == ("X99901", False, None)
    assert (line.opened_on, line.closed_on, line.commissioner) == (None, None, None)


@pytest.mark.parametrize(
    ("roles", "status", "is_one"),
    [
        ([("RO177", "Active"), ("RO76", "Active")], "Active", True),
        ([("RO177", "Active")], "Active", False),
        ([("RO177", "Active"), ("RO76", "Inactive")], "Active", False),
        ([("RO177", "Inactive"), ("RO76", "Inactive")], "Inactive", True),
    ],
    ids=["both roles", "prescribing cost centre", "a GP practice once", "closed"],
)
def test_a_gp_practice_has_that_role(
    tmp_path: Path, roles: list[tuple[str, str]], status: str, is_one: bool
) -> None:
    told = an_organisation("X99901") | {
        "Status": status,
        "Roles": {"Role": [{"id": role, "Status": word} for role, word in roles]},
    }

    assert read(tmp_path, {"Organisation": told}).organisations[0].gp_practice is is_one


def test_the_commissioner_is_the_active_one(tmp_path: Path) -> None:
    told = an_organisation("X99901")
    told["Rels"] = {
        "Rel": [
            _rel("RE4", "98X", "Inactive", "2020-01-01"),
            _rel("RE4", "99X", "Active", "2013-04-01"),
            _rel("RE6", "97X", "Active", "2021-01-01"),
        ]
    }

    assert read(tmp_path, {"Organisation": told}).organisations[0].commissioner == "99X"


def _rel(kind: str, target: str, status: str, start: str) -> dict[str, Any]:
    return {
        "id": kind,
        "Status": status,
        "Date": [{"Type": "Operational", "Start": start}],
        "Target": {"OrgId": {"extension": target}},
    }


def test_operational_dates_come_before_legal_ones(tmp_path: Path) -> None:
    told = an_organisation("X99901") | {
        "Status": "Inactive",
        "Date": [
            {"Type": "Legal", "Start": "2013-04-01", "End": "2018-06-30"},
            {"Type": "Operational", "Start": "2013-01-21", "End": "2018-03-31"},
        ],
    }

    [line] = read(tmp_path, {"Organisation": told}).organisations

    assert (line.opened_on, line.closed_on) == (date(2013, 1, 21), date(2018, 3, 31))


@pytest.mark.parametrize(
    ("wrong", "column", "reason"),
    [
        ({"Status": "Asleep"}, "Status", "Input should be 'Active' or 'Inactive'"),
        ({"Name": 7}, "Name", "Input should be a valid string"),
        ({"Name": "X" * 201}, "Name", "expected at most 200 characters"),
        (
            {"Name": "A \ud800 SURGERY"},
            "Name",
            "expected text, found a control character (a NUL byte, for one)",
        ),
        (
            {"OrgId": {"extension": "no code"}},
            "OrgId",
            "expected an ODS code: three to ten letters and digits",
        ),
        (
            {"Date": [{"Type": "Operational", "Start": "19740401"}]},
            "Date.0.Start",
            "expected a date as yyyy-mm-dd",
        ),
        (
            {"Date": [{"Type": "Operational", "Start": "1974-02-30"}]},
            "Date.0.Start",
            "day is out of range for month",
        ),
        (
            {"Succs": {"Succ": [a_succession("Neighbour", "X99902", "2018-04-01")]}},
            "Succs.Succ.0.Type",
            "Input should be 'Predecessor' or 'Successor'",
        ),
        (
            {"Succs": {"Succ": [a_succession("Successor", "X99901", "2018-04-01")]}},
            "Succs.Succ.Target.OrgId",
            "expected another organisation, found itself",
        ),
        (
            {"Succs": {"Succ": [a_succession("Successor", "X99902", None)]}},
            "Succs.Succ.Date",
            "expected the day of the succession, found none",
        ),
    ],
)
def test_an_answer_that_cannot_be_a_fact_is_refused_alone(
    tmp_path: Path, wrong: dict[str, Any], column: str, reason: str
) -> None:
    told = [an_answer("X99902"), {"Organisation": an_organisation("X99901") | wrong}]

    register = read(tmp_path, told)

    assert [line.code for line in register.organisations] == ["X99902"]
    assert register.refused == (RefusedRow("ord.json", 2, column, reason),)


@pytest.mark.parametrize("stranger", [7, None, "X99901", {}, {"Organisation": None}])
def test_what_is_no_answer_is_refused_alone(tmp_path: Path, stranger: Any) -> None:
    register = read(tmp_path, [an_answer("X99902"), stranger])

    assert len(register.organisations) == 1
    assert len(register.refused) == 1


def test_a_line_that_is_no_json_is_refused_alone(tmp_path: Path) -> None:
    lines = [json.dumps(an_answer("X99901")), '{"Organisation": {', json.dumps(an_answer("X99903"))]

    register = read(tmp_path, "\n".join(lines))

    assert [line.code for line in register.organisations] == ["X99901", "X99903"]
    assert [row.row for row in register.refused] == [2]


def test_of_two_answers_about_one_organisation_the_last_holds_whole(tmp_path: Path) -> None:
    register = read(tmp_path, [CLOSED, an_answer("X99901")])

    assert [line.status for line in register.organisations] == ["active"]
    assert register.successions == ()
    assert [row.row for row in register.refused] == [1]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ('{"Organisation": {"Name": ', "found no JSON: it cannot be read from line 1, column 27"),
        ("[" * 10_000 + "]" * 10_000, "found JSON nested too deeply"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "found JSON nested too deeply"),
        ('{"resourceType": "Bundle", "entry": []}', "found FHIR: ask the ORD API instead"),
        ('{"errorCode": 404, "errorText": "Not found"}', "an organisation with an OrgId"),
        ("[]", "found none"),
        ('{"Organisations": []}', "found none"),
        ("[" + "9" * 5_000 + "]", "a number in it is too long"),
    ],
    ids=["cut short", "deep list", "deep object", "FHIR", "an error", "empty", "no hits", "number"],
)
def test_another_file_is_refused_whole_with_what_it_is(
    tmp_path: Path, written: str, found: str
) -> None:
    with pytest.raises(DeliveryRefused, match="ORD API") as refusal:
        read(tmp_path, written)

    assert found in str(refusal.value)
