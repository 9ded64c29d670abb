"""Does a practice see and settle what is its own, and only that?"""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.projections.practices import Wanted
from tests.api.conftest import ANNA, OURS, THEIRS, Headers, an_objection
from tests.registers import a_line, a_succession, an_answer, epraccur, ord_file

READS = [f"/practices/{OURS}/{what}" for what in ("sharing", "findings", "actions")]


@pytest.fixture
def a_conflict(client: TestClient, ledger: Ledger, controller: Headers) -> dict[str, Any]:
    """The finding about a patient who objects and does not on one day (CO01)."""
    for statement in ("dissent", "withdrawal"):
        told = an_objection(statement=statement, code_system="ctv3", entry_id=statement)
        client.post("/objections", json=told, headers=controller)
    ledger.catch_up()
    found = client.get(f"/practices/{OURS}/findings?rule=CO01", headers=controller).json()
    finding: dict[str, Any] = found["findings"][0]
    return finding


@pytest.mark.usefixtures("a_conflict")
def test_findings_are_wrapped_with_the_point_they_speak_of(
    client: TestClient, ledger: Ledger, controller: Headers
) -> None:
    answer = client.get(f"/practices/{OURS}/findings", headers=controller)

    told = answer.json()
    assert answer.status_code == 200
    assert told["position"] == ledger.known().position
    assert told["policy"] == "precedence-1"
    assert told["known_at"].endswith("Z")
    assert [(f["rule"], f["nhs_number"]) for f in told["findings"]] == [("CO01", ANNA)]
    assert answer.headers["Ledger-Position"] == str(told["position"])


@pytest.mark.usefixtures("a_conflict")
def test_findings_that_are_not_caught_up_say_so(
    client: TestClient, ledger: Ledger, controller: Headers
) -> None:
    before = ledger.known().position
    client.post("/objections", json=an_objection(entry_id="late"), headers=controller)

    answer = client.get(f"/practices/{OURS}/findings", headers=controller)

    assert answer.json()["position"] == before


@pytest.mark.parametrize(
    ("asked", "how_many"),
    [
        ("rule=CO01", 1),
        ("rule=CO02", 0),
        ("state=open", 1),
        ("state=closed", 0),
        ("state=all", 1),
        ("severity=note", 0),
        ("at_position=1", 0),
        ("known_at=1", 0),
        ("known_at=2018-01-01", 0),
        ("at=2000-01-01", 0),
        ("policy=precedence-1", 1),
        ("offset=1", 0),
    ],
)
@pytest.mark.usefixtures("a_conflict")
def test_findings_are_narrowed(
    client: TestClient, controller: Headers, asked: str, how_many: int
) -> None:
    answer = client.get(f"/practices/{OURS}/findings?{asked}", headers=controller)

    assert len(answer.json()["findings"]) == how_many


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "limit=1001", "state=lost", "severity=dire", "rule=co1", "offset=-1", "q=Smith",
     "at_position=99999", f"at_position={2**63}", "known_at=99999", "known_at=2200-01-01",
     "at_position=1&known_at=1", "at=yesterday"],
)  # fmt: skip
def test_a_list_is_asked_for_exactly(
    unchanged: TestClient, controller: Headers, asked: str
) -> None:
    answer = unchanged.get(f"/practices/{OURS}/findings?{asked}", headers=controller)

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_long_list_leads_on(unchanged: TestClient, controller: Headers) -> None:
    whole = unchanged.get(f"/practices/{OURS}/actions", headers=controller).json()["actions"]

    pages = [unchanged.get(f"/practices/{OURS}/actions?limit=6", headers=controller)]
    while "Link" in pages[-1].headers:
        address = pages[-1].links["next"]["url"]
        pages.append(unchanged.get(address, headers=controller))

    assert len(whole) > 6
    assert [action for page in pages for action in page.json()["actions"]] == whole


def test_an_action_is_taken(client: TestClient, ledger: Ledger, controller: Headers) -> None:
    before = client.get(f"/practices/{OURS}/actions", headers=controller).json()["actions"][0]

    taken = client.post(
        f"/practices/{OURS}/actions/{before['id']}", json={"note": "done"}, headers=controller
    )

    told = taken.json()
    listed = client.get(f"/practices/{OURS}/actions?state=taken", headers=controller).json()
    assert taken.status_code == 200
    assert (told["state"], told["note"], told["taken_by"]) == ("taken", "done", "a controller")
    assert told["position"] == ledger.known().position
    assert [action["id"] for action in listed["actions"]] == [before["id"]]


