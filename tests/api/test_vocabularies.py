"""Is it told in which vocabulary practices enter objections, to whoever may know?"""

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from tests.api.conftest import OURS, THEIRS, Headers, an_objection


def test_a_practice_is_told_what_it_still_enters_and_an_auditor_of_all(
    client: TestClient, ledger: Ledger, controller: Headers, auditor: Headers
) -> None:
    client.post("/objections", json=an_objection(code_system="ctv3"), headers=controller)
    ledger.catch_up()

    own = client.get(f"/practices/{OURS}/vocabularies", headers=controller)
    all_ = client.get("/vocabularies?system=systmone&since=2018-05-01", headers=auditor)

    line = {
        "clinical_system": "systmone",
        "purpose": "type-1",
        "month": "2018-05-01",
        "readv2": 0,
        "ctv3": 1,
        "snomed_ct": 0,
        "also_snomed_ct": 0,
        "share_snomed_ct": 0.0,
    }
    still = {
        "practice": OURS,
        "clinical_system": "systmone",
        "first_month": "2018-05-01",
        "latest_month": "2018-05-01",
        "months": 1,
        "entries": 1,
        "also_snomed_ct": 0,
    }
    assert own.json()["vocabularies"] == [{"practice": OURS, **line}]
    assert all_.json()["vocabularies"] == [{"practice": None, **line}]
    assert own.json()["still_old"] == all_.json()["still_old"] == [still]
    assert own.json()["position"] == ledger.known().position


@pytest.mark.parametrize("path", ["/vocabularies", f"/practices/{OURS}/vocabularies"])
def test_nobody_is_told_of_a_practice_that_is_not_theirs(
    unchanged: TestClient, stranger: Headers, path: str
) -> None:
    assert unchanged.get(path, headers=stranger).status_code == 403


def test_another_practices_entries_are_not_among_ones_own(
    client: TestClient, ledger: Ledger, controller: Headers, stranger: Headers
) -> None:
    client.post("/objections", json=an_objection(code_system="ctv3"), headers=controller)
    ledger.catch_up()

    answer = client.get(f"/practices/{THEIRS}/vocabularies", headers=stranger)

    assert (answer.json()["vocabularies"], answer.json()["still_old"]) == ([], [])


@pytest.mark.parametrize("asked", ["system=acme", "since=2018-13-01", "practice=X99901"])
def test_what_is_not_understood_is_refused_and_not_repeated(
    unchanged: TestClient, auditor: Headers, asked: str
) -> None:
    answer = unchanged.get(f"/vocabularies?{asked}", headers=auditor)

    assert answer.status_code == 422
    assert asked.partition("=")[2] not in answer.text
