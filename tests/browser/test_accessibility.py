"""Can everybody use each page? Judged by axe, on a wide window and on a narrow one."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from ledger.application import Ledger
from tests.browser.journeys import given_a_practice_signed_in, given_an_auditor_signed_in
from tests.web.filled import OURS

HOME = f"/pages/practices/{OURS}"
OF_A_PRACTICE = {
    "home": HOME,
    "actions": f"{HOME}/actions",
    "an action": f"{HOME}/actions/SA01-{OURS}",
    "missed turns": f"{HOME}/actions?state=missed",
    "letters": f"{HOME}/letters",
    "findings": f"{HOME}/findings",
    "sharing": f"{HOME}/sharing",
    "paired systems": f"{HOME}/pairings",
    "notifications": f"{HOME}/notifications",
    "deliveries": "/pages/deliveries",
    "not found": "/pages/none",
    "not allowed": "/pages/suppliers",
}
OF_AN_AUDITOR = {
    "practices": "/pages/practices",
    "suppliers": "/pages/suppliers",
    "practices in a collection": "/pages/suppliers/practices",
    "statistics": "/pages/statistics",
    "policies": "/pages/policies?a=precedence-1&b=vision",
    "all findings": "/pages/findings",
    "all actions": "/pages/actions",
    "letters": f"{HOME}/letters",
    "a practice": HOME,
    "deliveries": "/pages/deliveries",
    "paired systems": f"{HOME}/pairings",
    "notifications": f"{HOME}/notifications",
}
WINDOWS = {"wide": (1280, 900), "narrow": (360, 740)}


@pytest.fixture(params=WINDOWS)
def window(request: pytest.FixtureRequest, scripted_page: Page) -> Page:
    """A window of one size or the other."""
    width, height = WINDOWS[request.param]
    scripted_page.set_viewport_size({"width": width, "height": height})
    return scripted_page


def barriers(page: Page) -> str:
    """What axe finds, to read; nothing where all is well."""
    found = Axe().run(page)
    return found.generate_report() if found.violations_count else ""


def is_too_wide(page: Page) -> bool:
    """Whether a reader has to move the whole page sideways."""
    too_wide: bool = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return too_wide


def test_signing_in_has_no_barrier(window: Page) -> None:
    window.goto("/")

    assert barriers(window) == ""
    assert not is_too_wide(window)


def test_a_mistake_in_signing_in_has_no_barrier(window: Page) -> None:
    window.goto("/")
    window.get_by_role("button", name="Sign in").click()

    assert barriers(window) == ""


@pytest.mark.parametrize("path", OF_A_PRACTICE.values(), ids=OF_A_PRACTICE)
def test_no_page_of_a_practice_has_a_barrier(window: Page, path: str) -> None:
    given_a_practice_signed_in(window, OURS)

    window.goto(path)

    assert barriers(window) == ""
    assert not is_too_wide(window)


@pytest.mark.parametrize("rule", ["TX01", "CO01", "CO07", "SH01"])
def test_no_page_of_a_finding_has_a_barrier(window: Page, ledger: Ledger, rule: str) -> None:
    given_a_practice_signed_in(window, OURS)

    window.goto(f"/pages/findings/{ledger.findings(practice=OURS, rule=rule)[0].id}")

    assert barriers(window) == ""
    assert not is_too_wide(window)


def test_dismissing_a_finding_and_taking_it_up_again_has_no_barrier(
    window: Page, ledger: Ledger
) -> None:
    given_a_practice_signed_in(window, OURS)

    window.goto(f"/pages/findings/{ledger.findings(practice=OURS, rule='SH01')[0].id}")
    window.get_by_label("Why is it no error?").fill("asked at the desk")
    window.get_by_role("button", name="Dismiss the finding").click()
    window.get_by_text("The finding is dismissed").wait_for()
    assert barriers(window) == ""
    window.get_by_label("Why is it an error after all?").fill("nobody was asked")
    window.get_by_role("button", name="Take it up again").click()
    window.get_by_text("The finding is taken up again").wait_for()
    assert barriers(window) == ""
    assert not is_too_wide(window)


@pytest.mark.parametrize("state", ["accepted", "accepted-in-part"])
def test_no_page_of_a_delivery_has_a_barrier(window: Page, ledger: Ledger, state: str) -> None:
    given_a_practice_signed_in(window, OURS)
    delivery = next(d for d in ledger.deliveries(practice=OURS) if d.state == state)

    window.goto(f"/pages/deliveries/{delivery.id}")

    assert barriers(window) == ""
    assert not is_too_wide(window)


def test_approving_and_revoking_a_pairing_has_no_barrier(window: Page) -> None:
    given_a_practice_signed_in(window, OURS)

    window.goto(f"{HOME}/pairings")
    window.get_by_label("The system’s id").fill("two words")
    window.get_by_role("button", name="Let it write for the practice").click()
    window.get_by_text("There is a problem").wait_for()
    assert barriers(window) == ""
    window.get_by_label("The system’s id").fill("acme-triage")
    window.get_by_role("button", name="Let it write for the practice").click()
    window.get_by_text("Stands", exact=True).wait_for()
    assert barriers(window) == ""
    assert not is_too_wide(window)
    window.get_by_role("button", name="Revoke the pairing with acme-triage").click()
    window.get_by_text("Stands", exact=True).wait_for(state="detached")
    window.get_by_role("heading", name="Approve a system").wait_for()
    assert barriers(window) == ""


@pytest.mark.parametrize("path", OF_AN_AUDITOR.values(), ids=OF_AN_AUDITOR)
def test_no_page_of_an_auditor_has_a_barrier(window: Page, path: str) -> None:
    given_an_auditor_signed_in(window)

    window.goto(path)

    assert barriers(window) == ""
    assert not is_too_wide(window)


def test_a_page_asks_no_other_site_for_anything(scripted_page: Page, address: str) -> None:
    asked: list[str] = []
    scripted_page.on("request", lambda request: asked.append(request.url))

    given_an_auditor_signed_in(scripted_page)
    scripted_page.goto("/pages/suppliers")

    assert [url for url in asked if not url.startswith(address)] == []


def test_no_page_breaks_its_own_policy(chromium: Browser, address: str) -> None:
    complaints: list[str] = []

    with chromium.new_context(base_url=address) as context:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        given_an_auditor_signed_in(page)
        page.goto("/pages/suppliers")

    assert complaints == []
