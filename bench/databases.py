"""Where do the measurements' databases come from?

From an embedded PostgreSQL of their own in a temporary folder, with the settings the ledger gives
it and the disk it has: a commit is on the disk before it is answered.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from ledger.store import server
from ledger.store.engine import migrate, open_engine


class Databases:
    """A running server, and a migrated template on it to copy from."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")
        self._numbers = count(1)
        self._made("template", "template1")
        migrate(self._address("template"))

    def version(self) -> str:
        """Which PostgreSQL this is."""
        with self._admin.connect() as connection:
            told: str = connection.execute(text("SHOW server_version")).scalar_one()
        return f"PostgreSQL {told}"

    @contextmanager
    def new(self) -> Iterator[str]:
        """The address of a migrated database, there for as long as the block lasts."""
        name = self._made(f"bench_{next(self._numbers)}", "template")
        try:
            yield self._address(name)
        finally:
            with self._admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))

    @contextmanager
    def opened(self) -> Iterator[Engine]:
        """A new migrated database, with connections as the application has them."""
        with self.new() as url:
            engine = open_engine(url)
            try:
                yield engine
            finally:
                engine.dispose()

    def close(self) -> None:
        """Let go of the server."""
        self._admin.dispose()

    def _made(self, name: str, template: str) -> str:
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        return name

    def _address(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)


@contextmanager
def a_server() -> Iterator[Databases]:
    """A server of our own, gone with its files at the end."""
    home = Path(tempfile.mkdtemp(prefix="ledger-bench-"))
    try:
        with server.start(home) as started:
            databases = Databases(started.url)
            yield databases
            databases.close()
    finally:
        shutil.rmtree(home)


def checkpoint(engine: Engine) -> None:
    """Let what was written before not be paid for by what is measured next."""
    with engine.connect() as connection:
        connection.execute(text("SET ROLE NONE"))
        connection.execute(text("CHECKPOINT"))
