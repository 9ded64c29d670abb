"""Standing in the past: a date moves every page; timelines, differences, and the incident of 2018."""

import re

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.application.standpoint import When
from tests.web.filled import COHORT, OF_OURS, OURS, THEIRS

FOLLOWING = [
    "/pages/practices",
    f"/pages/practices/{OURS}",
    f"/pages/practices/{OURS}/sharing",
    f"/pages/practices/{OURS}/findings",
    f"/pages/practices/{OURS}/actions",
    f"/pages/practices/{OURS}/timeline",
    "/pages/findings",
    "/pages/actions",
    "/pages/suppliers",
    "/pages/suppliers/practices",
    "/pages/statistics",
    "/pages/policies?b=ncl-2025",
    "/pages/patient",
]


def move(browser: TestClient, moment: str, to: str = "/pages/practices") -> int:
    answer = browser.post(
        "/pages/moment", data={"moment": moment, "to": to}, follow_redirects=False
    )
    return answer.status_code


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_date_moves_every_page_until_one_goes_back_to_now(auditor: TestClient) -> None:
    assert "This is the past" not in auditor.get(FOLLOWING[0]).text
    assert move(auditor, "2016-05-31") == 303

    for path in FOLLOWING:
        page = auditor.get(path)
        assert page.status_code == 200
        assert "This is the past: what the ledger knew at position" in words(page.text)

    assert move(auditor, "") == 303
    assert "This is the past" not in auditor.get(FOLLOWING[0]).text


def test_a_page_that_tells_only_of_now_says_so(auditor: TestClient) -> None:
    move(auditor, "2016-05-31")

    for path in ("/pages/deliveries", "/pages/releases", "/pages/vocabularies"):
        assert "but not on this page" in auditor.get(path).text


def test_in_the_past_a_page_shows_what_was_known_then_and_lets_nobody_do_anything(
    ours: TestClient, ledger: Ledger
) -> None:
    path = f"/pages/practices/{OURS}/findings?state=all"
    now = ours.get(path).text
    move(ours, "2016-04-01")

    then = ours.get(path).text
    first = ledger.actions(practice=OURS)[0]
    form = ours.get(f"/pages/practices/{OURS}/actions/{first.id}")

    known = len(ledger.findings(practice=OURS, state="all", when=When(known_at=then_point(ledger))))
    assert 0 < known < len(ledger.findings(practice=OURS, state="all"))
    assert f"1 to {known} of {known} " in words(then)
    assert f"1 to {known} of {known} " not in words(now)
    assert "<textarea" not in form.text


def then_point(ledger: Ledger) -> int:
    from datetime import date

    return ledger.known(date(2016, 4, 1)).position


@pytest.mark.parametrize("moment", ["yesterday", "2200-01-01", "999999999", "9990000018x"])
def test_a_moment_that_there_is_not_is_told_and_not_repeated(
    auditor: TestClient, moment: str
) -> None:
    page = auditor.post("/pages/moment", data={"moment": moment})

    assert page.status_code == 422
    assert "The pages could not be moved" in page.text
    assert moment not in page.text
    assert "This is the past" not in auditor.get("/pages/practices").text


def test_one_is_sent_back_only_to_our_own_pages(auditor: TestClient) -> None:
    answer = auditor.post(
        "/pages/moment",
        data={"moment": "1", "to": "https://elsewhere.example/"},
        follow_redirects=False,
    )

    assert answer.headers["location"] == "/pages/"


def test_a_practices_timeline_is_stepped_through_with_both_times(ours: TestClient) -> None:
    newest = ours.get(f"/pages/practices/{OURS}/timeline")
    steps = [newest.text]
    while before := re.search(r'href="([^"]+)" rel="prev"', steps[-1]):
        steps.append(ours.get(before[1].replace("&amp;", "&")).text)

    total = len(steps)
    assert total > 3
    assert f"Event {total} of {total}" in words(steps[0])
    assert f"Event 1 of {total}" in words(steps[-1])
    assert all('role="img" aria-labelledby="timeline-title' in page for page in steps)
    [setting] = [page for page in steps if "Share-out" in words(page).split("So from")[0]]
    assert "1 February 2016" in words(setting)
    assert "1 June 2018" in words(setting)


def test_a_practice_sees_no_other_practices_timeline_and_no_patients(ours: TestClient) -> None:
    assert ours.get(f"/pages/practices/{THEIRS}/timeline").status_code == 403
    assert ours.get("/pages/patient").status_code == 403
    assert ours.post("/pages/patient", data={"nhs_number": OF_OURS[0]}).status_code == 403
    assert ours.get("/pages/incident").status_code == 403


def test_a_patients_timeline_names_them_in_no_address(auditor: TestClient) -> None:
    page = auditor.post("/pages/patient", data={"nhs_number": OF_OURS[0]})

    told = words(page.text)
    assert page.status_code == 200
    assert OF_OURS[0] in told
    assert "Type 2 objecting" in told
    assert OF_OURS[0] not in str(page.url)
    assert not re.search(rf'(?:href|action)="[^"]*{OF_OURS[0]}', page.text)


def test_a_number_nobody_has_is_not_repeated(auditor: TestClient) -> None:
    for number in ("9990000019", "99900", ""):
        page = auditor.post("/pages/patient", data={"nhs_number": number})

        assert page.status_code == 422
        assert not number or number not in page.text


def test_what_differs_is_listed_with_the_events_that_made_it_so(auditor: TestClient) -> None:
    asked = "before=2016-03-01&after=2016-04-01"
    page = auditor.get(f"/pages/differences?{asked}&what=objection&practice={OURS}")

    told = words(page.text)
    counted = re.search(r"([\d,]+) objections, 0 settings", told)
    assert counted is not None
    assert int(counted[1]) > COHORT
    assert "not objecting" in told
    assert OF_OURS[0] in told
    effective = auditor.get(f"/pages/differences?{asked}&effective=true")
    assert effective.status_code == 200


def test_points_that_are_none_are_told_and_not_repeated(auditor: TestClient) -> None:
    for asked in ("before=rubbish&after=1", "before=2&after=1", "before=1&after=2200-01-01"):
        page = auditor.get(f"/pages/differences?{asked}")

        assert page.status_code == 422
        assert "rubbish" not in page.text


def test_a_practice_sees_what_differs_at_home_alone(ours: TestClient) -> None:
    own = ours.get("/pages/differences?before=2016-03-01&after=2016-04-01")
    others = ours.get(f"/pages/differences?before=1&after=2&practice={THEIRS}")

    assert own.status_code == 200
    assert others.status_code == 403


def test_a_ledger_that_does_not_reach_over_both_days_says_so(auditor: TestClient) -> None:
    page = auditor.get("/pages/incident")

    assert page.status_code == 200
    assert "does not reach over both days" in page.text
