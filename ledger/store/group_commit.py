"""How do many callers append at once, each as durably as if alone?

A commit waits for the disk, and appends wait for each other's commits. So one writer drains a
queue: what came in while it was waiting for the disk is appended together, in one statement that
is its own transaction. Each caller still gets its own positions, or its own failure.

A request may depend on what others may end at any moment, such as a pairing. Then what was decided
before the queue is old: the writer asks again (`provided`) once the log is locked.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import NamedTuple, Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from ledger.store.append import NewEvent, Positions, append, append_requests

# What 32 clients never reach, and one statement still takes in a few milliseconds.
MOST_REQUESTS = 256


class GroupCommit:
    """The writer; close it, and what was asked before is still appended."""

    def __init__(self, engine: Engine) -> None:
        """Start writing."""
        self._engine = engine
        self._queue: SimpleQueue[_Request | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self._thread = Thread(target=self._write, name="group-commit", daemon=True)
        self._thread.start()

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
        request = _Request(events, idempotency_key, provided, Future())
        with self._closing:
            if self._closed:
                raise RuntimeError("the writer is closed")
            self._queue.put(request)
        return request.answer.result()

    def close(self) -> None:
        """Append what waits, then stop."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

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

    def _write(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, is_last = self._those_waiting(first)
            self._answer(batch)
            if is_last:
                return

    def _those_waiting(self, first: "_Request") -> "tuple[list[_Request], bool]":
        batch = [first]
        while len(batch) < MOST_REQUESTS:
            try:
                request = self._queue.get_nowait()
            except Empty:
                return batch, False
            if request is None:
                return batch, True
            batch.append(request)
        return batch, False

    def _answer(self, batch: "list[_Request]") -> None:
        try:
            plain = all(request.provided is None for request in batch)
            outcomes = (plain and self._together(batch)) or self._apart(batch)
        except BaseException as error:  # noqa: BLE001  the callers wait: it is theirs to hear
            outcomes = [error] * len(batch)
        for request, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                request.answer.set_exception(outcome)
            else:
                request.answer.set_result(outcome)

    def _together(self, batch: "list[_Request]") -> "list[_Outcome]":
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

    def _apart(self, batch: "list[_Request]") -> "list[_Outcome]":
        """Append each that can be, still in one transaction; each has its own outcome."""
        with self._engine.begin() as connection:
            return [_outcome(connection, request) for request in batch]


class _Request(NamedTuple):
    events: Sequence[NewEvent]
    key: str | None
    provided: Callable[[Connection], None] | None
    answer: "Future[Positions]"


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
