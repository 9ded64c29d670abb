"""How a person becomes a caller, in development and behind a gateway; and what guards it."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.application.tokens import IssuerSilent
from ledger.domain.callers import Caller, Role
from tests.served import served
from tests.web.filled import OURS, THEIRS

HOST = "http://testserver"


def test_the_door_of_the_ledger_leads_a_stranger_to_signing_in(
    browser: Callable[..., TestClient],
) -> None:
    stranger = browser()

    page = stranger.get("/")

    assert page.url.path == "/pages/sign-in"
    assert "Sign in to the objection ledger" in page.text


def test_a_practice_that_signs_in_comes_home(browser: Callable[..., TestClient]) -> None:
    page = browser().post("/pages/sign-in", data={"role": "controller", "practice": OURS})

    assert page.url.path == f"/pages/practices/{OURS}"


def test_an_auditor_who_signs_in_sees_the_practices(browser: Callable[..., TestClient]) -> None:
    page = browser().post("/pages/sign-in", data={"role": "auditor"})

    assert page.url.path == "/pages/practices"


def test_somebody_sent_to_sign_in_comes_back_to_where_they_were_going(
    browser: Callable[..., TestClient],
) -> None:
    person = browser()
    asked = person.get(f"/pages/practices/{OURS}/actions?state=all")

    page = person.post(
        "/pages/sign-in",
        data={"role": "controller", "practice": OURS, "to": asked.url.params["to"]},
    )

    assert (page.url.path, page.url.query) == (f"/pages/practices/{OURS}/actions", b"state=all")


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example", "/pages//x"])
def test_signing_in_leads_to_no_other_site(browser: Callable[..., TestClient], to: str) -> None:
    answer = browser().post(
        "/pages/sign-in", data={"role": "auditor", "to": to}, follow_redirects=False
    )

    assert answer.headers["location"] == "/pages/"


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(
    browser: Callable[..., TestClient],
) -> None:
    answer = browser().post("/pages/sign-in", data={"role": "auditor"}, follow_redirects=False)

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/pages/" in cookie


def test_a_choice_that_is_none_is_told_where_it_is_missing(
    browser: Callable[..., TestClient],
) -> None:
    page = browser().post("/pages/sign-in", data={"role": "controller", "practice": "X00000"})

    assert page.status_code == 422
    assert "Choose a practice that the ledger hears from" in page.text


def test_who_signs_out_is_nobody_again(ours: TestClient) -> None:
    left = ours.post("/pages/sign-out")

    assert "You have signed out" in left.text
    assert ours.get(f"/pages/practices/{OURS}").url.path == "/pages/sign-in"


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null"])
def test_a_form_sent_from_another_site_is_refused(ours: TestClient, origin: str) -> None:
    answer = ours.post(
        f"/pages/practices/{OURS}/actions/SA09-{OURS}",
        data={"note": "done"},
        headers={"Origin": origin},
    )

    assert answer.status_code == 403


def test_a_form_that_says_not_where_it_was_sent_from_is_refused(ours: TestClient) -> None:
    del ours.headers["Origin"]

    assert ours.post("/pages/sign-out").status_code == 403


def test_a_token_that_is_not_ours_counts_for_nothing(browser: Callable[..., TestClient]) -> None:
    stranger = browser()
    stranger.cookies.set("ledger_session", "no.such.token", path="/pages/")

    assert stranger.get("/pages/practices").url.path == "/pages/sign-in"


def test_systems_and_extract_services_are_shown_no_page(
    browser: Callable[..., TestClient], mint: Callable[[Caller], str]
) -> None:
    token = mint(Caller("a service", Role.EXTRACT))

    page = browser().get("/pages/practices", headers={"Authorization": f"Bearer {token}"})

    assert page.status_code == 403


@pytest.fixture
def gateway(ledger: Ledger, key: Ed25519PrivateKey) -> TestClient:
    """The pages as they stand behind a gateway."""
    return TestClient(served(ledger, key, mint=None), base_url=HOST)


def test_behind_a_gateway_nobody_signs_in_by_choice(gateway: TestClient) -> None:
    told = gateway.get("/")
    tried = gateway.post("/pages/sign-in", data={"role": "auditor"}, headers={"Origin": HOST})

    assert "Sign in through your organisation" in told.text
    assert "<form" not in told.text
    assert tried.status_code == 404


def test_behind_a_gateway_its_token_counts_and_the_cookie_does_not(
    gateway: TestClient, mint: Callable[[Caller], str]
) -> None:
    token = mint(Caller("a practice manager", Role.CONTROLLER, frozenset({OURS})))

    passed_on = gateway.get(
        f"/pages/practices/{OURS}", headers={"Authorization": f"Bearer {token}"}
    )
    gateway.cookies.set("ledger_session", token, path="/pages/")
    by_cookie = gateway.get(f"/pages/practices/{OURS}")

    assert passed_on.status_code == 200
    assert "Sign out" not in passed_on.text
    assert by_cookie.url.path == "/pages/sign-in"


def test_a_controller_of_two_practices_chooses_between_them(
    gateway: TestClient, mint: Callable[[Caller], str]
) -> None:
    token = mint(Caller("two practices", Role.CONTROLLER, frozenset({OURS, THEIRS})))

    page = gateway.get("/pages/", headers={"Authorization": f"Bearer {token}"})

    assert page.url.path == "/pages/practices"
    assert "Your practices" in page.text
    assert f"/pages/practices/{THEIRS}" in page.text


def test_while_the_issuer_is_silent_the_pages_say_that_they_cannot_answer(
    ledger: Ledger, key: Ed25519PrivateKey
) -> None:
    def silent(token: str) -> Caller:
        raise IssuerSilent("no answer")

    app = served(ledger, key, mint=None, verify=silent)

    page = TestClient(app).get("/pages/practices", headers={"Authorization": "Bearer x.y.z"})

    assert page.status_code == 503
    assert "cannot answer just now" in page.text
