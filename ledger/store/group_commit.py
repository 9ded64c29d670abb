"""How do many callers append at once, each as durably as if alone?

A commit waits for the disk, and appends wait for each other's commits. So what comes
in while one is waiting for the disk is appended together, in one statement that is its own
transaction. Each caller still gets its own positions, or its own failure.

A request may depend on what others may end at any moment, such as a pairing. Then what was decided
before the queue is old: the writer asks again (`provided`) once the log is locked.
"""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.store.append import NewEvent, Positions, append, append_requests
from ledger.store.together import Together


class GroupCommit:
    """The writer; close it, and what was asked before is still appended."""

    def __init__(self, engine: Engine) -> None:
        """Start writing."""
        self._engine = engine
        self._together = Together(self._outcomes, name="group-commit")

    def append(
        self,
        events: Sequence[NewEvent],
        *,
        idempotency_key: str | None = None,
        provided: Callable[[Connection], None] | None = None,
    ) -> Positions:
        """Append a command's events durably; raises what `append` raises.

        `provided` is called in the transaction that appends, under the log's lock: nobody else's
        event comes in between. Whatever it raises keeps the request out, and is raised here.
        """
        assert events, "a command that changes nothing has nothing to append"
        assert all(event.version >= 1 for event in events), "the versions of a stream begin with 1"
        return self._together.ask(_Request(events, idempotency_key, provided))

    def close(self) -> None:
        """Append what waits, then stop."""
        self._together.close()

    def __enter__(self) -> Self:
        """Write for the length of a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the writer."""
        self.close()

    def _outcomes(self, batch: "Sequence[_Request]") -> "list[_Outcome]":
        plain = all(request.provided is None for request in batch)
        return (plain and self._at_once(batch)) or self._apart(batch)

    def _at_once(self, batch: "Sequence[_Request]") -> "list[_Outcome]":
        """Append all of them in one statement; nothing if one of them cannot be."""
        with self._engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            try:
                appended = append_requests(connection, [(r.events, r.key) for r in batch])
            except Exception as error:
                if _is_of_the_connection(error):
                    raise  # it may have been committed: asking again could do it twice
                return []
        outcomes: list[_Outcome] = []
        first = appended.first
        for request in batch:
            outcomes.append(Positions(first, first + len(request.events) - 1))
            first += len(request.events)
        assert first == appended.last + 1, "the log appended as many events as it was given"
        return outcomes

    def _apart(self, batch: "Sequence[_Request]") -> "list[_Outcome]":
        """Append each that can be, still in one transaction; each has its own outcome."""
        with self._engine.begin() as connection:
            return [_outcome(connection, request) for request in batch]


class _Request(NamedTuple):
    events: Sequence[NewEvent]
    key: str | None
    provided: Callable[[Connection], None] | None


_Outcome = Positions | BaseException


def _outcome(connection: Connection, request: _Request) -> _Outcome:
    try:
        with connection.begin_nested():
            positions = append(connection, request.events, idempotency_key=request.key)
            # Appending took the lock, so what is true now is true until this is committed.
            if request.provided is not None:
                request.provided(connection)
            return positions
    except Exception as error:
        if _is_of_the_connection(error):
            raise
        return error


def _is_of_the_connection(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated
