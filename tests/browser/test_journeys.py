"""Can a person do it? Each journey is made with JavaScript and without."""

import csv
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.journeys import (
    given_a_practice_signed_in,
    given_an_auditor_signed_in,
    then_the_heading_is,
    then_they_are_told_of_success,
    then_they_do_not_read,
    then_they_read,
    when_they_follow,
    when_they_narrow_the_list,
    when_they_press,
    when_they_write,
)
from tests.web.filled import COHORT, OURS


def the_action_still_to_do(page: Page) -> str:
    """Each run of a journey takes an action of its own: an action is taken once."""
    page.goto(f"/pages/practices/{OURS}/actions?owner=practice")
    for standing in ("SA09", "SA11", "SA13"):
        if f"({standing})" in page.get_by_role("main").inner_text():
            return standing
    raise AssertionError("every action is taken")


def test_a_practice_does_what_it_has_to_and_says_so(page: Page) -> None:
    given_a_practice_signed_in(page, OURS)
    standing = the_action_still_to_do(page)
    page.goto(f"/pages/practices/{OURS}/actions/{standing}-{OURS}")

    when_they_write(page, "What was done, by whom and when?", "Done on Monday, by the manager")
    when_they_press(page, "Mark as done")

    then_the_heading_is(page, "Actions")
    then_they_are_told_of_success(page, "Marked as done")
    when_they_narrow_the_list(page, State="taken")
    then_they_read(page, "Done on Monday, by the manager")


def test_a_practice_that_says_nothing_is_told_what_is_missing(page: Page) -> None:
    given_a_practice_signed_in(page, OURS)
    page.goto(f"/pages/practices/{OURS}/actions/SA14-{OURS}")

    when_they_press(page, "Mark as done")

    then_they_read(page, "There is a problem")
    when_they_follow(page, "Say what was done, by whom and when")
    expect(page.get_by_label("What was done, by whom and when?")).to_be_focused()


def test_a_practice_looks_at_the_evidence_of_a_finding(page: Page) -> None:
    given_a_practice_signed_in(page, OURS)

    when_they_follow(page, "breaches")
    when_they_follow(page, "Never transmitted")

    then_the_heading_is(page, "Never transmitted")
    then_they_read(page, "did not carry the patient")
    then_they_read(page, "NHS Digital does not uphold the patient's wish")


def test_a_practice_leafs_through_what_was_found(page: Page) -> None:
    given_a_practice_signed_in(page, OURS)
    when_they_follow(page, "Findings")

    when_they_narrow_the_list(page, Rule="TX01")
    when_they_follow(page, "Next page")

    then_they_read(page, f"Findings 26 to {COHORT} of {COHORT}")


def test_a_practice_takes_its_list_along(page: Page, tmp_path: Path) -> None:
    given_a_practice_signed_in(page, OURS)
    when_they_follow(page, "Actions")
    when_they_narrow_the_list(page, Because_of="CO01")

    with page.expect_download() as download:
        when_they_follow(page, "Download this list")

    download.value.save_as(tmp_path / "actions.csv")
    with (tmp_path / "actions.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["rule"] for row in csv.DictReader(file)] == ["CO01"]


def test_an_auditor_sees_that_nothing_arrived(page: Page) -> None:
    given_an_auditor_signed_in(page)

    when_they_follow(page, "Did it reach NHS Digital?")

    then_they_read(page, "First found on 1 May 2016")
    expect(page.get_by_role("img", name="Type 2 dissents newly recorded")).to_be_visible()
    when_they_follow(page, "EMIS")
    then_they_do_not_read(page, "CTV3")


def test_an_auditor_searches_for_a_practice(page: Page) -> None:
    given_an_auditor_signed_in(page)

    page.get_by_label("Name or code").fill("harbour")
    when_they_press(page, "Show")
    when_they_follow(page, "HARBOUR SURGERY")

    then_the_heading_is(page, "HARBOUR SURGERY")


def test_who_signs_out_has_to_sign_in_again(page: Page) -> None:
    given_an_auditor_signed_in(page)

    when_they_press(page, "Sign out")
    page.goto("/pages/practices")

    then_the_heading_is(page, "Sign in to the objection ledger")
