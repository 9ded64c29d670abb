"""What a service tells of its releases over HTTP, and what whom is answered about them."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from ledger.api import create_api
from ledger.api.edge import LARGEST_BODY
from ledger.application import Ledger
from ledger.application.incoming import Incoming
from ledger.application.tokens import own_verifier
from tests.api.conftest import ANNA, OURS, Headers, an_objection
from tests.nhs_numbers import nhs_numbers
from tests.served import a_seal

*_, BEN, CLARA = nhs_numbers(4)
WRONG = "9990000000"
FIELDS = {
    "id", "recipient", "purpose", "released_at", "receipt", "relied_on", "max_age", "members",
    "refused", "rows_refused", "by", "recorded_at", "position",
}  # fmt: skip
QUERY = {
    "recipient": "Harbour Institute",
    "purpose": "type-1",
    "released_at": "2018-06-20T09:00:00Z",
}


def a_release(*numbers: str, **told: Any) -> dict[str, Any]:
    return {**QUERY, "nhs_numbers": list(numbers or [ANNA]), **told}


def as_csv(client: TestClient, text: str, headers: Headers, **told: Any) -> Any:
    sent = headers | {"Content-Type": "text/csv"}
    return client.post("/releases", params=QUERY | told, content=text, headers=sent)


def test_a_list_of_numbers_is_kept_as_a_release(client: TestClient, extract: Headers) -> None:
    answer = as_csv(
        client, f"NHSNumber\n{ANNA}\n{BEN}\n", extract, relied_on=[OURS, "x99902"], max_age=30
    )

    assert answer.status_code == 201
    told = answer.json()
    assert told.keys() == FIELDS
    assert (told["members"], told["by"], told["max_age"]) == (2, "a extract", 30)
    assert told["relied_on"] == [OURS, "X99902"]
    assert answer.headers["Ledger-Position"] == str(told["position"])


def test_json_says_the_same(client: TestClient, extract: Headers) -> None:
    first = as_csv(client, f"{ANNA}\n{BEN}\n", extract)

    again = client.post("/releases", json=a_release(BEN, ANNA), headers=extract)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]


def test_rows_that_are_no_number_are_told_and_the_others_kept(
    client: TestClient, extract: Headers
) -> None:
    answer = client.post("/releases", json=a_release(ANNA, WRONG, "nobody"), headers=extract)

    told = answer.json()
    assert (answer.status_code, told["members"], told["rows_refused"]) == (201, 1, 2)
    assert [(row["file"], row["row"]) for row in told["refused"]] == [("body", 2), ("body", 3)]
    assert WRONG not in answer.text


def test_it_is_listed_and_found_by_its_id(client: TestClient, extract: Headers) -> None:
    told = client.post("/releases", json=a_release(ANNA, WRONG), headers=extract).json()

    listed = client.get("/releases", headers=extract).json()
    one = client.get(f"/releases/{told['id']}", headers=extract).json()

    assert [each["id"] for each in listed["releases"]] == [told["id"]]
    assert one == told
    assert one["refused"][0]["row"] == 2


def test_an_auditor_is_told_who_was_exposed_and_a_service_how_many(
    client: TestClient, ledger: Ledger, controller: Headers, extract: Headers, auditor: Headers
) -> None:
    client.post("/objections", json=an_objection(), headers=controller)
    told = client.post("/releases", json=a_release(ANNA, BEN), headers=extract).json()
    ledger.catch_up()

    seen = client.get(f"/releases/{told['id']}/exposure", headers=auditor).json()
    counted = client.get(f"/releases/{told['id']}/exposure", headers=extract).json()

    assert [each["nhs_number"] for each in seen["patients"]] == [ANNA]
    # The test's own clock is of today: that in 2018 the ledger had not heard of it.
    assert seen["counts"] == [
        {"failure": "practice", "supplier": "TPP", "known": False, "patients": 1}
    ]
    assert (counted["exposed"], counted["patients"], counted["cohort_holds"]) == (1, None, True)
    assert {"position", "known_at", "policy"} <= counted.keys()


def test_an_exposure_is_narrowed_to_when_the_objection_was_entered(
    client: TestClient, ledger: Ledger, controller: Headers, extract: Headers, auditor: Headers
) -> None:
    client.post("/objections", json=an_objection(), headers=controller)
    told = client.post("/releases", json=a_release(ANNA), headers=extract).json()
    ledger.catch_up()

    def exposed(**asked: str) -> int:
        path = f"/releases/{told['id']}/exposure"
        found: int = client.get(path, params=asked, headers=auditor).json()["exposed"]
        return found

    assert exposed(entered_from="2018-05-01", entered_to="2018-05-01") == 1
    assert exposed(entered_from="2018-05-02") == 0
    assert exposed(entered_to="2018-04-30") == 0


def test_a_window_without_anything_stands_beside_the_published_accounts(
    client: TestClient, auditor: Headers, extract: Headers
) -> None:
    answer = client.get("/exposure", params={"supplier": "systmone"}, headers=auditor).json()

    assert (answer["window_from"], answer["window_to"]) == ("2016-04-29", "2018-06-26")
    assert (answer["supplier"], answer["untransmitted"]) == ("TPP", [])
    assert [each["sources"] for each in answer["accounts"]] == ["B1 B3 B7", "B2", "B4 B5 B6"]
    assert client.get("/exposure", headers=extract).status_code == 403


@pytest.mark.parametrize("role", ["controller", "auditor", "system", "stranger"])
def test_only_a_service_tells_of_releases(
    client: TestClient, request: pytest.FixtureRequest, role: str
) -> None:
    headers = request.getfixturevalue(role)

    assert client.post("/releases", json=a_release(), headers=headers).status_code == 403


@pytest.mark.parametrize("role", ["controller", "system"])
def test_only_auditors_and_services_see_releases(
    client: TestClient, request: pytest.FixtureRequest, extract: Headers, role: str
) -> None:
    headers = request.getfixturevalue(role)
    told = client.post("/releases", json=a_release(CLARA), headers=extract).json()

    for path in ("/releases", f"/releases/{told['id']}", f"/releases/{told['id']}/exposure"):
        assert client.get(path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({"recipient": None}, "body/recipient"),
        ({"purpose": "research"}, "body/purpose"),
        ({"released_at": "2018-06-20"}, "body/released_at"),
        ({"max_age": -1}, "body/max_age"),
        ({"relied_on": ["!"]}, "body/relied_on/0"),
        ({"unknown": 1}, "body/…"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(
    client: TestClient, extract: Headers, told: dict[str, Any], where: str
) -> None:
    answer = client.post("/releases", json=a_release(**told), headers=extract)

    assert answer.status_code == 422
    assert [fault["where"] for fault in answer.json()["errors"]] == [where]


def test_other_bodies_are_not_taken(client: TestClient, extract: Headers) -> None:
    sent = extract | {"Content-Type": "text/plain"}

    assert client.post("/releases", content=ANNA, headers=sent).status_code == 415
    assert client.post("/releases", content=b"{", headers=extract | {"Content-Type": "application/json"}).status_code == 422  # fmt: skip


def test_a_list_is_longer_than_other_bodies_may_be(
    ledger: Ledger, key: Ed25519PrivateKey, extract: Headers
) -> None:
    incoming = Incoming(ledger, None, largest=4 * LARGEST_BODY)
    api = create_api(ledger, own_verifier(key), seal=a_seal(ledger.engine), incoming=incoming)
    with TestClient(api) as client:
        answer = as_csv(client, f"{ANNA}\n" * 120_000, extract)
        too_long = client.post("/releases", json=a_release(*[ANNA] * 90_000), headers=extract)

    assert (answer.status_code, answer.json()["members"]) == (201, 1)
    assert too_long.status_code == 413


def test_a_release_there_is_not_is_unknown(client: TestClient, auditor: Headers) -> None:
    none = "00000000-0000-4000-8000-000000000000"

    assert client.get(f"/releases/{none}", headers=auditor).status_code == 404
    assert client.get(f"/releases/{none}/exposure", headers=auditor).status_code == 404
    assert client.get("/releases/9990000018", headers=auditor).status_code == 422
