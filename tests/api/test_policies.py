"""Are policies told, and compared only by whoever may?"""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from tests.api.conftest import ANNA, OURS, Headers, an_objection

QUESTION = {"a": "precedence-1", "b": "wsic-2020", "purpose": "type-1", "at": "2018-06-01"}


@pytest.fixture
def with_an_objection(client: TestClient, ledger: Ledger, controller: Headers) -> TestClient:
    """Anna objects in SNOMED CT, which one of the policies does not read."""
    client.post("/objections", json=an_objection(), headers=controller)
    ledger.catch_up()
    return client


def test_every_policy_is_told_to_whoever_has_a_token(
    unchanged: TestClient, extract: Headers
) -> None:
    told = unchanged.get("/policies", headers=extract).json()

    by_name = {policy["name"]: policy for policy in told["policies"]}
    assert by_name["precedence-1"]["active"]
    assert by_name["ncl-2025"]["undated"] == "dropped"
    assert by_name["ncl-2025"]["sources"] == ["D22"]
    assert told["policy"] == "precedence-1"


def test_an_auditor_is_told_how_many_and_asks_who(
    with_an_objection: TestClient, auditor: Headers
) -> None:
    counted = with_an_objection.get("/policies/compare", params=QUESTION, headers=auditor)
    who = with_an_objection.post("/policies/compare/patients", json=QUESTION, headers=auditor)

    assert counted.json()["comparison"]["practices"] == [
        {"practice": OURS, "a": "objecting", "b": "not-objecting", "patients": 1}
    ]
    assert ANNA not in counted.text
    [one] = who.json()["patients"]
    assert (one["nhs_number"], one["a_rule"], one["b_rule"]) == (
        ANNA,
        "latest-effective",
        "no-entry",
    )


@pytest.mark.parametrize("role", ["controller", "extract", "system"])
def test_nobody_else_compares(unchanged: TestClient, as_: Any, role: str) -> None:
    headers = as_(role, OURS)
    counted = unchanged.get("/policies/compare", params=QUESTION, headers=headers)
    who = unchanged.post("/policies/compare/patients", json=QUESTION, headers=headers)

    assert (counted.status_code, who.status_code) == (403, 403)


def test_a_policy_nobody_knows_is_told_and_not_repeated(
    unchanged: TestClient, auditor: Headers
) -> None:
    asked = QUESTION | {"b": "kindness"}
    answer = unchanged.get("/policies/compare", params=asked, headers=auditor)

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-policy")
    assert "kindness" not in answer.json()["detail"]


def test_a_policy_is_not_compared_in_what_its_service_never_answered(
    unchanged: TestClient, auditor: Headers
) -> None:
    asked = QUESTION | {"purpose": "scr"}
    answer = unchanged.get("/policies/compare", params=asked, headers=auditor)

    assert answer.status_code == 422
    assert "answers for type-1 and type-2 alone" in answer.json()["detail"]


def test_what_the_ledger_does_not_hold_yet_is_not_compared(
    unchanged: TestClient, auditor: Headers
) -> None:
    asked = QUESTION | {"known_at": 1_000_000}

    for answer in (
        unchanged.get("/policies/compare", params=asked, headers=auditor),
        unchanged.post("/policies/compare/patients", json=asked, headers=auditor),
    ):
        assert answer.status_code == 422
        assert "the ledger ends at position" in answer.json()["detail"]
