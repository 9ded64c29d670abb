"""Who may ask for everybody's actions, and say that one is done?"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from tests.api.conftest import OURS, THEIRS, Headers
from tests.files import Carried, a_collection_file, a_systmone_delivery, found_in
from tests.nhs_numbers import nhs_number
from tests.registers import a_line, epraccur


@pytest.fixture
def asked_of_nhs_digital(client: TestClient, ledger: Ledger, tmp_path: Path) -> str:
    """An action whose owner is NHS Digital, about a patient at our practice (TX07)."""
    carried = Carried(nhs_number(9), OURS, "TPP")
    heard = a_systmone_delivery(tmp_path / "sre", ends=datetime(2018, 3, 30, 22, tzinfo=UTC))
    collected = a_collection_file(tmp_path, period_end=date(2018, 3, 31), members=[carried])
    for found in found_in(heard, collected):
        ledger.ingest(found)
    ledger.catch_up()
    del client
    return next(a.id for a in ledger.actions(rule="TX07") if a.owner == "NHS Digital")


def test_an_action_says_since_when_it_is_owed_and_what_the_ledger_sees(
    unchanged: TestClient, controller: Headers
) -> None:
    answer = unchanged.get(f"/practices/{OURS}/actions", headers=controller)

    told = {action["id"]: action for action in answer.json()["actions"]}
    today = datetime.now(UTC).date().isoformat()
    onboarding = told[f"SA01-{OURS}"]
    assert (onboarding["due"], onboarding["owed_from"], onboarding["days_open"]) == (
        today,
        today,
        0,
    )
    assert (onboarding["ledger_sees"], onboarding["seen_done"]) == (None, None)


def test_a_list_that_exists_is_asked_for_no_more_until_it_is_gone(
    client: TestClient, ledger: Ledger, controller: Headers
) -> None:
    def state() -> tuple[str, str | None, bool | None]:
        told = client.get(f"/practices/{OURS}/actions?state=all", headers=controller).json()
        [lists] = [a for a in told["actions"] if a["standing"] == "SA04"]
        return lists["state"], lists["ledger_sees"], lists["seen_done"]

    def change(value: str) -> None:
        told = {"setting": "allowed", "value": value, "organisation": "RX1"}
        client.post(f"/practices/{OURS}/settings", json=told, headers=controller)
        ledger.catch_up()

    before = state()
    change("add")
    listed = state()
    change("remove")
    after = state()

    assert before == ("overdue", None, None)
    assert listed == ("not-needed", "the allowed list holds 1 organisation", True)
    # Due with SH03, which was found of this practice only today.
    assert after == ("open", "the allowed list is empty", False)


@pytest.mark.parametrize("path", ["/actions", "/actions/counts"])
def test_everybodys_actions_are_for_auditors(
    unchanged: TestClient,
    auditor: Headers,
    controller: Headers,
    extract: Headers,
    system: Headers,
    path: str,
) -> None:
    callers = (auditor, controller, extract, system)

    answers = [unchanged.get(path, headers=headers) for headers in callers]

    assert [answer.status_code for answer in answers] == [200, 403, 403, 403]


def test_everybodys_actions_are_narrowed_and_lead_on(
    client: TestClient, ledger: Ledger, auditor: Headers, tmp_path: Path
) -> None:
    ledger.import_practices(epraccur(tmp_path, a_line(OURS)))
    ledger.catch_up()

    def practices(asked: str) -> set[str]:
        told = client.get(f"/actions?{asked}", headers=auditor).json()["actions"]
        return {action["practice"] for action in told}

    assert practices("state=overdue") == {OURS, THEIRS}
    assert practices("supplier=emis") == {THEIRS}
    assert practices("commissioner=99x") == {OURS}
    assert practices("commissioner=00Z") == set()
    assert practices("owner=supplier") == set()
    first = client.get("/actions?limit=4", headers=auditor)
    rest = client.get(first.links["next"]["url"], headers=auditor)
    due = [action["due"] for page in (first, rest) for action in page.json()["actions"][:5]]
    assert due[:4] == sorted(due[:4])
    assert len(first.json()["actions"]) == 4


def test_what_is_open_is_counted_by_practice_and_owner(
    client: TestClient, auditor: Headers, asked_of_nhs_digital: str
) -> None:
    answer = client.get("/actions/counts", headers=auditor)

    told = {(c["practice"], c["owner"]): (c["open"], c["overdue"]) for c in answer.json()["counts"]}
    assert asked_of_nhs_digital
    assert told[OURS, "NHS Digital"] == (1, 0)
    assert told.keys() == {(OURS, "NHS Digital"), (OURS, "practice"), (THEIRS, "practice")}
    oldest = {c["practice"]: c["oldest_due"] for c in answer.json()["counts"] if c["overdue"]}
    assert oldest == {OURS: "2018-05-25", THEIRS: "2018-10-11"}


@pytest.mark.parametrize("path", ["/actions/{action}", "/practices/" + OURS + "/actions/{action}"])
def test_what_nhs_digital_has_to_do_is_taken_by_an_auditor_alone(
    client: TestClient,
    controller: Headers,
    stranger: Headers,
    system: Headers,
    extract: Headers,
    auditor: Headers,
    asked_of_nhs_digital: str,
    path: str,
) -> None:
    address = path.format(action=asked_of_nhs_digital)

    def take(headers: Headers) -> int:
        return client.post(address, json={"note": "reconciled"}, headers=headers).status_code

    assert [take(headers) for headers in (controller, stranger, system, extract)] == [403] * 4
    assert take(auditor) == 200
    taken = client.get("/actions?state=taken", headers=auditor).json()["actions"]
    assert [(a["id"], a["taken_by"], a["note"]) for a in taken] == [
        (asked_of_nhs_digital, "a auditor", "reconciled")
    ]
    # What the ledger sees stands beside what was said.
    assert (taken[0]["ledger_sees"], taken[0]["seen_done"]) == ("the finding is still open", False)


@pytest.mark.parametrize("path", ["/actions/{action}", "/practices/" + OURS + "/actions/{action}"])
def test_what_a_practice_has_to_do_is_taken_by_itself_or_its_paired_system_alone(
    client: TestClient,
    controller: Headers,
    stranger: Headers,
    extract: Headers,
    auditor: Headers,
    path: str,
) -> None:
    address = path.format(action=f"SA11-{OURS}")

    def take(headers: Headers) -> int:
        return client.post(address, json={"note": "amended"}, headers=headers).status_code

    assert [take(headers) for headers in (stranger, extract, auditor)] == [403] * 3
    assert take(controller) == 200


def test_a_paired_system_takes_an_action_where_the_practice_is_named(
    client: TestClient, system: Headers
) -> None:
    ours = client.post(f"/practices/{OURS}/actions/SA11-{OURS}", json={}, headers=system)
    theirs = client.post(f"/practices/{THEIRS}/actions/SA11-{THEIRS}", json={}, headers=system)

    assert (ours.status_code, theirs.status_code) == (200, 403)


@pytest.mark.parametrize("action", ["none", "SA11-X99999", f"SA99-{OURS}", f"SA11-{OURS}-2018-01"])
def test_an_action_there_is_not_is_told_so(
    unchanged: TestClient, auditor: Headers, action: str
) -> None:
    assert unchanged.post(f"/actions/{action}", json={}, headers=auditor).status_code == 404


def test_an_action_is_not_taken_on_another_practices_list(
    unchanged: TestClient, as_: Callable[..., Headers]
) -> None:
    both = as_("controller", OURS, THEIRS)

    answer = unchanged.post(f"/practices/{THEIRS}/actions/SA11-{OURS}", json={}, headers=both)

    assert answer.status_code == 404


def test_a_dismissal_is_taken_back(
    client: TestClient, ledger: Ledger, controller: Headers, stranger: Headers, auditor: Headers
) -> None:
    told = {"setting": "auto-share-out", "value": "on", "changed_at": "2018-06-01T09:00:00Z"}
    client.post(f"/practices/{OURS}/settings", json=told, headers=controller)
    ledger.catch_up()
    finding = ledger.findings(rule="SH01")[0].id
    path = f"/practices/{OURS}/findings/{finding}"

    early = client.post(f"{path}/reopening", json={"reason": "so it is"}, headers=controller)
    client.post(f"{path}/dismissal", json={"reason": "a slip"}, headers=controller)
    others = [
        client.post(f"{path}/reopening", json={"reason": "so it is"}, headers=headers).status_code
        for headers in (stranger, auditor)
    ]
    reopened = client.post(f"{path}/reopening", json={"reason": "so it is"}, headers=controller)

    assert (early.status_code, others, reopened.status_code) == (404, [403, 403], 200)
    assert (reopened.json()["id"], reopened.json()["state"]) == (finding, "open")
