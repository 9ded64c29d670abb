"""How does the application reach its database?

As the role `ledger_writer`, on every connection and from its first moment: a session of the
application cannot change or delete an event, whoever its user is.
"""

import re
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

ROLE = "ledger_writer"
MIGRATIONS = Path(__file__).parents[2] / "migrations"

_SESSION = {
    "role": ROLE,
    "timezone": "UTC",
    # Longer than the longest import holds the lock of the log; shorter than anybody's patience.
    "lock_timeout": "60s",
    # A rebuild of every projection is the longest statement there is.
    "statement_timeout": "30min",
    # Who appends and then falls asleep would keep everybody else waiting.
    "idle_in_transaction_session_timeout": "10min",
}

# What is raised when the database is away, or too busy for now: for those who may not know SQL.
UNREACHABLE = (OperationalError, PoolExhausted)

# Only migrations take this lock; the log's own is in migrations/sql/0001/lock_log.sql.
_MIGRATION_LOCK = 20180525


def open_engine(url: str, *, pool_size: int = 10, max_overflow: int = 30) -> Engine:
    """A pool of connections as the writer's role."""
    engine = create_engine(
        _driver(url),
        connect_args={
            "application_name": "ledger",
            "options": _options(url),
        },
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_pre_ping=True,
        # Many rows of one UPDATE travel together; the driver would send them one by one.
        executemany_mode="values_plus_batch",
        hide_parameters=True,
    )
    event.listen(engine, "handle_error", _hide_values)
    return engine


def migrate(url: str) -> None:
    """Bring the ledger's own tables up to date, as the database's owner.

    Safe when two processes start together: the second waits, and finds nothing left to do.
    """
    # Half a second of imports that a process which only reads has no use for.
    from alembic import command
    from alembic.config import Config

    engine = create_engine(_driver(url), hide_parameters=True)
    try:
        with engine.begin() as connection:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
            )
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def is_migrated(connection: Connection) -> bool:
    """Whether every migration that this program brings has been applied."""
    newest = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    if connection.execute(text("SELECT to_regclass('log.migrations')")).scalar_one() is None:
        return False
    applied = connection.execute(text("SELECT version_num FROM log.migrations")).scalar()
    return applied == newest


def _driver(url: str) -> URL:
    """psycopg2, however the address spells PostgreSQL."""
    return make_url(re.sub("^postgres(ql)?(?=:)", "postgresql+psycopg2", url))


def _options(url: str) -> str:
    """The session's settings as start-up options, after those in the address itself."""
    ours = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    theirs = _driver(url).query.get("options", "")
    return f"{theirs if isinstance(theirs, str) else ' '.join(theirs)} {ours}".strip()


def _hide_values(context: ExceptionContext) -> None:
    """Keep patients out of what an error says, on its way to whoever logs it."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None:
            hide_values(error)


def hide_values(error: BaseException) -> None:
    """Cut from a message what may hold values: all but its first line, and long numbers in it.

    PostgreSQL tells the violated key, the line of SQL or the row of a COPY in lines of their
    own. An NHS number is ten digits, however they are parted.
    """
    error.args = tuple(_hidden(part) if isinstance(part, str) else part for part in error.args)


def _hidden(message: str) -> str:
    lines = message.splitlines() or [""]
    first = re.sub(r"\d(?:[ -]?\d){8,}", "[number hidden]", lines[0])
    return "\n".join([first, *(line for line in lines[1:] if line.startswith(("[SQL", "HINT")))])
