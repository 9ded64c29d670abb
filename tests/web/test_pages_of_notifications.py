"""Can a manager have programs and feed readers told, and take it back, in a browser?"""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.domain.callers import Caller
from ledger.webhooks.outgoing import Outgoing
from tests.served import served
from tests.web.conftest import Browser
from tests.web.filled import OURS, THEIRS

PAGE = f"/pages/practices/{OURS}/notifications"
URL = "https://receiver.example/breaches"


@pytest.fixture
def app(
    engine: Engine, key: Ed25519PrivateKey, mint: Callable[[Caller], str], tmp_path: Path
) -> FastAPI:
    """The pages over a ledger of the test's own, which is changed."""
    ledger = Ledger(engine, outgoing=Outgoing(frozenset({"receiver.example"})))
    systems = tmp_path / "systems.csv"
    systems.write_text(f"ODSCode,Supplier\n{OURS},TPP\n{THEIRS},EMIS\n")
    ledger.import_practices(None, systems=systems)
    ledger.catch_up()
    return served(ledger, key, mint=mint)


def test_a_secret_is_shown_once_and_the_webhook_revoked(ours: TestClient) -> None:
    made = ours.post(f"/pages/practices/{OURS}/webhooks", data={"url": f" {URL} "})
    looked = ours.get(PAGE)
    [webhook] = set(re.findall(r"webhooks/([a-z]{20})/revocation", looked.text))
    revoked = ours.post(f"/pages/practices/{OURS}/webhooks/{webhook}/revocation")

    assert made.status_code == 200
    assert re.search(r"whsec_[\w+/]{43}=", html.unescape(made.text))
    assert URL in looked.text
    assert "whsec_" not in looked.text
    assert "Revoked" in revoked.text
    assert "/revocation" not in revoked.text


@pytest.mark.parametrize("url", ["", "http://receiver.example/", "https://elsewhere.example/"])
def test_what_may_not_be_told_is_said_beside_the_field(ours: TestClient, url: str) -> None:
    page = ours.post(f"/pages/practices/{OURS}/webhooks", data={"url": url})

    assert page.status_code == 422
    assert "<title>Error: Notifications" in page.text
    assert 'href="#url"' in page.text
    assert "receiver.example" in page.text


def test_a_feed_readers_password_is_shown_once_and_taken_back(ours: TestClient) -> None:
    made = ours.post(f"/pages/practices/{OURS}/feed-tokens")
    looked = ours.get(PAGE)
    [token] = set(re.findall(r"feed-tokens/([a-z]{20})/revocation", looked.text))
    revoked = ours.post(f"/pages/practices/{OURS}/feed-tokens/{token}/revocation")

    assert f"http://testserver/practices/{OURS}/notifications.atom" in made.text
    assert "Password: " in made.text
    assert "Password: " not in looked.text
    assert "Revoked" in revoked.text


def test_an_auditor_looks_and_changes_nothing(browser: Browser, ours: TestClient) -> None:
    ours.post(f"/pages/practices/{OURS}/webhooks", data={"url": URL})
    auditor = browser("auditor")

    page = auditor.get(PAGE)
    refused = auditor.post(f"/pages/practices/{OURS}/webhooks", data={"url": URL})

    assert URL in page.text
    assert "<form" not in page.text.partition("<main")[2]
    assert refused.status_code == 403


def test_no_practice_sees_whom_another_has_told(browser: Browser) -> None:
    assert browser("controller", THEIRS).get(PAGE).status_code == 403


def test_a_practices_home_leads_there(ours: TestClient) -> None:
    assert f'href="{PAGE}"' in ours.get(f"/pages/practices/{OURS}").text
