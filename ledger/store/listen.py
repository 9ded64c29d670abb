"""Has anything been appended?

Appending notifies the channel `ledger_events` at commit. A notification only wakes: what there
is to read, the log itself says.
"""

import select
from types import TracebackType
from typing import Self

from psycopg2.extensions import connection
from sqlalchemy import Engine

CHANNEL = "ledger_events"


class Listener:
    """A connection of its own that waits; events appended from its making on wake it."""

    def __init__(self, engine: Engine) -> None:
        """Begin to listen."""
        self._borrowed = engine.raw_connection()
        driver = self._borrowed.driver_connection
        assert isinstance(driver, connection)
        self._connection = driver
        self._borrowed.detach()  # it keeps listening, so the pool must not have it back
        self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")

    def wait(self, timeout: float) -> bool:
        """Whether anything was appended before the timeout, in seconds, was over."""
        if not self._connection.notifies:
            select.select([self._connection], [], [], timeout)
            self._connection.poll()
        was_woken = bool(self._connection.notifies)
        self._connection.notifies.clear()
        return was_woken

    def close(self) -> None:
        """Stop listening."""
        self._borrowed.close()

    def __enter__(self) -> Self:
        """Listen for the length of a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self.close()
