"""How many events does a reader miss who follows the log while others write?

None, for positions are given under the lock that the commit releases. The peer is the library with
`POSTGRES_ENABLE_DB_FUNCTIONS=y`, which appends without its table lock: positions are given before
the commit that shows them, and a reader who has gone past one never comes back to it.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Self

from eventsourcing.persistence import StoredEvent

from bench import library
from bench.databases import Databases
from bench.reporting import Line, Report
from bench.timing import load
from ledger.store.append import NewEvent, append, import_events
from ledger.store.engine import open_engine
from ledger.store.listen import Listener
from ledger.store.log import head, read_events

SECONDS = 20.0
WRITERS = 3
AT_ONCE = 10_000
UNSAFE = {"POSTGRES_ENABLE_DB_FUNCTIONS": "y"}


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """Ours, then the library's quick way."""
    began_at = load()
    seconds = SECONDS * scale
    written, missed = _ours(databases, seconds)
    peer_written, peer_missed = _peer(databases, seconds)
    return Report(
        "tail",
        "A reader who follows the log",
        (
            Line(
                f"events missed, {WRITERS} writers, {seconds:g} s",
                f"{missed:,}",
                f"{peer_missed:,}",
                "",
                "0",
                missed == 0,
            ),
            Line.told("events written", f"{written:,}", f"{peer_written:,}"),
        ),
        (
            "ours: appends and imports of 1 to 20 events, one in ten rolled back",
            (
                "peer: eventsourcing.postgres with POSTGRES_ENABLE_DB_FUNCTIONS=y, 1 to 20 events a "
                "call; its default mode takes a table lock and misses none"
            ),
        ),
        (began_at, load()),
    )


def _ours(databases: Databases, seconds: float) -> tuple[int, int]:
    with databases.new() as url:
        engine = open_engine(url)
        seen = 0
        last = 0
        with Listener(engine) as listener, _Writers(_write, url, seconds) as writers:
            while True:
                over = writers.are_done()
                with engine.connect() as connection:
                    events = read_events(connection, after=last, limit=AT_ONCE)
                seen += len(events)
                if events:
                    last = events[-1].position
                elif over:
                    break
                else:
                    listener.wait(timeout=0.1)
            written = writers.written()
        with engine.connect() as connection:
            assert head(connection).position == written, "positions have no gaps"
        engine.dispose()
        return written, written - seen


def _peer(databases: Databases, seconds: float) -> tuple[int, int]:
    with databases.new() as url, library.a_recorder(url, **UNSAFE) as recorder:
        seen = 0
        last = 0
        with _Writers(_write_in_the_librarys_way, url, seconds) as writers:
            while True:
                over = writers.are_done()
                found = recorder.select_notifications(last + 1, AT_ONCE)
                seen += len(found)
                if found:
                    last = found[-1].id
                elif over:
                    break
                else:
                    time.sleep(0.001)
            written = writers.written()
        return written, written - seen


class _Writers:
    """Processes that write for some seconds, and say how much they wrote."""

    def __init__(self, write: Callable[[str, str, float], int], url: str, seconds: float) -> None:
        # A new Python each: a fork would share the parent's connections.
        self._pool = ProcessPoolExecutor(WRITERS, mp_context=get_context("spawn"))
        self._writing = [self._pool.submit(write, url, f"w{n}", seconds) for n in range(WRITERS)]

    def are_done(self) -> bool:
        return all(writing.done() for writing in self._writing)

    def written(self) -> int:
        return sum(writing.result() for writing in self._writing)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()


def _write(url: str, name: str, seconds: float) -> int:
    engine, dice = open_engine(url), random.Random(name)
    stop = time.monotonic() + seconds
    written = number = 0
    while time.monotonic() < stop:
        way_in = dice.choice((append, append, append, import_events))
        size = dice.randint(1, 20)
        with engine.connect() as connection:
            way_in(
                connection, [NewEvent(f"{name}-{number}-{i}", 1, "t", b"{}") for i in range(size)]
            )
            if dice.random() < 0.9:  # noqa: PLR2004  one in ten is rolled back
                connection.commit()
                written += size
        number += 1
    engine.dispose()
    return written


def _write_in_the_librarys_way(url: str, name: str, seconds: float) -> int:
    dice = random.Random(name)
    written = number = 0
    with library.a_recorder(url, **UNSAFE, CREATE_TABLE="n") as recorder:
        stop = time.monotonic() + seconds
        while time.monotonic() < stop:
            size = dice.randint(1, 20)
            recorder.insert_events(
                [StoredEvent(f"{name}-{number}-{i}", 1, "t", b"{}") for i in range(size)]
            )
            written += size
            number += 1
    return written
