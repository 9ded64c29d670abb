"""Is the status told to whom it may be told, and refused exactly?"""

import base64
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.application.receipts import Receipts
from ledger.store.append import NewEvent, import_events
from ledger.store.identities import find_patients
from tests.api.conftest import ANNA, OURS, Headers, a_question, an_objection
from tests.nhs_numbers import nhs_number, nhs_numbers


def test_a_status_comes_with_its_reason_and_the_point_it_speaks_of(
    client: TestClient, controller: Headers, extract: Headers
) -> None:
    kept = client.post("/objections", json=an_objection(), headers=controller)
    other = nhs_number(2)

    answer = client.post("/status", json=a_question(other, ANNA), headers=extract)

    told = answer.json()
    assert answer.status_code == 200
    assert [(s["nhs_number"], s["status"]) for s in told["statuses"]] == [
        (other, "not-objecting"),
        (ANNA, "objecting"),
    ]
    assert told["statuses"][1]["because"] == {
        "position": kept.json()["position"],
        "practice": OURS,
        "effective_on": "2018-05-01",
        "entered_at": "2018-05-01T09:00:00Z",
        "code": "827241000000103",
        "code_system": "snomed-ct",
        "rule": "latest-effective",
    }
    assert told["policy"] == "precedence-1"
    assert told["position"] == kept.json()["position"]
    assert told["known_at"].endswith("Z")
    assert answer.headers["Ledger-Position"] == str(told["position"])
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_past_is_asked_by_position_and_by_time(
    client: TestClient, controller: Headers, auditor: Headers
) -> None:
    kept = client.post("/objections", json=an_objection(), headers=controller).json()

    by_position = client.post(
        "/status", json=a_question(known_at=kept["position"] - 1), headers=auditor
    )
    by_time = client.post(
        "/status", json=a_question(known_at="2014-01-01T00:00:00+00:00"), headers=auditor
    )

    assert by_position.json()["statuses"][0]["status"] == "not-objecting"
    assert by_position.headers["Ledger-Position"] == str(kept["position"] - 1)
    assert by_time.json()["position"] == 0
    assert by_time.json()["known_at"] == "2014-01-01T00:00:00Z"


def test_a_number_may_be_written_in_groups(unchanged: TestClient, extract: Headers) -> None:
    written = f"{ANNA[:3]} {ANNA[3:6]}-{ANNA[6:]}"

    answer = unchanged.post("/status", json=a_question(written), headers=extract)

    assert answer.json()["statuses"][0]["nhs_number"] == ANNA


def test_evidence_that_is_too_old_tells_nothing(unchanged: TestClient, extract: Headers) -> None:
    asked = a_question(practice=OURS.lower(), max_age=30)

    answer = unchanged.post("/status", json=asked, headers=extract)

    assert answer.json()["statuses"][0]["status"] == "cannot-tell"


def test_a_controller_asks_about_their_own_patients_only(
    client: TestClient, controller: Headers, stranger: Headers
) -> None:
    client.post("/objections", json=an_objection(), headers=controller)

    own = client.post("/status", json=a_question(), headers=controller)
    others = client.post("/status", json=a_question(), headers=stranger)

    assert own.status_code == 200
    assert others.status_code == 403
    assert others.json()["type"] == "/problems/not-allowed"
    assert "objecting" not in others.text


def test_a_thousand_numbers_are_answered_and_one_more_is_not(
    unchanged: TestClient, extract: Headers
) -> None:
    numbers = nhs_numbers(1_001)

    enough = unchanged.post("/status", json=a_question(*numbers[:1_000]), headers=extract)
    too_many = unchanged.post("/status", json=a_question(*numbers), headers=extract)

    assert len(enough.json()["statuses"]) == 1_000
    assert too_many.status_code == 422


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"nhs_numbers": []}, "body/nhs_numbers"),
        ({"nhs_numbers": ["9990000000"]}, "body/nhs_numbers/0"),
        ({"nhs_numbers": [ANNA, 9990000018]}, "body/nhs_numbers/1"),
        ({"purpose": "research"}, "body/purpose"),
        ({"at": 0}, "body/at"),
        ({"at": "0"}, "body/at"),
        ({"at": "20180525"}, "body/at"),
        ({"at": "2018-05-25T00:00:00Z"}, "body/at"),
        ({"at": "9999-12-31"}, "body/at"),
        ({"at": "2018-02-30"}, "body/at"),
        ({"known_at": "2018-02-30"}, "body/known_at/"),
        ({"known_at": "yesterday"}, "body/known_at/"),
        ({"known_at": "2018-05-25T09:00:00"}, "body/known_at/"),
        ({"known_at": "0001-01-01T00:00:00+14:00"}, "body/known_at/"),
        ({"known_at": -1}, "body/known_at/"),
        ({"known_at": True}, "body/known_at/"),
        ({"known_at": 2**63}, "body/known_at/"),
        ({"policy": "a\0b"}, "body/policy"),
        ({"practice": "X 1"}, "body/practice"),
        ({"practice": OURS, "max_age": "30"}, "body/max_age"),
        ({"practice": OURS, "max_age": 1.5}, "body/max_age"),
        ({"max_age": 30}, "body"),
        ({"surname": "Smith"}, "body/…"),
    ],
)
def test_a_question_is_exact(
    unchanged: TestClient, extract: Headers, told: dict[str, Any], where: str
) -> None:
    answer = unchanged.post("/status", json=a_question() | told, headers=extract)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/invalid-request"
    assert answer.json()["errors"][0]["where"].startswith(where)


