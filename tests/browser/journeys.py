"""What a person does: `given_` where they stand, `when_` what they do, `then_` what they see."""

from playwright.sync_api import Page, expect


def given_a_practice_signed_in(page: Page, ods: str) -> None:
    page.goto("/")
    page.get_by_label("A practice", exact=True).check()
    page.get_by_label("Which practice?").select_option(ods)
    page.get_by_role("button", name="Sign in").click()
    then_the_heading_is(page, "& SONS")


def given_an_auditor_signed_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("An auditor").check()
    page.get_by_role("button", name="Sign in").click()
    then_the_heading_is(page, "Practices")


def when_they_follow(page: Page, link: str) -> None:
    page.get_by_role("link", name=link).first.click()


def when_they_narrow_the_list(page: Page, **chosen: str) -> None:
    for label, value in chosen.items():
        page.get_by_label(label.replace("_", " "), exact=True).select_option(value)
    page.get_by_role("button", name="Show").click()


def when_they_write(page: Page, label: str, text: str) -> None:
    page.get_by_label(label).fill(text)


def when_they_press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button).click()


def then_the_heading_is(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)


def then_they_read(page: Page, text: str) -> None:
    expect(page.get_by_role("main")).to_contain_text(text)


def then_they_do_not_read(page: Page, text: str) -> None:
    expect(page.get_by_role("main")).not_to_contain_text(text)


def then_they_are_told_of_success(page: Page, text: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(text)
