"""How does an event get into the log?

Through one of three SQL functions (`migrations/sql/0001/`), which share one lock: `append` for
the few events of a command, `import_events` for a delivery, and `append_requests` for the many
callers of `group_commit`. There is no other way in.

What may go wrong:

    AppendFailed
    ├── VersionConflict       somebody appended to the stream since it was read: decide again
    ├── RecordedAtGoesBack    a re-enactment was given an event older than its newest
    └── RequestSeenBefore     only to `group_commit`, which then asks for each request apart

The caller's transaction is lost with each of them, and is the caller's to roll back.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import BytesIO
from itertools import islice
from typing import NamedTuple

import psycopg2
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from ledger.store.engine import hide_values


class NewEvent(NamedTuple):
    """One event to be kept, with the version its stream is to have."""

    stream: str
    version: int
    topic: str
    state: bytes


class Positions(NamedTuple):
    """Where a request's events stand in the log, both ends included."""

    first: int
    last: int


class AppendFailed(Exception):
    """The log did not take the events."""


class VersionConflict(AppendFailed):
    """A stream has grown since the caller read it."""


class RecordedAtGoesBack(AppendFailed):
    """A re-enactment's event is older than the newest in the log."""


class RequestSeenBefore(AppendFailed):
    """One of several requests carries an idempotency key that was used before."""


_FAILURES: dict[str, type[AppendFailed]] = {
    "LG002": VersionConflict,
    "LG003": RecordedAtGoesBack,
    "LG004": RequestSeenBefore,
}

_APPEND = text("""
    SELECT first_position, last_position
    FROM log.append_events(
        CAST(:streams AS text[]), CAST(:versions AS integer[]), CAST(:topics AS text[]),
        CAST(:states AS bytea[]), :idempotency_key, :recorded_at
    )
""")
_APPEND_REQUESTS = text("""
    SELECT first_position, last_position
    FROM log.append_requests(
        CAST(:sizes AS integer[]), CAST(:keys AS text[]),
        CAST(:streams AS text[]), CAST(:versions AS integer[]), CAST(:topics AS text[]),
        CAST(:states AS bytea[])
    )
""")
_APPEND_STAGED = text("""
    SELECT first_position, last_position FROM log.append_staged(:idempotency_key, :recorded_at)
""")

# Large enough that the round trips vanish, small enough to stay in the cache.
_EVENTS_A_COPY = 10_000


def append(
    connection: Connection,
    events: Sequence[NewEvent],
    *,
    idempotency_key: str | None = None,
    recorded_at: datetime | None = None,
) -> Positions:
    """Append a command's events to the log in the caller's transaction.

    With an idempotency key that was used before, nothing is appended and the earlier positions
    are returned. `recorded_at` counts in a re-enactment only.
    """
    assert events, "a command that changes nothing has nothing to append"
    assert all(event.version >= 1 for event in events), "the versions of a stream begin with 1"
    return append_from_any_version(
        connection, events, idempotency_key=idempotency_key, recorded_at=recorded_at
    )


def append_from_any_version(
    connection: Connection,
    events: Sequence[NewEvent],
    *,
    idempotency_key: str | None = None,
    recorded_at: datetime | None = None,
) -> Positions:
    """`append`, for streams whose versions may begin with 0 (the recorder's)."""
    asked = _arrays(events) | {"idempotency_key": idempotency_key, "recorded_at": recorded_at}
    try:
        return Positions(*connection.execute(_APPEND, asked).one())
    except DBAPIError as error:
        raise failure(error) from error


def append_requests(
    connection: Connection, requests: Sequence[tuple[Sequence[NewEvent], str | None]]
) -> Positions:
    """Append many callers' events, each with its idempotency key: all of them, or none."""
    events = [event for request, _ in requests for event in request]
    asked = _arrays(events) | {
        "sizes": [len(request) for request, _ in requests],
        "keys": [key for _, key in requests],
    }
    try:
        return Positions(*connection.execute(_APPEND_REQUESTS, asked).one())
    except DBAPIError as error:
        raise failure(error) from error


def import_events(
    connection: Connection,
    events: Iterable[NewEvent],
    *,
    idempotency_key: str | None = None,
    recorded_at: datetime | None = None,
) -> Positions | None:
    """Append a delivery's events, however many, in the caller's transaction.

    They are staged before the lock of the log is taken, so others go on appending meanwhile.
    None if there was nothing to append.
    """
    asked = {"idempotency_key": idempotency_key, "recorded_at": recorded_at}
    try:
        connection.execute(text("SELECT log.begin_import()"))
        _stage(connection, events)
        positions = Positions(*connection.execute(_APPEND_STAGED, asked).one())
    except DBAPIError as error:
        raise failure(error) from error
    return None if positions.first is None else positions


def failure(error: DBAPIError) -> Exception:
    """What went wrong in our own words; the error itself where it is none of ours."""
    code = error.orig.pgcode if isinstance(error.orig, psycopg2.Error) else None
    kind = _FAILURES.get(code or "")
    return error if kind is None else kind(str(error.orig).splitlines()[0])


def _arrays(events: Sequence[NewEvent]) -> dict[str, object]:
    return {
        "streams": [event.stream for event in events],
        "versions": [event.version for event in events],
        "topics": [event.topic for event in events],
        "states": [event.state for event in events],
    }


def _stage(connection: Connection, events: Iterable[NewEvent]) -> None:
    cursor = connection.connection.cursor()
    rows = _binary_rows(events)
    while chunk := b"".join(islice(rows, _EVENTS_A_COPY)):
        try:
            cursor.copy_expert(
                "COPY pg_temp.staged_events FROM STDIN (FORMAT binary)",
                BytesIO(_COPY_HEADER + chunk + _COPY_TRAILER),
            )
        except psycopg2.Error as error:
            hide_values(error)
            raise


# PostgreSQL's binary COPY: each field behind its length, in network order. It spares escaping
# text and writing bytes out in hexadecimal. https://www.postgresql.org/docs/current/sql-copy.html
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TRAILER = struct.pack(">h", -1)
_FIVE_FIELDS_ORDINAL_LENGTH = struct.Struct(">hiqi")
_VERSION_LENGTH = struct.Struct(">iii")
_LENGTH = struct.Struct(">i")


def _binary_rows(events: Iterable[NewEvent]) -> Iterator[bytes]:
    for ordinal, event in enumerate(events, start=1):
        stream, topic = event.stream.encode(), event.topic.encode()
        yield b"".join(
            (
                _FIVE_FIELDS_ORDINAL_LENGTH.pack(5, 8, ordinal, len(stream)),
                stream,
                _VERSION_LENGTH.pack(4, event.version, len(topic)),
                topic,
                _LENGTH.pack(len(event.state)),
                event.state,
            )
        )
