"""How many events of a delivery a second go into the log?

Ours hashes each, checks its version and gives it a position under the lock of the log. The
library's recorder does neither hash nor COPY; a bare COPY does nothing but write the same rows,
hashes included, into a table with the same two indexes.
"""

import struct
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import BytesIO

import psycopg2
from sqlalchemy import make_url

from bench import library
from bench.databases import Databases
from bench.events import entry_events
from bench.reporting import Line, Report
from bench.timing import in_turn, load, rate
from ledger.store.append import NewEvent, import_events
from ledger.store.leaf import leaf_hash
from ledger.store.log import KeptEvent

EVENTS = 100_000
ROWS_A_COPY = 10_000
WANTED_OF_LIBRARY = 2.0
WANTED_OF_COPY = 0.5


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """All three, each into a new database."""
    began_at = load()
    events = entry_events(int(EVENTS * scale))
    as_stored = library.stored(events)
    kept = _kept(events)

    def ours() -> float:
        with databases.opened() as engine, engine.connect() as connection:

            def work() -> None:
                import_events(connection, events)
                connection.commit()

            return rate(len(events), work)

    def peer() -> float:
        with databases.new() as url, library.a_recorder(url) as recorder:
            return rate(len(events), lambda: library.insert(recorder, as_stored))

    def copy() -> float:
        with databases.new() as url:
            return rate(len(events), lambda: _copy(url, kept))

    found = in_turn({"ours": ours, "library": peer, "copy": copy})
    return Report(
        "import",
        "Import of a delivery's events",
        (
            Line.at_least(
                f"against eventsourcing.postgres, {library.EVENTS_A_CALL:,} events a call",
                found["ours"],
                found["library"],
                "/s",
                wanted=WANTED_OF_LIBRARY,
            ),
            Line.at_least(
                "against a bare COPY of the same rows",
                found["ours"],
                found["copy"],
                "/s",
                wanted=WANTED_OF_COPY,
            ),
        ),
        (
            (
                f"{len(events):,} entries with a state of "
                f"{sum(len(e.state) for e in events) // len(events)} bytes each, in memory at the start"
            ),
            "each into an empty table of a new database; medians of 3 runs in turn",
            "the library's statements without its pipeline, in which psycopg 3.3 hangs on large calls",
        ),
        (began_at, load()),
    )


def _kept(events: Sequence[NewEvent]) -> list[KeptEvent]:
    """The rows as they will stand in the log, so that the bare COPY need not hash."""
    now = datetime(2018, 6, 26, tzinfo=UTC)
    rows = [
        KeptEvent(position, e.stream, e.version, e.topic, e.state, now, b"")
        for position, e in enumerate(events, start=1)
    ]
    return [row._replace(leaf_hash=leaf_hash(row)) for row in rows]


def _copy(url: str, kept: Sequence[KeptEvent]) -> None:
    with (
        closing(
            psycopg2.connect(make_url(url).set(drivername="postgresql").render_as_string())
        ) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        # The log's columns and its two indexes; none of its checks.
        cursor.execute("CREATE TABLE bare (LIKE log.events INCLUDING INDEXES)")
        for start in range(0, len(kept), ROWS_A_COPY):
            rows = b"".join(map(_binary, kept[start : start + ROWS_A_COPY]))
            cursor.copy_expert(
                "COPY bare FROM STDIN (FORMAT binary)", BytesIO(_HEADER + rows + _TRAILER)
            )


# https://www.postgresql.org/docs/current/sql-copy.html
_HEADER, _TRAILER = b"PGCOPY\n\xff\r\n\0" + bytes(8), struct.pack(">h", -1)
_SEVEN_POSITION_LENGTH = struct.Struct(">hiqi")
_VERSION_LENGTH = struct.Struct(">iii")
_TIME_LENGTH = struct.Struct(">iqi")
_LENGTH = struct.Struct(">i")
_PGS_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def _binary(kept: KeptEvent) -> bytes:
    stream, topic = kept.stream.encode(), kept.topic.encode()
    microseconds = (kept.recorded_at - _PGS_EPOCH) // timedelta(microseconds=1)
    return b"".join(
        (
            _SEVEN_POSITION_LENGTH.pack(7, 8, kept.position, len(stream)),
            stream,
            _VERSION_LENGTH.pack(4, kept.version, len(topic)),
            topic,
            _LENGTH.pack(len(kept.state)),
            kept.state,
            _TIME_LENGTH.pack(8, microseconds, len(kept.leaf_hash)),
            kept.leaf_hash,
        )
    )
