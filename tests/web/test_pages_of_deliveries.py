"""What a practice and an auditor see of deliveries and pairings, and that nobody else does."""

import csv
import io
import re

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.domain.callers import Caller
from tests.web.filled import OURS, THEIRS

HOME = f"/pages/practices/{OURS}"
PAIRINGS = f"{HOME}/pairings"


def the_delivery(ledger: Ledger, practice: str, state: str) -> str:
    """The newest of one practice alone; a collection is every practice's."""
    lines = ledger.deliveries(practice=practice)
    return next(d.id for d in lines if d.state == state and d.practices == [practice])


def test_a_practices_home_leads_to_its_deliveries_and_each_to_its_page(
    ours: TestClient, ledger: Ledger
) -> None:
    newest, oldest = (d.id for d in (ledger.deliveries(practice=OURS)[i] for i in (0, -1)))

    home, listed = ours.get(HOME), ours.get("/pages/deliveries")

    assert f'href="/pages/deliveries?practice={OURS}"' in home.text
    assert f'href="/pages/deliveries/{newest}"' in home.text
    for delivery in (newest, oldest):
        assert f'href="/pages/deliveries/{delivery}"' in listed.text


def test_a_delivery_tells_what_came_when_and_from_whom(ours: TestClient, ledger: Ledger) -> None:
    delivery = ledger.delivery(the_delivery(ledger, OURS, "accepted"))

    page = ours.get(f"/pages/deliveries/{delivery.id}")

    assert page.status_code == 200
    assert "the ledger’s operator" in page.text
    assert delivery.id in page.text
    assert re.search(r"Rows read\s*</dt>\s*<dd[^>]*>\s*" + f"{delivery.rows_read:,}", page.text)


def test_refused_rows_stand_in_a_table_and_come_as_a_spreadsheet(
    ours: TestClient, auditor: TestClient, ledger: Ledger
) -> None:
    delivery = ledger.delivery(the_delivery(ledger, OURS, "accepted-in-part"))
    [row] = delivery.refused

    page = auditor.get(f"/pages/deliveries/{delivery.id}")
    sheet = ours.get(f"/pages/deliveries/{delivery.id}/refused.csv")

    assert row.file in page.text
    assert row.reason in page.text
    [told] = csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig")))
    assert (told["file"], told["row"], told["column"]) == (row.file, str(row.row), row.column)


def test_an_auditor_sees_all_and_filters_by_practice(auditor: TestClient, ledger: Ledger) -> None:
    of_theirs = the_delivery(ledger, THEIRS, "accepted")

    everything = auditor.get("/pages/deliveries")
    of_ours = auditor.get(f"/pages/deliveries?practice={OURS.lower()}")

    assert "Register of practices" in everything.text
    assert of_theirs in everything.text
    assert of_theirs not in of_ours.text
    assert "Register of practices" not in of_ours.text


def test_one_practice_sees_no_delivery_of_another(theirs: TestClient, ledger: Ledger) -> None:
    delivery = the_delivery(ledger, OURS, "accepted")

    for path in (delivery, f"{delivery}/refused.csv"):
        assert theirs.get(f"/pages/deliveries/{path}").status_code == 403
    assert theirs.get(f"/pages/deliveries?practice={OURS}").status_code == 403
    assert delivery not in theirs.get("/pages/deliveries").text
    assert theirs.get("/pages/deliveries/" + "a" * 24).status_code == 404


def test_a_practice_approves_a_system_and_revokes_it(
    ours: TestClient, ledger: Ledger, operator: Caller
) -> None:
    approved = ours.post(PAIRINGS, data={"system": " web-triage "})
    home = ours.get(HOME)
    revoked = ours.post(f"{PAIRINGS}/web-triage/revocation")
    later = ours.get(HOME)

    assert "Stands" in approved.text
    assert "<strong>web-triage</strong>, approved on" in home.text
    assert "Revoked" in revoked.text
    assert "No third-party system writes for the practice any more" in later.text
    assert [p.state for p in ledger.pairings(OURS, by=operator)] == ["revoked"]


@pytest.mark.parametrize("system", ["", "two words", "<script>", "9990000018"])
def test_what_is_no_systems_id_is_told_beside_the_field(ours: TestClient, system: str) -> None:
    page = ours.post(PAIRINGS, data={"system": system})

    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert "<script>" not in page.text.replace('<script type="module"', "")
    assert "9990000018" not in page.text


def test_only_the_practice_itself_pairs(
    theirs: TestClient, auditor: TestClient, ledger: Ledger, operator: Caller
) -> None:
    before = ledger.pairings(OURS, by=operator)

    assert "Approve a system" not in auditor.get(PAIRINGS).text
    assert theirs.get(PAIRINGS).status_code == 403
    for browser in (theirs, auditor):
        assert browser.post(PAIRINGS, data={"system": "web-triage"}).status_code == 403
        assert browser.post(f"{PAIRINGS}/web-triage/revocation").status_code == 403
    assert ledger.pairings(OURS, by=operator) == before