def test_an_action_that_nobody_asked_for_cannot_be_taken(
    unchanged: TestClient, controller: Headers
) -> None:
    answer = unchanged.post(f"/practices/{OURS}/actions/none", json={}, headers=controller)

    assert answer.status_code == 404


def test_a_note_may_not_hold_an_nhs_number(unchanged: TestClient, controller: Headers) -> None:
    action = unchanged.get(f"/practices/{OURS}/actions", headers=controller).json()["actions"][0]

    answer = unchanged.post(
        f"/practices/{OURS}/actions/{action['id']}",
        json={"note": f"rang {ANNA}"},
        headers=controller,
    )

    assert answer.status_code == 422
    assert ANNA not in answer.text


def test_a_finding_is_dismissed_with_a_reason(
    client: TestClient, controller: Headers, a_conflict: dict[str, Any]
) -> None:
    path = f"/practices/{OURS}/findings/{a_conflict['id']}/dismissal"

    without = client.post(path, json={"reason": " "}, headers=controller)
    dismissed = client.post(path, json={"reason": "a slip"}, headers=controller)

    assert without.status_code == 422
    assert dismissed.status_code == 200
    assert (dismissed.json()["id"], dismissed.json()["state"]) == (a_conflict["id"], "dismissed")


def test_a_finding_there_is_not_cannot_be_dismissed(
    unchanged: TestClient, controller: Headers
) -> None:
    path = f"/practices/{OURS}/findings/none/dismissal"

    answer = unchanged.post(path, json={"reason": "a slip"}, headers=controller)

    assert answer.status_code == 404


def test_a_change_of_setting_is_seen_at_once(client: TestClient, controller: Headers) -> None:
    told = {"setting": "auto-share-out", "value": "off", "changed_at": "2018-05-25T09:30:00+01:00"}

    kept = client.post(f"/practices/{OURS}/settings", json=told, headers=controller)
    again = client.post(f"/practices/{OURS}/settings", json=told, headers=controller)
    sharing = client.get(f"/practices/{OURS}/sharing?at=2018-05-25", headers=controller)
    earlier = client.get(f"/practices/{OURS}/sharing?at=2018-05-24", headers=controller)
    unknown = client.get(f"/practices/{OURS}/sharing?known_at=1", headers=controller)

    first = {"setting": "auto-share-out", "value": "off", "changed_at": "2018-05-25T08:30:00Z"}
    assert (kept.status_code, again.status_code) == (201, 200)
    assert again.json() == {"position": None}
    assert sharing.json()["settings"][0].items() >= first.items()
    assert earlier.json()["settings"][0]["value"] is None
    assert unknown.json()["history"] == []
    assert unknown.json()["position"] == 1
    assert sharing.headers["Ledger-Position"] == str(kept.json()["position"])


@pytest.mark.parametrize(
    "told",
    [
        {"setting": "auto-share-out", "value": "perhaps"},
        {"setting": "auto-share-out", "value": "on", "organisation": "RX1"},
        {"setting": "allowed", "value": "add"},
        {"setting": "printer", "value": "on"},
        {"setting": "auto-share-in", "value": "on", "changed_at": 0},
    ],
)
def test_a_setting_that_there_is_not_is_refused(
    unchanged: TestClient, controller: Headers, told: dict[str, Any]
) -> None:
    answer = unchanged.post(f"/practices/{OURS}/settings", json=told, headers=controller)

    assert answer.status_code == 422


def test_an_organisation_is_allowed_now(client: TestClient, controller: Headers) -> None:
    told = {"setting": "allowed", "value": "add", "organisation": "rx1"}

    kept = client.post(f"/practices/{OURS}/settings", json=told, headers=controller)
    sharing = client.get(f"/practices/{OURS}/sharing", headers=controller)

    assert kept.status_code == 201
    assert sharing.json()["allowed"] == ["RX1"]


@pytest.mark.parametrize("path", READS)
def test_a_practice_is_seen_by_its_controller_and_auditors_alone(
    unchanged: TestClient,
    controller: Headers,
    stranger: Headers,
    auditor: Headers,
    extract: Headers,
    path: str,
) -> None:
    answers = [unchanged.get(path, headers=h) for h in (controller, auditor, stranger, extract)]

    assert [answer.status_code for answer in answers] == [200, 200, 403, 403]


