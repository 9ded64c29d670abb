"""Does a finding explain itself to those whom it concerns, and to nobody else?"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from tests.api.conftest import ANNA, OURS, Headers, an_objection
from tests.files import a_systmone_delivery, a_systmone_entry, a_systmone_patient, found_in


@pytest.fixture
def a_conflict(client: TestClient, ledger: Ledger, controller: Headers) -> dict[str, Any]:
    """The finding about a patient who objects and does not on one day (CO01)."""
    for statement in ("dissent", "withdrawal"):
        told = an_objection(statement=statement, code_system="ctv3", entry_id=statement)
        client.post("/objections", json=told, headers=controller)
    ledger.catch_up()
    listed = client.get(f"/practices/{OURS}/findings?rule=CO01", headers=controller).json()
    finding: dict[str, Any] = listed["findings"][0]
    return finding


def test_a_finding_says_what_closes_it_and_what_it_means_meanwhile(
    client: TestClient, controller: Headers, a_conflict: dict[str, Any]
) -> None:
    told = client.get(f"/findings/{a_conflict['id']}", headers=controller).json()

    assert {name: told[name] for name in a_conflict} == a_conflict
    assert told["closes_when"] == (
        "It closes by itself when the patient's answer is coded with a later date, or when one of "
        "the two entries is removed or gets another date."
    )
    assert told["meanwhile"] == (
        "The patient's wish is upheld: they count as objecting until this is settled."
    )
    assert told["policy"] == "precedence-1"


def test_what_is_no_longer_open_means_nothing_meanwhile(
    client: TestClient, controller: Headers, a_conflict: dict[str, Any]
) -> None:
    path = f"/practices/{OURS}/findings/{a_conflict['id']}/dismissal"
    dismissed = client.post(path, json={"reason": "a slip"}, headers=controller)

    assert dismissed.json()["meanwhile"] is None
    assert dismissed.json()["closes_when"] == a_conflict["closes_when"]


def test_a_finding_is_explained_as_it_stood_then(
    client: TestClient, controller: Headers, a_conflict: dict[str, Any]
) -> None:
    path = f"/findings/{a_conflict['id']}"
    found_at = a_conflict["positions"][-1]
    dismissal = f"/practices/{OURS}{path}/dismissal"
    assert client.post(dismissal, json={"reason": "a slip"}, headers=controller).is_success

    now = client.get(path, headers=controller).json()
    then = client.get(path, params={"known_at": found_at}, headers=controller).json()
    before = client.get(path, params={"known_at": found_at - 1}, headers=controller)

    assert (now["state"], then["state"]) == ("dismissed", "open")
    assert (then["position"], len(then["evidence"])) == (found_at, 2)
    assert (before.status_code, before.json()["type"]) == (404, "/problems/unknown-thing")


def test_each_event_of_the_evidence_says_what_it_said_and_when(
    client: TestClient, controller: Headers, a_conflict: dict[str, Any]
) -> None:
    told = client.get(f"/findings/{a_conflict['id']}", headers=controller).json()

    dissent, withdrawal = told["evidence"]
    assert [dissent["position"], withdrawal["position"]] == a_conflict["positions"]
    assert dissent["event"] == "entry-recorded"
    assert dissent["said"] == f"Type 1 dissent recorded at {OURS}"
    assert withdrawal["said"] == f"Type 1 withdrawal recorded at {OURS}"
    assert (dissent["practice"], dissent["code_system"]) == (OURS, "ctv3")
    assert dissent["effective_on"] == withdrawal["effective_on"]
    # What was told directly came in no delivery.
    assert (dissent["delivery"], dissent["file"], dissent["row"]) == (None, None, None)
    assert ANNA not in str(told["evidence"])


def test_what_came_in_a_delivery_names_its_file_and_row(
    client: TestClient, ledger: Ledger, controller: Headers, tmp_path: Path
) -> None:
    entries = [a_systmone_entry(code="XaZ89"), a_systmone_entry(2, code="xaz89")]
    ends = datetime(2018, 3, 30, 22, tzinfo=UTC)
    path = a_systmone_delivery(
        tmp_path, ends=ends, entries=entries, patients=[a_systmone_patient(number=ANNA)]
    )
    [found] = found_in(path)
    taken = ledger.ingest(found)
    ledger.catch_up()
    [mistyped] = ledger.findings(rule="CO07")

    told = client.get(f"/findings/{mistyped.id}", headers=controller).json()

    [entry] = told["evidence"]
    assert (entry["file"], entry["row"]) == ("SRCode.csv", 2)
    assert (entry["delivery"], entry["delivery_path"]) == (taken.id, path.name)
    assert entry["code"] == "xaz89"


def test_another_practices_finding_is_as_unknown_as_one_there_is_not(
    client: TestClient, stranger: Headers, a_conflict: dict[str, Any]
) -> None:
    theirs = client.get(f"/findings/{a_conflict['id']}", headers=stranger)
    none = client.get("/findings/none", headers=stranger)

    assert theirs.status_code == none.status_code == 404
    # But for the path that was asked, nothing tells the two apart.
    assert theirs.json() | {"instance": ""} == none.json() | {"instance": ""}


def test_an_auditor_reads_any_finding(
    client: TestClient, auditor: Headers, a_conflict: dict[str, Any]
) -> None:
    told = client.get(f"/findings/{a_conflict['id']}", headers=auditor).json()

    assert told["nhs_number"] == a_conflict["nhs_number"]
    assert len(told["evidence"]) == 2


@pytest.mark.parametrize("role", ["extract", "system"])
def test_others_may_not_ask(
    client: TestClient, request: pytest.FixtureRequest, role: str, a_conflict: dict[str, Any]
) -> None:
    headers: Headers = request.getfixturevalue(role)

    assert client.get(f"/findings/{a_conflict['id']}", headers=headers).status_code == 403
    assert client.get("/findings/none", headers=headers).status_code == 403
