"""How many events a second can clients append durably, each waiting for its own answer?

Ours drains a queue (`ledger/store/group_commit.py`); the peer appends each request by itself,
through the same SQL function and under the same lock, one round trip each.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import count
from queue import SimpleQueue
from threading import Barrier, Thread
from uuid import uuid4

from sqlalchemy import Connection

from bench.databases import Databases
from bench.events import entry_events
from bench.reporting import Line, Report
from bench.timing import in_turn, load
from ledger.store.append import NewEvent, append
from ledger.store.engine import open_engine
from ledger.store.group_commit import GroupCommit

CLIENTS = (1, 8, 32, 128)
WANTED_AT_32 = 4.0
# The server takes a hundred.
MOST_CONNECTIONS = 90

Append = Callable[[NewEvent, str], object]


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """Both, for each number of clients."""
    began_at = load()
    lines = []
    with databases.new() as url:
        template = entry_events(1)[0]
        for clients in CLIENTS:
            seconds = 3 * scale
            found = in_turn(
                {
                    "ours": partial(_ours, url, template, clients, seconds),
                    "peer": partial(_peer, url, template, clients, seconds),
                }
            )
            name = f"durable single appends, {clients} client{'s' * (clients > 1)}"
            if clients == 32:  # noqa: PLR2004  the number something is wanted of
                lines.append(
                    Line.at_least(name, found["ours"], found["peer"], "/s", wanted=WANTED_AT_32)
                )
            else:
                lines.append(Line.beside(name, found["ours"], found["peer"], "/s"))
    return Report(
        "group_commit",
        "Group commit",
        lines,
        (
            f"an event of {len(template.state)} bytes and an idempotency key a request",
            (
                "clients are threads of one process, the peer's each with a connection at hand "
                f"(at most {MOST_CONNECTIONS}) and one round trip a request"
            ),
            f"medians of 3 runs of {3 * scale:g} s each, in turn",
        ),
        (began_at, load()),
    )


def _ours(url: str, template: NewEvent, clients: int, seconds: float) -> float:
    engine = open_engine(url)
    with GroupCommit(engine) as group:
        found = _appended(
            lambda event, key: group.append([event], idempotency_key=key),
            template,
            clients,
            seconds,
        )
    engine.dispose()
    return found


def _peer(url: str, template: NewEvent, clients: int, seconds: float) -> float:
    with _connections(url, min(clients, MOST_CONNECTIONS)) as free:

        def alone(event: NewEvent, key: str) -> None:
            connection = free.get()
            try:
                append(connection, [event], idempotency_key=key)
            finally:
                free.put(connection)

        return _appended(alone, template, clients, seconds)


@contextmanager
def _connections(url: str, number: int) -> Iterator["SimpleQueue[Connection]"]:
    # More than the application's pool holds, which is meant for a service that commits in groups.
    engine = open_engine(url, pool_size=number, max_overflow=0)
    free: SimpleQueue[Connection] = SimpleQueue()
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        for _ in range(number):
            connection = stack.enter_context(engine.connect())
            free.put(connection.execution_options(isolation_level="AUTOCOMMIT"))
        yield free


def _appended(append_one: Append, template: NewEvent, clients: int, seconds: float) -> float:
    """Events a second, over the time from the first client's start to the last one's end."""
    numbers, run = count(), uuid4().hex
    done = [0] * clients
    ready = Barrier(clients + 1)

    def client(place: int) -> None:
        ready.wait()
        stop = time.perf_counter() + seconds
        while time.perf_counter() < stop:
            name = f"{run}-{next(numbers)}"
            append_one(template._replace(stream=name, version=1), name)
            done[place] += 1

    threads = [Thread(target=client, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)
