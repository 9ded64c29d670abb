"""Do migrations make what the code expects, for whoever may run them?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, make_url, text

from ledger.store import server
from ledger.store.append import NewEvent, append, import_events
from ledger.store.engine import MIGRATIONS, migrate, open_engine
from ledger.store.tables import metadata
from tests.databases import POSTGRESQL_15, Databases, fifteen_is_installed

ROOT = Path(__file__).parents[2]


def test_migrations_from_empty_equal_the_tables(any_database_url: str) -> None:
    engine = create_engine(any_database_url)

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: (
                    kind != "schema" or name in ("log", "guarded", "outbox")
                ),
                "version_table": "migrations",
                "version_table_schema": "log",
                "compare_server_default": True,
            },
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []


def test_alembic_itself_finds_nothing_to_do(database_url: str) -> None:
    environment = os.environ | {"LEDGER_DATABASE_URL": database_url}

    checked = subprocess.run(
        [sys.executable, "-m", "alembic", "check"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_tables_of_projections_are_none_of_alembics_business(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE projection.anything (n int)"))
        connection.execute(text("CREATE TABLE projection_fresh.anything (n int)"))
    engine.dispose()

    test_migrations_from_empty_equal_the_tables(database_url)


def test_processes_that_migrate_at_once_take_turns(any_databases: Databases) -> None:
    code = "import sys; from ledger.store.engine import migrate; migrate(sys.argv[1])"

    with any_databases.empty() as url:
        both = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(3)]
        outcomes = [process.wait(timeout=60) for process in both]

    assert outcomes == [0, 0, 0]


def test_migrating_again_changes_nothing(any_database_url: str) -> None:
    migrate(any_database_url)


@pytest.mark.parametrize(
    "programs",
    [
        server.embedded_programs(),
        *([POSTGRESQL_15] if fifteen_is_installed() else []),
    ],
    ids=lambda programs: "15" if programs == POSTGRESQL_15 else "18",
)
def test_no_superuser_is_needed(tmp_path: Path, programs: Path) -> None:
    with server.start(tmp_path, programs) as started:
        admin = create_engine(started.url, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE ROLE keeper LOGIN CREATEROLE"))
            connection.execute(text("CREATE DATABASE kept OWNER keeper"))
        admin.dispose()
        url = make_url(started.url).set(username="keeper", database="kept").render_as_string()

        migrate(url)

        engine = open_engine(url)
        with engine.begin() as connection:
            append(connection, [NewEvent("a", 1, "t", b"{}")])
            import_events(connection, [NewEvent("a", 2, "t", b"{}")])
            connection.execute(text("CREATE TABLE projection.anything (n int)"))
        engine.dispose()


def test_each_sql_file_is_used_by_its_migration() -> None:
    for revision in (MIGRATIONS / "sql").iterdir():
        (migration,) = (MIGRATIONS / "versions").glob(f"{revision.name}_*.py")
        code = migration.read_text()

        unused = [f.stem for f in revision.glob("*.sql") if f'"{f.stem}"' not in code]

        assert unused == []
