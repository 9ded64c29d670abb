"""Where do the tests' databases come from?

In order: the server named by `LEDGER_TEST_DATABASE_URL`, a container where a Docker engine
answers, the embedded PostgreSQL 18. Beside it PostgreSQL 15, where its programs are installed.
"""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from ledger.store import server
from ledger.store.engine import migrate

POSTGRESQL_15 = Path("/usr/lib/postgresql/15/bin")


class Databases:
    """One server, with a migrated template to copy from."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._template = self._made(f"template_{uuid4().hex}", "template1")
        migrate(self._address(self._template))

    @contextmanager
    def copy(self, of: str | None = None) -> Iterator[str]:
        """A database like the template, or like the one at an address nobody is connected to, for
        as long as the block lasts.
        """
        template = self._template if of is None else str(make_url(of).database)
        name = self._made(f"test_{uuid4().hex}", template)
        try:
            yield self._address(name)
        finally:
            self._drop(name)

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A database that was never migrated."""
        name = self._made(f"test_{uuid4().hex}", "template1")
        try:
            yield self._address(name)
        finally:
            self._drop(name)

    def clear(self, address: str) -> None:
        """Take out every row and put the projections back to the beginning; what tables there are
        stay. Far quicker than another copy, and for whoever only appends and catches up.
        """
        admin = create_engine(address)
        with admin.begin() as connection:
            # The log refuses to be emptied, of everybody but a superuser who asks for it so.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            tables = connection.execute(
                text(
                    "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
                    "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') "
                    "AND tablename NOT IN ('migrations', 'projection_positions')"
                )
            )
            emptied = [f"DELETE FROM {table}" for table in tables.scalars()]
            again = "UPDATE log.projection_positions SET position = 0"
            connection.execute(text("; ".join([*emptied, again])))
        admin.dispose()

    def close(self) -> None:
        """Leave the server as it was."""
        self._drop(self._template)
        self._admin.dispose()

    def _made(self, name: str, template: str) -> str:
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return name

    def _drop(self, name: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)


def fifteen_is_installed() -> bool:
    """Whether PostgreSQL 15 can be tested on."""
    return (POSTGRESQL_15 / "postgres").exists()


@contextmanager
def main_server() -> Iterator[str]:
    """The address of the first server there is."""
    if named := os.environ.get("LEDGER_TEST_DATABASE_URL"):
        yield named
    elif docker_answers():
        with _container() as url:
            yield url
    else:
        try:
            programs = server.embedded_programs()
        except FileNotFoundError as error:
            pytest.fail(
                "no database for the tests: LEDGER_TEST_DATABASE_URL is not set, no Docker engine "
                f"answers, and there is no embedded PostgreSQL ({error})"
            )
        with embedded(programs) as url:
            yield url


@contextmanager
def embedded(programs: Path) -> Iterator[str]:
    """The address of a server of our own, run by these programs."""
    # Not under pytest's own folder, which each new run closes to other users: PostgreSQL is one.
    home = Path(tempfile.mkdtemp(prefix="ledger-tests-"))
    try:
        with server.start(home, programs) as started:
            _forget_the_disk(started.url)
            yield started.url
    finally:
        shutil.rmtree(home)


def docker_answers() -> bool:
    """Whether somebody listens; asked here because the client waits long for nobody."""
    address = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    if not address.startswith("unix://"):
        return True
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(1)
        try:
            asking.connect(address.removeprefix("unix://"))
        except OSError:
            return False
    return True


@contextmanager
def _container() -> Iterator[str]:
    from testcontainers.postgres import PostgresContainer

    with PostgresContainer("postgres:18") as container:
        yield container.get_connection_url(driver="psycopg2")


def _forget_the_disk(url: str) -> None:
    """What the tests write need not outlive a power cut, and dropping a database waits for it."""
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
    except DBAPIError as error:
        pytest.fail(f"the tests' own server does not take settings: {error}")
    finally:
        admin.dispose()