def test_what_the_ledger_does_not_hold_yet_cannot_be_asked(
    unchanged: TestClient, extract: Headers
) -> None:
    answer = unchanged.post("/status", json=a_question(known_at=1_000), headers=extract)

    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/past-the-end"
    assert "the ledger ends at position" in answer.json()["detail"]
    for to_come in ("2200-01-01", "2200-01-01T00:00:00Z"):
        answer = unchanged.post("/status", json=a_question(known_at=to_come), headers=extract)
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/in-the-future"


def test_a_policy_nobody_knows_is_told(unchanged: TestClient, extract: Headers) -> None:
    answer = unchanged.post("/status", json=a_question(policy="kindness"), headers=extract)

    assert answer.status_code == 404
    assert answer.json()["type"] == "/problems/unknown-policy"
    assert "precedence-1, " in answer.json()["detail"]
    assert "kindness" not in answer.text


def test_only_an_auditor_asks_by_a_policy_that_no_live_service_answers_by(
    unchanged: TestClient, extract: Headers, controller: Headers, auditor: Headers
) -> None:
    asked = a_question(policy="ncl-2025")

    told = unchanged.post("/status", json=asked, headers=auditor)
    for headers in (extract, controller):
        answer = unchanged.post("/status", json=asked, headers=headers)

        assert answer.status_code == 403
        assert "leave the policy out" in answer.json()["detail"]
    assert (told.status_code, told.json()["policy"]) == (200, "ncl-2025")


def test_an_auditor_is_told_what_another_service_would_have_answered(
    client: TestClient, controller: Headers, auditor: Headers
) -> None:
    undated = an_objection(effective_on=None)
    client.post("/objections", json=undated, headers=controller)

    by_name = {
        name: client.post("/status", json=a_question(policy=name), headers=auditor).json()
        for name in ("precedence-1", "wsic-2020", "opensafely-allow-list")
    }

    told = {name: answer["statuses"][0] for name, answer in by_name.items()}
    assert {name: (one["status"], one["policy"]) for name, one in told.items()} == {
        "precedence-1": ("objecting", "precedence-1"),
        "wsic-2020": ("not-objecting", "wsic-2020"),
        "opensafely-allow-list": ("objecting", "opensafely-allow-list"),
    }


def test_of_a_number_never_heard_of_only_a_list_of_the_allowed_cannot_tell(
    unchanged: TestClient, auditor: Headers
) -> None:
    asked = a_question("9990000204", policy="opensafely-allow-list")
    answer = unchanged.post("/status", json=asked, headers=auditor)

    [told] = answer.json()["statuses"]
    assert (told["status"], told["rule"]) == ("cannot-tell", "not-registered")


def test_an_answer_comes_with_a_receipt_that_is_checked_later(
    client: TestClient, ledger: Ledger, controller: Headers, extract: Headers
) -> None:
    kept = client.post("/objections", json=an_objection(), headers=controller).json()
    other = nhs_number(2)

    answer = client.post("/status", json=a_question(other, ANNA, receipt=True), headers=extract)
    client.post("/objections", json=an_objection(nhs_number=other), headers=controller)

    told = answer.json()
    receipt = told["receipt"]
    assert receipt["answer"]["statuses"] == told["statuses"]
    assert [proved["position"] for proved in receipt["evidence"]] == [kept["position"]]
    checked = Receipts(ledger, client.app.state.seal).check(json.dumps(receipt))  # type: ignore[attr-defined]
    assert (checked.same, checked.rows) == (True, 2)


def test_a_receipt_names_no_random_id(
    client: TestClient, engine: Engine, controller: Headers, extract: Headers
) -> None:
    client.post("/objections", json=an_objection(), headers=controller)

    answer = client.post("/status", json=a_question(receipt=True), headers=extract)

    with engine.connect() as connection:
        [patient] = find_patients(connection, [ANNA]).values()
    receipt = json.dumps(answer.json()["receipt"])
    assert ANNA in receipt
    assert str(patient) not in receipt
    assert base64.b64encode(str(patient).encode()).decode()[:40] not in receipt


def test_who_asks_for_no_receipt_gets_none(unchanged: TestClient, extract: Headers) -> None:
    answer = unchanged.post("/status", json=a_question(), headers=extract)

    assert answer.json()["receipt"] is None


def test_a_receipt_waits_for_no_table_that_is_behind(
    client: TestClient, engine: Engine, extract: Headers
) -> None:
    with engine.begin() as connection:
        # What the statements have not seen yet.
        import_events(connection, [NewEvent("s", 1, "never-heard-of", b"{}")])

    answer = client.post("/status", json=a_question(receipt=True), headers=extract)

    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/not-yet"
    assert answer.headers["Retry-After"] == "5"


def test_a_system_may_not_ask_for_a_status(unchanged: TestClient, as_: Any) -> None:
    answer = unchanged.post("/status", json=a_question(), headers=as_("system", OURS))

    assert answer.status_code == 403
