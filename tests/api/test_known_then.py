"""Every question about state takes both times and a policy, and says what it speaks of."""

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from tests.api.conftest import OURS, THEIRS, Headers, an_objection

ROUTES = [
    f"/practices/{OURS}/sharing",
    f"/practices/{OURS}/findings",
    f"/practices/{OURS}/actions",
    "/actions",
    "/actions/counts",
    "/suppliers/transmission",
    "/suppliers/transmission/practices",
    "/statistics",
]
SHEETS = [
    "/suppliers/transmission.csv",
    "/suppliers/transmission/practices.csv",
    "/statistics.csv",
]


@pytest.mark.parametrize("route", ROUTES)
def test_an_answer_tells_the_point_and_the_policy_it_was_asked_by(
    unchanged: TestClient, auditor: Headers, route: str
) -> None:
    answer = unchanged.get(
        route, params={"known_at": 1, "at": "2018-05-25", "policy": "precedence-1"}, headers=auditor
    )

    told = answer.json()
    assert answer.status_code == 200
    assert (told["position"], told["policy"]) == (1, "precedence-1")
    assert answer.headers["Ledger-Position"] == "1"


@pytest.mark.parametrize("route", [*ROUTES, *SHEETS])
def test_a_point_or_policy_there_is_not_has_a_problem_of_its_own(
    unchanged: TestClient, auditor: Headers, route: str
) -> None:
    for asked, status, problem in (
        ({"known_at": "1000000"}, 422, "past-the-end"),
        ({"known_at": "2200-01-01"}, 422, "in-the-future"),
        ({"known_at": "2200-01-01T00:00:00Z"}, 422, "in-the-future"),
        ({"known_at": "yesterday"}, 422, "invalid-request"),
        ({"policy": "kindness"}, 404, "unknown-policy"),
    ):
        answer = unchanged.get(route, params=asked, headers=auditor)

        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")


@pytest.mark.parametrize("route", SHEETS)
def test_a_sheet_tells_its_point_in_the_header(
    unchanged: TestClient, auditor: Headers, route: str
) -> None:
    answer = unchanged.get(route, params={"known_at": 2}, headers=auditor)

    assert answer.status_code == 200
    assert answer.headers["Ledger-Position"] == "2"


def test_what_differs_names_the_events_that_made_it_so(
    client: TestClient, auditor: Headers, controller: Headers, ledger: Ledger
) -> None:
    told = an_objection(statement="dissent", code_system="ctv3", entry_id="1")
    assert client.post("/objections", json=told, headers=controller).status_code == 201
    ledger.catch_up()
    end = ledger.known().position
    asked = {"before": 0, "after": end}

    whole = client.get("/differences", params=asked, headers=auditor).json()
    own = client.get(f"/practices/{OURS}/differences", params=asked, headers=controller).json()
    theirs = client.get(f"/practices/{THEIRS}/differences", params=asked, headers=controller)

    assert (whole["since"]["position"], whole["position"]) == (0, end)
    became = [one for one in whole["differences"] if one["what"] == "objection"]
    assert became
    assert all(0 < position <= end for one in became for position in one["positions"])
    assert {one["practice"] for one in own["differences"]} == {OURS}
    assert theirs.status_code == 403
    assert client.get("/differences", params=asked, headers=controller).status_code == 403


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"before": 2, "after": 1}, "not-a-point"),
        ({"before": 1, "after": 1_000_000}, "past-the-end"),
        ({"before": 1, "after": "2200-01-01"}, "in-the-future"),
        ({"before": 1}, "invalid-request"),
        ({"before": 1, "after": 2, "effective": "true"}, "invalid-request"),
        ({"before": 1, "after": 2, "known_at": 1}, "invalid-request"),
        ({"before": "2018-02-02", "after": "2018-02-01", "effective": "true"}, "not-a-point"),
        (
            {
                "before": "2018-01-01",
                "after": "2018-02-01",
                "effective": "true",
                "at": "2018-01-01",
            },
            "invalid-request",
        ),
    ],
)
def test_two_points_that_do_not_go_together_are_told(
    unchanged: TestClient, auditor: Headers, asked: dict[str, object], problem: str
) -> None:
    answer = unchanged.get("/differences", params=asked, headers=auditor)

    assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{problem}")


def test_a_timeline_has_both_times_and_ends_at_the_point_asked(
    unchanged: TestClient, controller: Headers, auditor: Headers
) -> None:
    whole = unchanged.get(f"/practices/{OURS}/timeline", headers=controller).json()
    last = whole["timeline"][-1]
    asked = {"known_at": last["position"] - 1}

    then = unchanged.get(f"/practices/{OURS}/timeline", params=asked, headers=controller).json()
    theirs = unchanged.get(f"/practices/{THEIRS}/timeline", headers=controller)

    assert last.keys() == {"position", "topic", "so_from", "known_from", "by", "told"}
    assert then["timeline"] == whole["timeline"][:-1]
    assert theirs.status_code == 403
    assert unchanged.get(f"/practices/{THEIRS}/timeline", headers=auditor).status_code == 200
