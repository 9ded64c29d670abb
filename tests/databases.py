"""Where do the tests' databases come from?

In order: the server named by `LEDGER_TEST_DATABASE_URL`, a container where a Docker engine
answers, the embedded PostgreSQL 18. Beside it PostgreSQL 15, where its programs are installed.
"""

import os
import shutil
import socket
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, NullPool, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError

from ledger import projector
from ledger.projections import PROJECTIONS
from ledger.store import server
from ledger.store.engine import migrate, open_engine

POSTGRESQL_15 = Path("/usr/lib/postgresql/15/bin")


# Everything of a database that a test might change for the next but its rows.
_SHAPE = """
    SELECT md5(string_agg(told, E'\\n' ORDER BY told)) FROM (
        SELECT format(
            '%s %s %s %s %s %s',
            c.oid::regclass, c.relkind, c.relacl, a.attname, a.atttypid, a.attnotnull
        ) AS told
        FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace IN (SELECT oid FROM ours)
        UNION ALL
        SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
        UNION ALL
        SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled)
        FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT format('%s %s %s', oid::regprocedure, proacl, md5(prosrc))
        FROM pg_proc WHERE pronamespace IN (SELECT oid FROM ours)
        UNION ALL
        SELECT setconfig::text FROM pg_db_role_setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) shape
"""
_TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'kept')
"""
_SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences
"""
_OURS = """
    WITH ours AS (
        SELECT oid FROM pg_namespace
        WHERE nspname NOT IN ('information_schema', 'kept') AND nspname NOT LIKE 'pg\\_%'
    )
"""


class Databases:
    """One server, with a migrated template to copy from."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._free: defaultdict[str | None, list[Lent]] = defaultdict(list)
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
    def lent(self, of: str | None = None) -> Iterator[str]:
        """A database like the template with its read models made, or like the one at an address:
        put back as it was and lent again, because a copy takes longer than most tests.
        """
        free = self._free[of]
        lent = free.pop() if free else self._to_lend(of)
        try:
            yield lent.address
        finally:
            if lent.put_back():
                free.append(lent)
            else:
                self._drop(lent.name)

    def _to_lend(self, of: str | None) -> "Lent":
        template = self._template if of is None else str(make_url(of).database)
        name = self._made(f"lent_{uuid4().hex}", template)
        if of is None:
            engine = open_engine(self._address(name))
            for projection in PROJECTIONS:
                projector.prepare(engine, projection)
            engine.dispose()
        return Lent(name, self._address(name))

    @contextmanager
    def empty(self) -> Iterator[str]:
        """A database that was never migrated."""
        name = self._made(f"test_{uuid4().hex}", "template1")
        try:
            yield self._address(name)
        finally:
            self._drop(name)

    def close(self) -> None:
        """Leave the server as it was."""
        for lent in chain.from_iterable(self._free.values()):
            self._drop(lent.name)
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


class Lent:
    """A database whose rows are kept beside it, in a schema that the ledger knows nothing of."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address
        with self._alone() as connection:
            connection.execute(text("CREATE SCHEMA kept"))
            self._tables = tuple(connection.execute(text(_TABLES)).scalars())
            self._filled = [
                (number, table)
                for number, table in enumerate(self._tables)
                if connection.execute(text(f"SELECT EXISTS (SELECT FROM {table})")).scalar_one()
            ]
            for number, table in self._filled:
                connection.execute(text(f"CREATE TABLE kept.t{number} AS TABLE {table}"))
            self._sequences = [tuple(row) for row in connection.execute(text(_SEQUENCES))]
            self._shape = connection.execute(text(_OURS + _SHAPE)).scalar_one()

    def put_back(self) -> bool:
        """Make its rows what they were; False where more than rows was changed, or it is held."""
        try:
            with self._alone() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '10s'"))
                if connection.execute(text(_OURS + _SHAPE)).scalar_one() != self._shape:
                    return False
                # The log refuses to be emptied, of everybody but a superuser who asks for it so.
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                statements = [f"DELETE FROM {table}" for table in self._tables]
                for number, table in self._filled:
                    rows = f"SELECT * FROM kept.t{number}"
                    statements.append(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE {rows}")
                connection.execute(text("; ".join(statements)))
                for sequence, last in self._sequences:
                    told = {"sequence": sequence, "last": last or 1, "called": last is not None}
                    connection.execute(text("SELECT setval(:sequence, :last, :called)"), told)
        except DBAPIError:
            return False
        return True

    @contextmanager
    def _alone(self) -> Iterator[Connection]:
        """A superuser's connection, and nobody else's."""
        engine = create_engine(self.address, poolclass=NullPool)
        with engine.begin() as connection:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
            connection.execute(text(ended))
            yield connection


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
