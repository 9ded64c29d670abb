"""Can an auditor read the log, and see what reached NHS Digital?"""

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from tests.api.conftest import ANNA, Headers, an_objection


def test_the_log_is_read_to_its_end(
    client: TestClient, ledger: Ledger, controller: Headers, auditor: Headers
) -> None:
    client.post("/objections", json=an_objection(), headers=controller)
    head = ledger.known().position

    pages = [client.get("/events?limit=2", headers=auditor)]
    while "Link" in pages[-1].headers:
        pages.append(client.get(pages[-1].links["next"]["url"], headers=auditor))

    events = [event for page in pages for event in page.json()["events"]]
    assert [event["position"] for event in events] == list(range(1, head + 1))
    assert events[0].keys() == {
        "position", "stream", "version", "topic", "recorded_at", "state"
    }  # fmt: skip
    assert events[0]["topic"] == "ledger-opened"
    assert events[-1]["state"]["statement"] == "dissent"
    assert all(page.headers["Ledger-Position"] == str(head) for page in pages)
    assert ANNA not in "".join(page.text for page in pages)


def test_behind_the_end_there_is_nothing(unchanged: TestClient, auditor: Headers) -> None:
    answer = unchanged.get(f"/events?after={2**63 - 1}", headers=auditor)

    assert (answer.status_code, answer.json()["events"]) == (200, [])


@pytest.mark.parametrize("asked", ["after=-1", f"after={2**63}", "limit=0", "limit=1001"])
def test_the_log_is_asked_for_exactly(unchanged: TestClient, auditor: Headers, asked: str) -> None:
    answer = unchanged.get(f"/events?{asked}", headers=auditor)

    assert answer.status_code == 422


def test_transmission_is_told_with_the_point_it_speaks_of(
    client: TestClient, ledger: Ledger, auditor: Headers
) -> None:
    answer = client.get("/suppliers/transmission?supplier=TPP", headers=auditor)

    assert answer.status_code == 200
    assert answer.json()["transmission"] == []
    assert answer.json()["position"] == ledger.known().position


@pytest.mark.parametrize("path", ["/events", "/suppliers/transmission"])
def test_only_an_auditor_sees_what_is_everybodys(
    unchanged: TestClient, controller: Headers, extract: Headers, path: str
) -> None:
    answers = [unchanged.get(path, headers=headers) for headers in (controller, extract)]

    assert [answer.status_code for answer in answers] == [403, 403]
