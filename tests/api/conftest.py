"""A ledger of two practices behind the API, and somebody of each role to ask it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from ledger.api import create_api
from ledger.application import Ledger
from ledger.application.tokens import mint_token, own_verifier
from ledger.domain.callers import Caller, Role
from ledger.store.engine import open_engine
from tests.databases import Databases
from tests.nhs_numbers import nhs_number
from tests.served import a_seal

OURS, THEIRS = "X99901", "X99902"
ANNA = nhs_number(1)
# A third-party system, as its tokens name it.
SYSTEM = "acme-triage"

Headers = dict[str, str]


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    """What the tests' tokens are signed with."""
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def two_practices(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a live ledger that knows which systems two practices use."""
    systems = tmp_path_factory.mktemp("register") / "systems.csv"
    systems.write_text(f"ODSCode,Supplier\n{OURS},TPP\n{THEIRS},EMIS\n")
    with databases.copy() as url:
        engine = open_engine(url)
        ledger = Ledger(engine)
        ledger.import_practices(None, systems=systems)
        ledger.catch_up()
        engine.dispose()
        yield url


@pytest.fixture
def database_url(databases: Databases, two_practices: str) -> Iterator[str]:
    """One like it, of the test's own."""
    with databases.lent(two_practices) as url:
        yield url


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """That ledger."""
    return Ledger(engine)


@pytest.fixture
def client(ledger: Ledger, key: Ed25519PrivateKey) -> Iterator[TestClient]:
    """The API as a program sees it; it waits for nobody long."""
    api = create_api(ledger, own_verifier(key), seal=a_seal(ledger.engine), patience=0.2)
    with TestClient(api, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="session")
def unchanged(
    databases: Databases, two_practices: str, key: Ed25519PrivateKey
) -> Iterator[TestClient]:
    """The API over one ledger for all the tests that change nothing."""
    with databases.copy(two_practices) as url:
        engine = open_engine(url)
        with TestClient(
            create_api(Ledger(engine), own_verifier(key), seal=a_seal(engine))
        ) as client:
            yield client
        engine.dispose()


@pytest.fixture
def as_(key: Ed25519PrivateKey) -> Callable[..., Headers]:
    """The headers of somebody with a role, for practices."""

    def headers(role: str, *practices: str, **more: str) -> Headers:
        name = SYSTEM if role == "system" else f"a {role}"
        caller = Caller(name, Role(role), frozenset(practices))
        token = mint_token(caller, key=key, now=datetime.now(UTC), lifetime=timedelta(hours=1))
        return {"Authorization": f"Bearer {token}", **more}

    return headers


@pytest.fixture
def controller(as_: Callable[..., Headers]) -> Headers:
    """The controller of our practice."""
    return as_("controller", OURS)


@pytest.fixture
def system(ledger: Ledger, as_: Callable[..., Headers]) -> Headers:
    """A third-party system that is paired with our practice, and acts for both."""
    ledger.approve_pairing(
        OURS, SYSTEM, by=Caller("the manager", Role.CONTROLLER, frozenset({OURS}))
    )
    return as_("system", OURS, THEIRS)


@pytest.fixture
def stranger(as_: Callable[..., Headers]) -> Headers:
    """The controller of the other practice."""
    return as_("controller", THEIRS)


@pytest.fixture
def auditor(as_: Callable[..., Headers]) -> Headers:
    """An auditor."""
    return as_("auditor")


@pytest.fixture
def extract(as_: Callable[..., Headers]) -> Headers:
    """An extract service."""
    return as_("extract")


def an_objection(**told: Any) -> dict[str, Any]:
    """What a practice sends to record an objection, of type 1 where nothing else is said."""
    return {
        "practice": OURS,
        "nhs_number": ANNA,
        "purpose": "type-1",
        "statement": "dissent",
        "effective_on": "2018-05-01",
        "entered_at": "2018-05-01T09:00:00Z",
        **told,
    }


def a_question(*numbers: str, **told: Any) -> dict[str, Any]:
    """What is sent to ask for a status."""
    return {"nhs_numbers": list(numbers or [ANNA]), "purpose": "type-1", **told}
