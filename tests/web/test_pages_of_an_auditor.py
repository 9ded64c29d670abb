"""All practices, all findings, and the board that would have shown that nothing arrived."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.application.records import TransmissionRecord
from ledger.web import charts
from tests.web.filled import COHORT, OURS, THEIRS


def test_an_auditor_sees_every_practice_the_gravest_first(auditor: TestClient) -> None:
    page = auditor.get("/pages/practices")

    assert page.text.index(f"/pages/practices/{OURS}") < page.text.index(
        f"/pages/practices/{THEIRS}"
    )


@pytest.mark.parametrize(
    "asked", [{"q": "harbour"}, {"q": "x99902"}, {"system": "emis-web"}], ids=str
)
def test_practices_are_searched_by_name_code_and_system(
    auditor: TestClient, asked: dict[str, str]
) -> None:
    page = auditor.get("/pages/practices", params=asked)

    assert f"/pages/practices/{THEIRS}" in page.text
    assert f"/pages/practices/{OURS}" not in page.text


def test_a_search_that_finds_nothing_says_so(auditor: TestClient) -> None:
    assert "No practice here matches" in auditor.get("/pages/practices?q=nowhere").text


def test_all_findings_name_the_practice_or_the_supplier(auditor: TestClient) -> None:
    silent = auditor.get("/pages/findings", params={"rule": "TX02"})
    practices = auditor.get("/pages/findings", params={"rule": "SH01"})

    assert "<td>TPP</td>" in silent.text
    assert f'<a href="/pages/practices/{OURS}">{OURS}</a>' in practices.text


def test_what_is_overdue_is_counted_by_practice_and_owner_the_oldest_first(
    auditor: TestClient,
) -> None:
    page = auditor.get("/pages/actions")

    assert "Overdue, the oldest first" in page.text
    counts = page.text[page.text.index('id="counts"') : page.text.index('id="list"')]
    assert counts.index("NHS Digital") < counts.index("The practice")
    assert f'<td class="count">{COHORT}</td><td class="count count--grave">' in counts
    assert ">TPP<" in counts


@pytest.mark.parametrize(
    ("asked", "there", "not_there"),
    [
        ({"commissioner": "00k", "state": "open"}, f"{OURS}<", ">TPP<"),
        ({"commissioner": "99Z", "state": "open"}, "No action matches", f"{OURS}<"),
        ({"supplier": "EMIS", "state": "open"}, f"{THEIRS}<", f"{OURS}<"),
        ({"owner": "supplier", "state": "open"}, ">TPP<", f"{OURS}<"),
    ],
    ids=str,
)
def test_actions_everywhere_are_narrowed(
    auditor: TestClient, asked: dict[str, str], there: str, not_there: str
) -> None:
    page = auditor.get("/pages/actions", params=asked)
    told = page.text[page.text.rindex("</form>") :]

    assert there in told
    assert not_there not in told


def test_actions_and_their_counts_are_downloaded(auditor: TestClient) -> None:
    counts = auditor.get("/pages/action-counts.csv", params={"owner": "supplier"})
    actions = auditor.get("/pages/actions.csv", params={"owner": "supplier", "state": "open"})

    [count] = csv.DictReader(io.StringIO(counts.content.decode("utf-8-sig")))
    [action] = csv.DictReader(io.StringIO(actions.content.decode("utf-8-sig")))
    assert (count["supplier"], count["open"], count["oldest_due"]) == ("TPP", "1", "")
    assert (action["rule"], action["practice"], action["supplier"]) == ("TX02", "", "TPP")


def test_what_is_asked_about_a_supplier_is_marked_as_done(
    auditor: TestClient, ours: TestClient, ledger: Ledger
) -> None:
    [action] = ledger.actions(owner="supplier")
    path = f"/pages/actions/{action.id}"

    seen_by_a_practice = ours.get(path)
    without = auditor.post(path, data={"note": " "})
    marked = auditor.post(path, data={"note": "TPP explained on 26 June 2018"})

    assert seen_by_a_practice.status_code == 403
    assert without.status_code == 422
    assert marked.url.path == "/pages/actions"
    assert "Marked as done: " in marked.text
    assert "TPP explained on 26 June 2018" in auditor.get(path).text


def test_the_actions_of_everybody_are_no_practices_to_see(ours: TestClient) -> None:
    for path in ("actions", "actions.csv", "action-counts.csv"):
        assert ours.get(f"/pages/{path}").status_code == 403


def test_the_board_shows_recorded_beside_transmitted(auditor: TestClient) -> None:
    page = auditor.get("/pages/suppliers")

    assert "First found on <strong>1 May 2016</strong>" in page.text
    assert page.text.count('role="img"') == 2
    assert f"TPP, CTV3: {COHORT} dissents recorded, 0 (0.0%) transmitted" in page.text
    assert f'<td class="count">{COHORT}</td><td class="count">0</td>' in page.text


def test_the_board_is_narrowed_to_a_supplier(auditor: TestClient) -> None:
    page = auditor.get("/pages/suppliers", params={"supplier": "EMIS"})

    assert "EMIS, Read v2" in page.text
    assert "CTV3" not in page.text


def test_a_supplier_of_whom_no_collection_tells_has_no_picture(auditor: TestClient) -> None:
    page = auditor.get("/pages/suppliers", params={"supplier": "INPS"})

    assert "The ledger knows of no collection of this supplier" in page.text


def test_the_numbers_of_the_board_are_downloaded(auditor: TestClient) -> None:
    answer = auditor.get("/pages/suppliers.csv", params={"supplier": "TPP"})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["period_end"], row["entered"], row["transmitted"]) for row in rows] == [
        ("2016-04-30", str(COHORT), "0"),
        ("2016-05-31", "0", "0"),
        ("2016-06-30", "0", "0"),
        ("2016-07-31", "0", "0"),
    ]
    assert tuple(rows[0]) == tuple(TransmissionRecord.model_fields)


def test_the_vocabularies_are_drawn_and_counted_month_by_month(auditor: TestClient) -> None:
    page = auditor.get("/pages/vocabularies")
    sheet = auditor.get("/pages/vocabularies.csv", params={"system": "emis-web"})

    assert "EMIS Web: 32 in Read v2, 0 in CTV3, 0 in SNOMED CT." in page.text
    assert '<th scope="row">March 2016</th><td>TPP SystmOne</td><td>Type 2</td>' in page.text
    assert "no entry since then is in an old vocabulary" in page.text
    rows = list(csv.DictReader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert [(row["month"], row["readv2"], row["ctv3"]) for row in rows] == [
        ("2016-03-01", str(COHORT), "0")
    ]


def test_a_system_in_which_nothing_was_entered_has_no_picture(auditor: TestClient) -> None:
    page = auditor.get("/pages/vocabularies", params={"system": "vision"})

    assert "The ledger knows of no entry in this system yet" in page.text


def test_a_supplier_that_does_not_exist_is_a_page_that_says_so(auditor: TestClient) -> None:
    page = auditor.get("/pages/suppliers", params={"supplier": "ACME"})

    assert page.status_code == 422
    assert "ACME" not in page.text


def test_a_picture_is_drawn_once_for_the_same_numbers(auditor: TestClient) -> None:
    auditor.get("/pages/suppliers")
    before = charts.recorded_and_transmitted.cache_info()

    auditor.get("/pages/suppliers")

    after = charts.recorded_and_transmitted.cache_info()
    assert (after.hits, after.misses) == (before.hits + 1, before.misses)


@pytest.mark.parametrize(
    "asked",
    [
        {"supplier": "EMIS"},
        {"status": "active", "q": "harbour"},
        {"commissioner": "00k", "system": "emis-web"},
        {"kind": "all", "q": "harbour"},
    ],
    ids=str,
)
def test_practices_are_narrowed_as_on_the_command_line(
    auditor: TestClient, asked: dict[str, str]
) -> None:
    page = auditor.get("/pages/practices", params=asked)

    assert f"/pages/practices/{THEIRS}" in page.text
    assert f"/pages/practices/{OURS}" not in page.text


@pytest.mark.parametrize("asked", [{"status": "closed"}, {"closed_since": "2015-01-01"}], ids=str)
def test_no_practice_here_closed(auditor: TestClient, asked: dict[str, str]) -> None:
    assert "No practice here matches" in auditor.get("/pages/practices", params=asked).text


def test_a_day_that_is_none_is_told(auditor: TestClient) -> None:
    page = auditor.get("/pages/practices", params={"closed_since": "31 March"})

    assert page.status_code == 422
    assert "Write the day as 2018-03-31" in page.text
