"""What holds for every page: what guards it, whose ledger it is, and how it fails."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from ledger.application import Ledger
from ledger.application.records import FindingRecord
from ledger.domain import sources
from ledger.domain.recording_errors import RULES
from ledger.domain.standing_actions import STANDING_ACTIONS
from ledger.web import create_pages, sheets
from ledger.web.lists import leaf
from tests.web.filled import OURS

STATIC = Path(__file__).parents[2] / "ledger" / "web" / "static"
PAGES = ("/pages/sign-in", f"/pages/practices/{OURS}", "/pages/suppliers", "/pages/none")


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_guarded(auditor: TestClient, path: str) -> None:
    page = auditor.get(path)

    assert page.headers["content-security-policy"].startswith("default-src 'self';")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_a_script_or_a_style_of_its_own(auditor: TestClient, path: str) -> None:
    page = auditor.get(path)

    assert re.findall(r"<script(?! type=\"module\" src=)", page.text) == []
    assert re.findall(r"<style|\sstyle=|\son\w+=", page.text) == []
    assert re.findall(r'(?:src|rel="stylesheet" href)="(?!/pages/static/)', page.text) == []


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_that_it_is_a_re_enactment_and_what_it_knows(
    auditor: TestClient, path: str
) -> None:
    page = auditor.get(path)

    assert "This is a re-enactment" in page.text
    assert "It is not live evidence" in page.text
    assert "Two practices, a re-enactment" in page.text
    assert re.search(r"position [\d,]+", page.text)


def test_what_a_page_is_made_of_is_served(auditor: TestClient) -> None:
    page = auditor.get("/pages/sign-in")

    for path in re.findall(r'(?:src|href)="(/pages/static/[^"]+)"', page.text):
        assert auditor.get(path).status_code == 200, path


def test_nothing_vendored_asks_another_site_for_anything() -> None:
    for file in STATIC.rglob("*.css"):
        assert re.findall(r"url\(['\"]?(?:https?:)?//", file.read_text()) == [], file


def test_a_page_that_is_not_there_is_told_in_plain_english(auditor: TestClient) -> None:
    page = auditor.get("/pages/none")

    assert page.status_code == 404
    assert "<h1>Page not found</h1>" in page.text


def test_a_path_that_is_no_practice_is_told_in_plain_english(auditor: TestClient) -> None:
    page = auditor.get("/pages/practices/no code")

    assert page.status_code == 422
    assert "could not use what was sent" in page.text


def test_what_nobody_foresaw_is_told_without_its_cause(
    auditor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("secret")

    monkeypatch.setattr(Ledger, "practices", fail)

    page = auditor.get("/pages/practices")

    assert page.status_code == 500
    assert "This is our fault, not yours" in page.text
    assert "secret" not in page.text


def test_a_database_that_is_away_is_told_as_such(
    auditor: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("select 1", {}, Exception("secret"))

    monkeypatch.setattr(Ledger, "known", away)

    asked = auditor.get("/pages/practices")
    not_there = auditor.get("/pages/none")

    assert (asked.status_code, asked.headers["retry-after"]) == (503, "30")
    assert "count everybody as objecting" in asked.text
    assert not_there.status_code == 404
    assert "secret" not in asked.text


def test_an_empty_ledger_bears_no_banner_and_is_not_opened_by_a_look(engine: Engine) -> None:
    ledger = Ledger(engine)
    ledger.catch_up()
    pages = create_pages(ledger, verify=lambda _: pytest.fail("nobody"), mint=lambda _: "")

    page = TestClient(pages).get("/sign-in")

    assert "re-enactment" not in page.text
    assert ledger.known().position == 0


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1"])
def test_a_cell_that_would_be_a_formula_is_text(text: str) -> None:
    assert sheets.cell(text) == f"'{text}"


@pytest.mark.parametrize(("value", "cell"), [(-1, "-1"), (None, ""), ("a=b", "a=b"), (0.5, "0.5")])
def test_a_cell_that_is_no_formula_stays_as_it_is(value: object, cell: str) -> None:
    assert sheets.cell(value) == cell


def test_every_source_that_advice_names_is_known() -> None:
    advice = [
        *(advice for rule in RULES for asked in rule.actions for advice in asked.advice),
        *(advice for standing in STANDING_ACTIONS for advice in standing.advice),
    ]

    named = {source for one in advice for source in sources.named(one.source)}

    assert [source.label for source in named if source.who == source.label] == []


def test_a_list_is_cut_into_pages() -> None:
    last = leaf(list(range(51)), 3)

    assert (last.records, last.pages, last.first, last.last) == ([50], 3, 51, 51)
    assert (last.before, last.after) == (2, None)


def test_a_finding_record_still_has_every_field_a_page_reads() -> None:
    template = (STATIC.parent / "templates" / "finding.html").read_text()

    read = set(re.findall(r"\bfinding\.(\w+)", template))

    assert read <= set(FindingRecord.model_fields)
