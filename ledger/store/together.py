"""How do many callers have something done together, each with an outcome of its own?

Whoever comes while nobody is at it does it at once. What comes meanwhile waits in a queue, and one
thread does all of it together when that is done: so a caller alone waits for no other thread. What
is done, and what becomes of each request, is the business of whoever hands the work in.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
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
        self._turn = Lock()
        self._closing = Lock()
        self._closed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def ask(self, asked: Asked) -> Given:
        """Have it done, with whatever waits; what becomes of it is returned, or raised."""
        answer: Future[Given] = Future()
        # Nobody waits while it is empty: whoever came first goes first.
        if self._queue.empty() and self._turn.acquire(blocking=False):
            try:
                self._must_be_open()
                self._answer([(asked, answer)])
            finally:
                self._turn.release()
        else:
            with self._closing:
                self._must_be_open()
                self._queue.put((asked, answer))
        return answer.result()

    def close(self) -> None:
        """Do what waits, then stop."""
        with self._closing, self._turn:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _must_be_open(self) -> None:
        if self._closed:
            raise RuntimeError("the writer is closed")

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            with self._turn:
                waiting = [first]
                last = self._those_behind(waiting)
                self._answer(waiting)
            if last:
                return

    def _those_behind(self, waiting: list[tuple[Asked, Future[Given]]]) -> bool:
        """Add what came in meanwhile; whether nothing comes any more."""
        with suppress(Empty):
            while len(waiting) < MOST_REQUESTS:
                request = self._queue.get_nowait()
                if request is None:
                    return True
                waiting.append(request)
        return False

    def _answer(self, waiting: Sequence[tuple[Asked, Future[Given]]]) -> None:
        outcomes: Sequence[Given | BaseException]
        try:
            outcomes = self._do([asked for asked, _ in waiting])
        except BaseException as error:  # noqa: BLE001  the callers wait: it is theirs to hear
            outcomes = [error] * len(waiting)
        for (_, answer), outcome in zip(waiting, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)
