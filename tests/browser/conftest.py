"""The pages in a real browser: Debian's Chromium, over a small ledger that is really served."""

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, Page, sync_playwright

from ledger.application import Ledger
from ledger.application.tokens import mint_token
from ledger.store.engine import open_engine
from tests.databases import Databases
from tests.served import served
from tests.web.filled import fill

# Headless, and silent: it asks nobody for updates, and the machine may be a bare container.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE = 10.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser."""
    for item in items:
        if "/browser/" in item.nodeid or item.nodeid.startswith("browser/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium. Without it these tests fail, unless we were told that it cannot be had."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        if reason := os.environ.get("LEDGER_NO_BROWSER"):
            pytest.skip(f"not run, no browser: {reason}")
        pytest.fail(
            "Chromium was not found. Install it (apt-get install chromium), or say in "
            "LEDGER_NO_BROWSER why it cannot be had"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def ledger(
    chromium: Browser, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ledger]:
    """Two practices; asked for after the browser, without which it need not be filled."""
    with databases.copy() as url:
        engine = open_engine(url)
        ledger = Ledger(engine)
        fill(ledger, tmp_path_factory.mktemp("deliveries"))
        yield ledger
        engine.dispose()


@pytest.fixture(scope="session")
def address(ledger: Ledger) -> Iterator[str]:
    """Where the pages are served, in a thread of this process."""
    key = Ed25519PrivateKey.generate()
    app = served(
        ledger,
        key,
        mint=lambda caller: mint_token(
            caller, key=key, now=datetime.now(UTC), lifetime=timedelta(hours=1)
        ),
    )
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    until = time.monotonic() + _PATIENCE
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started, "the pages were not served in time"
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(_PATIENCE)
    listening.close()


@pytest.fixture(params=["with JavaScript", "without JavaScript"])
def page(request: pytest.FixtureRequest, chromium: Browser, address: str) -> Iterator[Page]:
    """A window of somebody who has not signed in; each journey is made with and without scripts."""
    with chromium.new_context(
        base_url=address, java_script_enabled=request.param == "with JavaScript"
    ) as context:
        yield context.new_page()


@pytest.fixture
def scripted_page(chromium: Browser, address: str) -> Iterator[Page]:
    """A window with scripts, which whoever looks at it from within needs."""
    # The page's own policy would keep the inspector's script out as it does anybody's.
    with chromium.new_context(base_url=address, bypass_csp=True) as context:
        yield context.new_page()
