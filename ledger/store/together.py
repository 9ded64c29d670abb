"""How do many callers have something done together, each with an outcome of its own?

One thread drains a queue: what came in while it was busy is done at once. What is done, and what
becomes of each request, is the business of whoever hands the work in.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

# What 32 clients never reach, and one statement still takes in a few milliseconds.
MOST_REQUESTS = 256

Asked = TypeVar("Asked")
Given = TypeVar("Given")


class Together(Generic[Asked, Given]):
    """The thread; close it, and what was asked before is still done."""

    def __init__(
        self, do: Callable[[Sequence[Asked]], Sequence[Given | BaseException]], *, name: str
    ) -> None:
        """`do` says what becomes of each request, in their order; what it raises is told to all."""
        self._do = do
        self._queue: SimpleQueue[tuple[Asked, Future[Given]] | None] = SimpleQueue()
        self._closing = Lock()
        self._closed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def ask(self, asked: Asked) -> Given:
        """Have it done with whatever waits too; what becomes of it is returned, or raised."""
        answer: Future[Given] = Future()
        with self._closing:
            if self._closed:
                raise RuntimeError("the writer is closed")
            self._queue.put((asked, answer))
        return answer.result()

    def close(self) -> None:
        """Do what waits, then stop."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, is_last = self._those_waiting(first)
            self._answer(batch)
            if is_last:
                return

    def _those_waiting(
        self, first: "tuple[Asked, Future[Given]]"
    ) -> "tuple[list[tuple[Asked, Future[Given]]], bool]":
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

    def _answer(self, batch: "list[tuple[Asked, Future[Given]]]") -> None:
        outcomes: Sequence[Given | BaseException]
        try:
            outcomes = self._do([asked for asked, _ in batch])
        except BaseException as error:  # noqa: BLE001  the callers wait: it is theirs to hear
            outcomes = [error] * len(batch)
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
