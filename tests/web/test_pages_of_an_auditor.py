"""All practices, all findings, and the board that would have shown that nothing arrived."""

import csv
import io
import re
from datetime import date

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
    # What never arrived (TX01) was never converted (LC03) either.
    assert f'<td class="count">{2 * COHORT}</td><td class="count count--grave">' in counts
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
    assert page.text.count('role="img"') == 4
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


def test_the_board_tells_who_fell_out_of_line_and_how_long_it_took(auditor: TestClient) -> None:
    page = auditor.get("/pages/suppliers")

    assert '<h2 id="lapses">Who fell out of line, and came back</h2>' in page.text
    assert (
        '<th scope="row">TPP</th><td>CTV3</td><td>30 April 2016</td><td>Not yet</td>' in page.text
    )
    # Entered on 1 March, carried by the collection of 30 April: 60 days.
    assert '<td class="count">60</td><td class="count">60</td>' in page.text
    assert "No practice that had taken part before was missing" in page.text


def test_the_board_downloads_say_true_and_false_as_programs_do(auditor: TestClient) -> None:
    answer = auditor.get("/pages/suppliers.csv", params={"supplier": "TPP"})

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["out_of_line"] for row in rows] == ["true", "false", "false", "false"]
    assert {row["unvalidated"] for row in rows} == {"false"}


def test_each_practice_of_a_collection_is_told(auditor: TestClient) -> None:
    latest = auditor.get("/pages/suppliers/practices")
    first = auditor.get(
        "/pages/suppliers/practices", params={"collection": "2016-04", "supplier": "EMIS"}
    )
    none = auditor.get("/pages/suppliers/practices", params={"collection": "never"})

    assert "Practices in the collection of 31 July 2016" in latest.text
    assert f"{OURS}</a></th><td>TPP</td>" in latest.text
    assert OURS not in first.text
    assert f"{THEIRS}</a></th><td>EMIS</td>" in first.text
    assert "The ledger knows of no such collection" in none.text


def test_every_practice_of_every_collection_is_downloaded(auditor: TestClient) -> None:
    answer = auditor.get("/pages/suppliers/practices.csv")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 8
    assert {row["state"] for row in rows} == {"took-part"}


def test_statistics_are_drawn_and_told_in_numbers_that_may_be_published(
    auditor: TestClient,
) -> None:
    page = auditor.get("/pages/statistics")

    # 32 of ours and as many of theirs to the nearest five; one more objects to type 1.
    assert "Type 2: 60, Type 2, transmitted: 30." in page.text
    assert '*<span class="nhsuk-u-visually-hidden"> (1 to 7)</span>' in page.text
    assert f"{THEIRS}</a></th><td>HARBOUR SURGERY</td><td>00K</td>" in page.text
    assert page.text.count('role="img"') == 1


def test_statistics_are_downloaded_for_the_latest_month_or_for_all(auditor: TestClient) -> None:
    latest, every = (
        list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        for answer in (
            auditor.get("/pages/statistics.csv"),
            auditor.get("/pages/statistics.csv", params={"every_month": "true"}),
        )
    )

    assert {row["month"] for row in latest} == {"2018-05-01"}
    assert every[: len(latest)] == latest
    assert {(r["month"], r["objecting"]) for r in every if r["level"] == "all"} >= {
        ("2014-01-01", "0"), ("2016-03-01", "60")
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["suppliers/practices", "suppliers/practices.csv", "statistics", "statistics.csv"],
)
def test_a_practice_is_not_shown_what_is_counted_over_all(ours: TestClient, path: str) -> None:
    assert ours.get(f"/pages/{path}").status_code == 403


def a_line(end: date, *, missing: int, half: int | None, most: int | None) -> TransmissionRecord:
    return TransmissionRecord(
        collection=f"{end:%Y-%m}", period_end=end, supplier="EMIS", code_system="readv2",
        entered=2, transmitted=1, ratio=0.5, first_seen=1, backlog=1, carried=9, median_days=half,
        p95_days=most, oldest_waiting_days=3, out_of_line=False, practices=4, missing=missing,
        unvalidated=missing > 0,
    )  # fmt: skip


def test_where_a_practice_is_missing_the_figures_are_said_to_be_unvalidated(
    auditor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        a_line(date(2016, 4, 30), missing=0, half=30, most=300),
        a_line(date(2016, 5, 31), missing=1, half=12, most=45),
        a_line(date(2016, 6, 30), missing=0, half=None, most=None),
    ]
    monkeypatch.setattr(Ledger, "transmission", lambda *_, **__: lines)

    page = auditor.get("/pages/suppliers")

    assert re.search(
        r'practices\?supplier=EMIS&amp;collection=2016-05">1<span[^>]*> missing of EMIS, Read v2, '
        r"31 May 2016</span></a>, unvalidated",
        page.text,
    )
    assert page.text.count("</a>, unvalidated") == 1
    assert (
        "In 1 collection a practice that had taken part before was missing, of EMIS." in page.text
    )
    # The first collection carried all that was ever entered: it is not what is told of.
    slowest = "of what the collection of 31 May 2016 first carried, half had been entered within 12"
    assert slowest in page.text
