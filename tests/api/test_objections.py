"""Is an objection recorded once, in full, and only by who acts for the practice?"""

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from tests.api.conftest import ANNA, SYSTEM, Headers, an_objection


def test_an_objection_is_recorded_and_its_position_told(
    client: TestClient, ledger: Ledger, system: Headers
) -> None:
    answer = client.post("/objections", json=an_objection(), headers=system)

    kept = ledger.events(after=answer.json()["position"] - 1)[0]
    assert answer.status_code == 201
    assert answer.headers["Ledger-Position"] == str(kept.position)
    assert kept.topic == "entry-recorded"
    assert kept.state["route"] == "api"
    assert kept.state["clinical_system"] == "systmone"
    assert kept.state["entry_id"] == answer.json()["entry_id"]
    assert kept.state["by"] == SYSTEM


def test_the_same_entry_again_adds_nothing(client: TestClient, controller: Headers) -> None:
    told = an_objection(entry_id="e-1")

    first = client.post("/objections", json=told, headers=controller)
    again = client.post("/objections", json=told, headers=controller)

    assert first.status_code == 201
    assert (again.status_code, again.json()) == (200, {"position": None, "entry_id": "e-1"})
    assert again.headers["Ledger-Position"] == first.headers["Ledger-Position"]


def test_the_same_entry_again_adds_nothing_though_its_time_was_left_out(
    client: TestClient, controller: Headers
) -> None:
    told = an_objection(entry_id="e-1")
    del told["entered_at"]

    first = client.post("/objections", json=told, headers=controller)
    again = client.post("/objections", json=told, headers=controller)

    assert (first.status_code, again.status_code) == (201, 200)


def test_an_entry_without_a_time_is_entered_now(
    client: TestClient, ledger: Ledger, controller: Headers
) -> None:
    told = an_objection()
    del told["entered_at"], told["effective_on"]
    before = datetime.now(UTC)

    answer = client.post("/objections", json=told, headers=controller)

    kept = ledger.events(after=answer.json()["position"] - 1)[0]
    assert before <= datetime.fromisoformat(str(kept.state["entered_at"])) <= datetime.now(UTC)
    assert kept.state["effective_precision"] == "day"
    assert kept.state["effective_on"] == kept.state["entered_at"][:10]


@pytest.mark.parametrize(
    ("told", "code", "near"),
    [
        ({"code_system": "ctv3"}, "XaZ89", False),
        ({"code": "XaZ89"}, "XaZ89", False),
        ({"code": "xaz89"}, "xaz89", True),
        ({"statement": "withdrawal"}, "827261000000102", False),
        ({"purpose": "type-2", "code_system": "readv2"}, "9Nu4.", False),
    ],
)
def test_the_code_is_the_one_sent_or_else_the_tables(
    client: TestClient,
    ledger: Ledger,
    controller: Headers,
    told: dict[str, Any],
    code: str,
    near: bool,
) -> None:
    answer = client.post("/objections", json=an_objection(**told), headers=controller)

    kept = ledger.events(after=answer.json()["position"] - 1)[0]
    assert (kept.state["code"], kept.state["near"]) == (code, near)


@pytest.mark.parametrize(
    "told",
    [
        {"nhs_number": "9990000000"},
        {"nhs_number": ""},
        {"purpose": "scr"},
        {"statement": "maybe"},
        {"code": "9Nd1."},
        {"code": "9Nu1."},
        {"code": "XaZ89", "code_system": "readv2"},
        {"effective_on": 0},
        {"entered_at": "2018-05-01"},
        {"entry_id": ""},
        {"entry_id": "a\0b"},
        {"entry_id": f"patient-{ANNA}"},
        {"route": "delivery"},
    ],
)
def test_what_cannot_be_an_entry_is_told_at_once(
    client: TestClient, ledger: Ledger, controller: Headers, told: dict[str, Any]
) -> None:
    before = ledger.known().position

    answer = client.post("/objections", json=an_objection(**told), headers=controller)

    assert answer.status_code == 422
    assert ledger.known().position == before


def test_a_practice_whose_system_is_not_known_names_it(client: TestClient, as_: Any) -> None:
    headers = as_("controller", "X99903")
    told = an_objection(practice="X99903")

    without = client.post("/objections", json=told, headers=headers)
    named = client.post("/objections", json=told | {"clinical_system": "vision"}, headers=headers)

    assert (without.status_code, named.status_code) == (422, 201)
    assert "clinical_system" in without.json()["detail"]


def test_nobody_records_for_another_practice(
    unchanged: TestClient, stranger: Headers, auditor: Headers
) -> None:
    answers = [
        unchanged.post("/objections", json=an_objection(), headers=headers)
        for headers in (stranger, auditor)
    ]

    assert [answer.status_code for answer in answers] == [403, 403]
