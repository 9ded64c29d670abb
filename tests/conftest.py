"""What does a test ask for when it wants a database?

`database_url` or `engine`: a migrated database of its own, as it was when it was made.
`any_database_url` or `any_engine`: the same, and the test runs on PostgreSQL 15 too, where its
programs are installed. Nothing is skipped in silence: with no server at all the tests fail and
say what was tried (`tests/databases.py`).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.store.engine import open_engine
from tests.databases import (
    POSTGRESQL_15,
    Databases,
    embedded,
    fifteen_is_installed,
    main_server,
)

SERVERS = ["main server", *(["PostgreSQL 15"] if fifteen_is_installed() else [])]

# Some tests start programs of their own, which are to find the ledger where pytest found it.
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])


def pytest_report_header() -> list[str]:
    """Say on which servers the tests run."""
    if fifteen_is_installed():
        return ["databases: integration tests run on the main server and on PostgreSQL 15"]
    return [f"databases: PostgreSQL 15 was not found in {POSTGRESQL_15}: the main server only"]


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The main server."""
    with main_server() as url:
        found = Databases(url)
        yield found
        found.close()


@pytest.fixture(scope="session")
def databases_15() -> Iterator[Databases]:
    """PostgreSQL 15, from the programs installed."""
    with embedded(POSTGRESQL_15) as url:
        found = Databases(url)
        yield found
        found.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A migrated database of the test's own; the address is its owner's."""
    with databases.lent() as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connections to it as the application has them."""
    with _opened(database_url) as opened:
        yield opened


@pytest.fixture(params=SERVERS)
def any_databases(request: pytest.FixtureRequest) -> Databases:
    """Each server there is, in turn."""
    chosen = "databases" if request.param == SERVERS[0] else "databases_15"
    found: Databases = request.getfixturevalue(chosen)
    return found


@pytest.fixture
def any_database_url(any_databases: Databases) -> Iterator[str]:
    """`database_url`, on each server there is."""
    with any_databases.lent() as url:
        yield url


@pytest.fixture
def any_engine(any_database_url: str) -> Iterator[Engine]:
    """`engine`, on each server there is."""
    with _opened(any_database_url) as opened:
        yield opened


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    yield engine
    engine.dispose()
