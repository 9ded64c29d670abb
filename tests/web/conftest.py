"""The pages over a small ledger, and somebody of each role to look at them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.application.tokens import mint_token
from ledger.domain.callers import Caller, Role
from ledger.store.engine import open_engine
from tests.databases import Databases
from tests.served import served
from tests.web.filled import OURS, THEIRS, fill

HOST = "http://testserver"

Browser = Callable[..., TestClient]


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    """What the tests' tokens are signed with."""
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def mint(key: Ed25519PrivateKey) -> Callable[[Caller], str]:
    """A token for a caller."""
    return lambda caller: mint_token(
        caller, key=key, now=datetime.now(UTC), lifetime=timedelta(hours=1)
    )


@pytest.fixture(scope="session")
def ledger(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Two practices; no test here changes what another looks at."""
    with databases.copy() as url:
        engine = open_engine(url)
        ledger = Ledger(engine)
        fill(ledger, tmp_path_factory.mktemp("deliveries"))
        yield ledger
        engine.dispose()


@pytest.fixture(scope="session")
def app(ledger: Ledger, key: Ed25519PrivateKey, mint: Callable[[Caller], str]) -> FastAPI:
    """The pages, as they are served during development."""
    return served(ledger, key, mint=mint)


@pytest.fixture
def browser(app: FastAPI) -> Iterator[Browser]:
    """A browser of somebody with a role, for practices; with no role, of nobody."""
    opened: list[TestClient] = []

    def browser(role: str | None = None, *practices: str) -> TestClient:
        client = TestClient(app, base_url=HOST, raise_server_exceptions=False)
        client.headers["Origin"] = HOST
        opened.append(client)
        if role is not None:
            client.post("/pages/sign-in", data={"role": role, "practice": "".join(practices)})
        return client

    yield browser
    for client in opened:
        client.close()


@pytest.fixture
def ours(browser: Browser) -> TestClient:
    """Our practice's browser."""
    return browser("controller", OURS)


@pytest.fixture
def theirs(browser: Browser) -> TestClient:
    """The other practice's browser."""
    return browser("controller", THEIRS)


@pytest.fixture
def auditor(browser: Browser) -> TestClient:
    """An auditor's browser."""
    return browser("auditor")


@pytest.fixture(scope="session")
def operator() -> Caller:
    """Somebody who may see all, to look behind the pages with."""
    return Caller("a test", Role.AUDITOR)
