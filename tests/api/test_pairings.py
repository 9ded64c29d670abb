"""Does a practice let systems write for it over HTTP, and take it back at once?"""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.api.conftest import OURS, SYSTEM, Headers, an_objection

PAIRINGS = f"/practices/{OURS}/pairings"


def test_a_pairing_is_approved_used_and_revoked(
    client: TestClient, controller: Headers, as_: Callable[..., Headers]
) -> None:
    system = as_("system", OURS)

    before = client.post("/objections", json=an_objection(), headers=system)
    approved = client.post(PAIRINGS, json={"system": SYSTEM}, headers=controller)
    again = client.post(PAIRINGS, json={"system": SYSTEM}, headers=controller)
    during = client.post("/objections", json=an_objection(), headers=system)
    revoked = client.post(f"{PAIRINGS}/{SYSTEM}/revocation", headers=controller)
    after = client.post("/objections", json=an_objection(), headers=system)

    assert (before.status_code, before.json()["type"]) == (403, "/problems/pairing-missing")
    assert OURS in before.json()["detail"]
    assert (approved.status_code, again.status_code, again.json()) == (201, 200, {"position": None})
    assert during.status_code == 201
    assert revoked.status_code == 201
    assert revoked.headers["Ledger-Position"] == str(revoked.json()["position"])
    assert (after.status_code, after.json()["type"]) == (403, "/problems/pairing-missing")


def test_the_pairings_are_told_with_when_and_by_whom(
    client: TestClient, controller: Headers, auditor: Headers
) -> None:
    client.post(PAIRINGS, json={"system": SYSTEM}, headers=controller)
    client.post(f"{PAIRINGS}/{SYSTEM}/revocation", headers=controller)
    client.post(PAIRINGS, json={"system": "other-triage"}, headers=controller)

    told = client.get(PAIRINGS, headers=auditor).json()

    lines = [(p["system"], p["state"], p["approved_by"], p["revoked_by"]) for p in told["pairings"]]
    assert lines == [
        ("other-triage", "standing", "a controller", None),
        (SYSTEM, "revoked", "a controller", "a controller"),
    ]
    assert told["position"] == max(told["pairings"][0]["positions"])


def test_what_does_not_stand_is_not_revoked(client: TestClient, controller: Headers) -> None:
    answer = client.post(f"{PAIRINGS}/{SYSTEM}/revocation", headers=controller)

    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-thing")
    assert "nothing to revoke" in answer.json()["detail"]


@pytest.mark.parametrize("role", ["system", "auditor", "extract"])
def test_only_a_controller_pairs(
    unchanged: TestClient, as_: Callable[..., Headers], stranger: Headers, role: str
) -> None:
    for headers in (as_(role, OURS), stranger):
        approved = unchanged.post(PAIRINGS, json={"system": SYSTEM}, headers=headers)
        revoked = unchanged.post(f"{PAIRINGS}/{SYSTEM}/revocation", headers=headers)

        assert (approved.status_code, revoked.status_code) == (403, 403)


@pytest.mark.parametrize("role", ["system", "extract"])
def test_the_pairings_are_for_the_practice_and_auditors(
    unchanged: TestClient, as_: Callable[..., Headers], stranger: Headers, role: str
) -> None:
    answers = [unchanged.get(PAIRINGS, headers=headers) for headers in (as_(role, OURS), stranger)]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_every_write_of_a_system_needs_the_pairing(
    client: TestClient, controller: Headers, as_: Callable[..., Headers]
) -> None:
    writes = {
        "/objections": an_objection(),
        f"/practices/{OURS}/settings": {"setting": "auto-share-in", "value": "on"},
        f"/practices/{OURS}/actions/SA11-{OURS}": {"note": "done"},
    }

    for path, body in writes.items():
        without = client.post(path, json=body, headers=as_("system", OURS))
        assert (without.status_code, without.json()["type"]) == (403, "/problems/pairing-missing")
    client.post(PAIRINGS, json={"system": SYSTEM}, headers=controller)
    for path, body in writes.items():
        assert client.post(path, json=body, headers=as_("system", OURS)).status_code < 300
