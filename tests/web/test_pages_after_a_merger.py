"""What do the pages say of a practice that closed, and of the one that has its patients?"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.domain.callers import Caller
from ledger.store.engine import open_engine
from tests.databases import Databases
from tests.registers import a_line, a_succession, an_answer, epraccur, ord_file
from tests.served import served
from tests.web.conftest import HOST
from tests.web.filled import OURS, THEIRS, fill

UNCLAIMED, LEAVING = "X99905", "X99906"
MANY = 60


@pytest.fixture(scope="module")
def ledger(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Ours closed in March 2018 and THEIRS has its patients; another closed and left no word."""
    folder = tmp_path_factory.mktemp("merged")
    register = epraccur(
        folder / "again",
        a_line(UNCLAIMED, name="LOST SURGERY", status="C", closed="20170630"),
        a_line(LEAVING, name="LEAVING SURGERY", closed="20990630"),
        *(a_line(f"Y{n:05}", name=f"SURGERY {n}") for n in range(MANY)),
        a_line("Y99999", name="A PRISON", setting="10"),
    )
    told = an_answer(
        OURS,
        name="MARLOW SURGERY",
        ended="2018-03-31",
        successions=[a_succession("Successor", THEIRS, "2018-04-01")],
    )
    with databases.copy() as url:
        engine = open_engine(url)
        ledger = Ledger(engine)
        fill(ledger, _made(folder / "deliveries"))
        ledger.import_practices(register)
        ledger.import_practices(ord_file(folder, told))
        ledger.catch_up()
        yield ledger
        engine.dispose()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def app(ledger: Ledger, key: Ed25519PrivateKey, mint: Callable[[Caller], str]) -> FastAPI:
    """The pages over it."""
    return served(ledger, key, mint=mint)


def test_a_closed_practice_says_when_and_who_has_its_patients(auditor: TestClient) -> None:
    page = auditor.get(f"/pages/practices/{OURS}")

    assert "This practice closed on 31 March 2018." in page.text
    assert f'<a href="/pages/practices/{THEIRS}">HARBOUR SURGERY</a>' in page.text
    assert "Their objections go with them" in page.text


def test_a_successor_says_whom_it_took_over_and_what_is_open_there(theirs: TestClient) -> None:
    page = theirs.get(f"/pages/practices/{THEIRS}")

    assert "Practices it took over" in page.text
    assert f'<a href="/pages/practices/{OURS}">MARLOW SURGERY</a>' in page.text
    assert "closed on 31 March 2018" in page.text
    assert "findings are open there" in page.text


@pytest.mark.parametrize("what", ["", "/findings", "/actions", "/sharing", "/pairings"])
def test_a_successor_may_look_at_every_page_of_the_closed_practice(
    theirs: TestClient, what: str
) -> None:
    assert theirs.get(f"/pages/practices/{OURS}{what}").status_code == 200


def test_a_successor_may_answer_for_the_closed_practice(theirs: TestClient, ledger: Ledger) -> None:
    [found] = ledger.findings(practice=OURS, rule="CO01")

    assert "Dismiss" in theirs.get(f"/pages/findings/{found.id}").text


def test_a_closed_practice_still_sees_itself_and_not_its_successor(ours: TestClient) -> None:
    page = ours.get(f"/pages/practices/{OURS}")

    assert "HARBOUR SURGERY" in page.text
    assert f"/pages/practices/{THEIRS}" not in page.text
    assert ours.get(f"/pages/practices/{THEIRS}").status_code == 403


def test_where_nobody_is_known_to_have_the_patients_the_page_says_so(auditor: TestClient) -> None:
    page = auditor.get(f"/pages/practices/{UNCLAIMED}")

    assert "This practice closed on 30 June 2017." in page.text
    assert "The register does not say who has its patients." in page.text


def test_a_practice_that_will_close_says_so(auditor: TestClient) -> None:
    page = auditor.get(f"/pages/practices/{LEAVING}")

    assert "This practice closes on 30 June 2099." in page.text
    assert "This practice closed" not in page.text


def test_the_list_has_every_gp_practice_page_by_page(auditor: TestClient) -> None:
    total = MANY + 4
    pages = [auditor.get("/pages/practices", params={"page": n}).text for n in (1, 2, 3, 4)]

    assert f"Practices 1 to 25 of {total}" in pages[0]
    assert f"Practices 51 to {total} of {total}" in pages[2]
    assert "No practice here matches" in pages[3]
    assert all("Y99999" not in page for page in pages)


def test_all_that_are_listed_are_more(auditor: TestClient) -> None:
    page = auditor.get("/pages/practices", params={"kind": "all"})

    assert f"of {MANY + 5}" in page.text


def test_the_closed_ones_are_listed_with_the_day_and_the_successor(auditor: TestClient) -> None:
    page = auditor.get("/pages/practices", params={"closed_since": "2018-01-01"})

    assert f"/pages/practices/{OURS}" in page.text
    assert "31 March 2018" in page.text
    assert f"Patients with {THEIRS}" in page.text
    assert f"/pages/practices/{UNCLAIMED}" not in page.text


def test_nobody_signs_in_as_a_practice_that_the_ledger_does_not_hear_from(
    app: FastAPI,
) -> None:
    client = TestClient(app, base_url=HOST)

    answer = client.post(
        "/pages/sign-in",
        data={"role": "controller", "practice": UNCLAIMED},
        headers={"Origin": HOST},
    )

    assert answer.status_code == 422
