"""How does a migration reach the database?

Over the connection it is given (`ledger.store.engine.migrate`), or, run from the command line,
over one to `LEDGER_DATABASE_URL`.
"""

import os

from alembic import context
from sqlalchemy import Connection, create_engine, text

from ledger.store.tables import metadata

# The projector makes, swaps and drops its tables itself.
OURS = {"log", "guarded", "outbox"}

# A migration that waits for a lock makes everybody else wait behind it: better to fail and be
# run again. See migrations/README.md.
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "5min"


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "schema" or name in OURS


def _migrate(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"))
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS log"))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_schemas=True,
        include_name=_is_ours,
        version_table="migrations",
        version_table_schema="log",
        compare_server_default=True,
    )
    context.run_migrations()


given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    _migrate(given)
else:
    engine = create_engine(os.environ["LEDGER_DATABASE_URL"], hide_parameters=True)
    with engine.begin() as connection:
        _migrate(connection)
