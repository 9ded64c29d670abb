"""What stands in the log?"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Select, func, select

from ledger.store.bulk import among
from ledger.store.tables import events


class KeptEvent(NamedTuple):
    """One event as the log keeps it."""

    position: int
    stream: str
    version: int
    topic: str
    state: bytes
    recorded_at: datetime
    leaf_hash: bytes


class Head(NamedTuple):
    """The newest event's position and time; 0 and None of an empty log."""

    position: int
    recorded_at: datetime | None


_Columns = tuple[int, str, int, str, bytes, datetime, bytes]


def _kept() -> Select[*_Columns]:
    return select(
        events.c.position,
        events.c.stream,
        events.c.version,
        events.c.topic,
        events.c.state,
        events.c.recorded_at,
        events.c.leaf_hash,
    )


def read_events(
    connection: Connection,
    *,
    after: int,
    limit: int,
    topics: Collection[str] | None = None,
    upto: int | None = None,
) -> list[KeptEvent]:
    """The events behind a position, in the log's order."""
    query = _kept().where(events.c.position > after).order_by(events.c.position).limit(limit)
    if topics is not None:
        query = query.where(events.c.topic.in_(topics))
    if upto is not None:
        query = query.where(events.c.position <= upto)
    return [KeptEvent(*row) for row in connection.execute(query)]


def read_streams(
    connection: Connection,
    streams: Collection[str],
    *,
    upto: int | None = None,
    topics: Collection[str] | None = None,
) -> dict[str, list[KeptEvent]]:
    """Every event of these streams, by stream and in order; a stream without events is empty."""
    query = (
        _kept().where(among(events.c.stream, streams)).order_by(events.c.stream, events.c.version)
    )
    if upto is not None:
        query = query.where(events.c.position <= upto)
    if topics is not None:
        query = query.where(events.c.topic.in_(topics))
    found: dict[str, list[KeptEvent]] = {stream: [] for stream in streams}
    for row in connection.execute(query):
        event = KeptEvent(*row)
        found[event.stream].append(event)
    return found


def stream_versions(connection: Connection, streams: Collection[str]) -> dict[str, int]:
    """The newest version of each of these streams that has any event."""
    query = (
        select(events.c.stream, func.max(events.c.version))
        .where(among(events.c.stream, streams))
        .group_by(events.c.stream)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def stream_version(connection: Connection, stream: str) -> int:
    """The newest version of a stream; 0 before its first event."""
    return stream_versions(connection, [stream]).get(stream, 0)


def head(connection: Connection) -> Head:
    """The newest position, and when it was recorded."""
    query = select(events.c.position, events.c.recorded_at).order_by(events.c.position.desc())
    row = connection.execute(query.limit(1)).one_or_none()
    return Head(0, None) if row is None else Head(*row)


def last_of(connection: Connection, topic: str, *, before: int) -> int:
    """The position of the last event of a topic before a position; 0 if there is none."""
    query = (
        select(events.c.position)
        .where(events.c.topic == topic, events.c.position < before)
        .order_by(events.c.position.desc())
        .limit(1)
    )
    return connection.execute(query).scalar_one_or_none() or 0


def position_at(connection: Connection, time: datetime) -> int:
    """The last position recorded at or before a time; 0 before the first."""
    position: int = connection.execute(select(func.log.position_at(time))).scalar_one()
    return position


def events_at(connection: Connection, positions: Collection[int]) -> list[KeptEvent]:
    """The events at these positions, in the log's order."""
    query = _kept().where(among(events.c.position, positions)).order_by(events.c.position)
    return [KeptEvent(*row) for row in connection.execute(query)]