@pytest.mark.usefixtures("a_conflict")
def test_nobody_settles_anything_for_another_practice(
    client: TestClient, stranger: Headers, a_conflict: dict[str, Any]
) -> None:
    dismissal = f"findings/{a_conflict['id']}/dismissal"
    posts = [
        (f"/practices/{OURS}/actions/SA11-{OURS}", {"note": ""}),
        (f"/practices/{OURS}/{dismissal}", {"reason": "a slip"}),
        (f"/practices/{OURS}/settings", {"setting": "auto-share-out", "value": "on"}),
    ]

    statuses = [client.post(p, json=body, headers=stranger).status_code for p, body in posts]
    through_theirs = client.post(
        f"/practices/{THEIRS}/{dismissal}", json={"reason": "a slip"}, headers=stranger
    )

    assert statuses == [403, 403, 403]
    assert through_theirs.status_code == 403


# --- which practices there are


@pytest.fixture
def merged(ledger: Ledger, tmp_path: Path) -> Ledger:
    """The same after the register told that the other practice took over ours, and of a prison."""
    told = [a_succession("Successor", THEIRS, "2018-04-01")]
    closed = an_answer(OURS, name="MARLOW SURGERY", ended="2018-03-31", successions=told)
    ledger.import_practices(ord_file(tmp_path, closed))
    ledger.import_practices(epraccur(tmp_path, a_line("X99P0", name="A PRISON", setting="10")))
    ledger.catch_up()
    return ledger


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("", [OURS, THEIRS]),
        ("gp_practice=false", [OURS, THEIRS, "X99P0"]),
        ("system=systmone", [OURS]),
        ("supplier=emis", [THEIRS]),
        ("supplier=emis&system=systmone", []),
        ("status=closed", [OURS]),
        ("status=unknown", [THEIRS]),
        ("commissioner=99x", [OURS]),
        ("name=marlow", [OURS]),
        ("closed_since=2018-03-31", [OURS]),
        ("closed_since=2018-04-01", []),
    ],
)
@pytest.mark.usefixtures("merged")
def test_practices_are_narrowed(
    client: TestClient, auditor: Headers, asked: str, codes: list[str]
) -> None:
    answer = client.get(f"/practices?{asked}", headers=auditor)

    assert [practice["code"] for practice in answer.json()["practices"]] == codes


def test_a_practice_is_told_with_its_successor(
    client: TestClient, merged: Ledger, auditor: Headers
) -> None:
    answer = client.get("/practices?status=closed", headers=auditor)

    assert answer.json()["practices"] == [
        {
            "code": OURS,
            "name": "MARLOW SURGERY",
            "status": "closed",
            "clinical_system": "systmone",
            "supplier": "TPP",
            "gp_practice": True,
            "postcode": "ZZ99 3CZ",
            "commissioner": "99X",
            "opened_on": "1974-04-01",
            "closed_on": "2018-03-31",
            "successors": [THEIRS],
            "predecessors": [],
        }
    ]
    assert answer.json()["position"] == merged.known().position


def test_practices_lead_on(client: TestClient, merged: Ledger, auditor: Headers) -> None:
    first = client.get("/practices?gp_practice=false&limit=2", headers=auditor)
    rest = client.get(first.links["next"]["url"], headers=auditor)

    told = [practice["code"] for page in (first, rest) for practice in page.json()["practices"]]
    assert told == merged.practice_codes(Wanted())
    assert "Link" not in rest.headers


@pytest.mark.usefixtures("merged")
def test_a_controller_is_told_of_their_own_practices_and_of_whom_they_took_over(
    client: TestClient, controller: Headers, stranger: Headers
) -> None:
    def told(headers: Headers) -> list[str]:
        answer = client.get("/practices?gp_practice=false", headers=headers).json()
        return [practice["code"] for practice in answer["practices"]]

    assert told(controller) == [OURS]
    assert told(stranger) == [OURS, THEIRS]


@pytest.mark.usefixtures("merged")
@pytest.mark.parametrize("path", READS)
def test_a_successors_controller_reads_the_closed_practice(
    client: TestClient, stranger: Headers, path: str
) -> None:
    assert client.get(path, headers=stranger).status_code == 200


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "status=asleep", "closed_since=31%20March", "commissioner=no%20code", "q=Smith",
     "system=abacus", "gp_practice=perhaps"],
)  # fmt: skip
def test_practices_are_asked_for_exactly(
    unchanged: TestClient, auditor: Headers, asked: str
) -> None:
    answer = unchanged.get(f"/practices?{asked}", headers=auditor)

    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"
