"""Who migrates, and who need not be able to?

`ledger migrate` is run as the database's owner; `ledger serve` and `ledger work` may then log in
as a user who may do nothing but what the writer's role may.
"""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from tests.databases import Databases

ROOT = Path(__file__).parents[2]


def test_a_verb_migrates_a_new_database_by_itself(any_databases: Databases) -> None:
    with any_databases.empty() as url:
        told = ledger("practices", "list", url=url)

        assert told.returncode == 0, told.stderr


def test_migrating_twice_changes_nothing(any_databases: Databases) -> None:
    with any_databases.empty() as url:
        first = ledger("migrate", url=url)
        second = ledger("migrate", url=url)

        assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr


def test_once_migrated_a_user_who_may_not_migrate_will_do(any_databases: Databases) -> None:
    with any_databases.empty() as url:
        ledger("migrate", url=url)
        with a_writer(url) as writers_url:
            told = ledger("open", "a ledger", url=writers_url)

        assert told.returncode == 0, told.stderr


class a_writer:  # noqa: N801  reads as what it makes
    """A user who may log in and act as the writer, and no more."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = create_engine(url, isolation_level="AUTOCOMMIT")

    def __enter__(self) -> str:
        with self._admin.connect() as connection:
            connection.execute(
                text("CREATE ROLE only_writes LOGIN PASSWORD 'x' IN ROLE ledger_writer")
            )
        writer = self._url.set(username="only_writes", password="x")
        return writer.render_as_string(hide_password=False)

    def __exit__(self, *_: object) -> None:
        with self._admin.connect() as connection:
            connection.execute(text("DROP ROLE only_writes"))
        self._admin.dispose()


def ledger(*arguments: str, url: str) -> "subprocess.CompletedProcess[str]":
    """Run a verb on a database."""
    return subprocess.run(
        [sys.executable, "-m", "ledger", *arguments],
        cwd=ROOT,
        env=os.environ | {"LEDGER_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
