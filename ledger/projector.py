"""Feeds events to projections: catching up, and rebuilding from the log.

One runner, three callers: after a command, in `ledger work`, and in a rebuild. Each batch and the
projection's own position are one transaction under the position's row lock, so that a projection
sees each event exactly once, two runners at a time do no harm, and any of them may die.
"""

import gc
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Insert, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from ledger.domain.events import Kept, LedgerOpened, Mode
from ledger.store.bulk import chunks, with_rows
from ledger.store.log import head, read_events
from ledger.store.projection import FRESH, SCHEMA, Batch, Projection, Write, decoded
from ledger.store.tables import projection_positions as positions

logger = logging.getLogger(__name__)

BATCH = 5_000
# PostgreSQL's name for the schema of a session's own temporary tables.
_TEMPORARY = "pg_temp"
T = TypeVar("T")
# After how many new objects Python looks for cycles.
_USUALLY = gc.get_threshold()
# How often a rebuild asks for its tables; a fifth of a second each time, and so a minute in all.
_TIMES_ASKED = 300
_LOCK_NOT_AVAILABLE = "55P03"


def catch_up(engine: Engine, projections: Iterable[Projection[Any]], *, batch: int = BATCH) -> int:
    """Bring each projection up to the head of the log; returns how many events were applied."""
    applied = 0
    for projection in projections:
        prepare(engine, projection)
        ahead = _Ahead()
        count = batch
        # Who stopped before had come to the head.
        while count >= batch:
            with engine.begin() as connection:
                count = _several_batches(connection, projection, ahead, batch=batch, schema=SCHEMA)
            applied += count
    return applied


def prepare(engine: Engine, projection: Projection[Any]) -> None:
    """Make the projection's tables if they are not there; rebuild it if they have changed shape."""
    with engine.begin() as connection:
        known = connection.execute(
            select(positions.c.fingerprint).where(positions.c.name == projection.name)
        ).scalar_one_or_none()
        if known is None:
            made = connection.execute(
                insert(positions)
                .values(name=projection.name, position=0, fingerprint=projection.fingerprint)
                .on_conflict_do_nothing()
                .returning(positions.c.name)
            ).scalar_one_or_none()
            if made is not None:
                _create_tables(connection, projection)
            return
    if known != projection.fingerprint:
        logger.info("projection changed shape, rebuilding", extra={"projection": projection.name})
        rebuild(engine, projection)


def rebuild(engine: Engine, projection: Projection[Any], *, batch: int = 4 * BATCH) -> int:
    """Build the projection anew from the log into fresh tables and swap them in.

    Reads go on meanwhile; another runner waits for the position's lock only while tables swap. One
    rebuild of a projection at a time: a second waits, and then starts over.
    """
    with _alone(engine, projection) as connection, _seldom_collecting():
        return _rebuild(connection, projection, batch=batch)


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Events come and go by the hundred thousand and hold no cycles: to look for some as often as
    Python does takes a fifth of a rebuild's time.
    """
    gc.set_threshold(100 * _USUALLY[0], *_USUALLY[1:])
    try:
        yield
    finally:
        # Of a rebuild beside this one too: it goes on, only slower.
        gc.set_threshold(*_USUALLY)


@contextmanager
def _alone(engine: Engine, projection: Projection[Any]) -> Iterator[Connection]:
    """A connection whose session alone may rebuild the projection; that right ends with it."""
    right = {"name": f"rebuild of {projection.name}"}
    with engine.connect() as connection:
        ask = text("select pg_try_advisory_lock(hashtextextended(:name, 0))")
        while not connection.execute(ask, right).scalar_one():
            connection.rollback()
            time.sleep(0.1)
        connection.rollback()
        try:
            yield connection
        except BaseException:
            # The session ends, and with it whatever it held.
            connection.invalidate()
            raise
        connection.execute(text("select pg_advisory_unlock(hashtextextended(:name, 0))"), right)
        connection.commit()


def _rebuild(connection: Connection, projection: Projection[Any], *, batch: int) -> int:
    fresh_name = f"{projection.name}@fresh"
    with connection.begin():
        connection.execute(
            insert(positions)
            .values(name=fresh_name, position=0, fingerprint=projection.fingerprint)
            .on_conflict_do_update(
                index_elements=["name"],
                set_={"position": 0, "fingerprint": projection.fingerprint},
            )
        )
        fresh = _in_schema(connection, FRESH)
        for table in reversed(projection.tables):
            table.drop(fresh, checkfirst=True)
        _create_tables(fresh, projection)
    applied = 0
    ahead = _Ahead()
    count = 1
    analyzed = 0
    while count:
        with connection.begin():
            # What a power cut loses of it is built again; the swap is on the disk when it is told.
            connection.execute(text("set local synchronous_commit = off"))
            count = _several_batches(connection, projection, ahead, batch=batch, schema=FRESH)
            if applied + count >= 2 * analyzed:
                # What has grown from nothing since is planned for as if there still were nothing.
                for table in projection.tables:
                    connection.execute(text(f'analyze {FRESH}."{table.name}"'))
                analyzed = applied + count
        applied += count
    with connection.begin():
        # Whoever appends meanwhile is caught up with under the lock, then the tables change place.
        connection.execute(
            insert(positions)
            .values(name=projection.name, position=0, fingerprint=projection.fingerprint)
            .on_conflict_do_nothing()
        )
        connection.execute(
            select(positions.c.position)
            .where(positions.c.name == projection.name)
            .with_for_update()
        )
        while count := _several_batches(connection, projection, ahead, batch=batch, schema=FRESH):
            applied += count
        _take_from_readers(connection, projection)
        for table in reversed(projection.tables):
            connection.execute(text(f'drop table if exists {SCHEMA}."{table.name}"'))
        for table in projection.tables:
            connection.execute(text(f'alter table {FRESH}."{table.name}" set schema {SCHEMA}'))
        reached = select(positions.c.position).where(positions.c.name == fresh_name)
        connection.execute(
            update(positions)
            .where(positions.c.name == projection.name)
            .values(position=reached.scalar_subquery(), fingerprint=projection.fingerprint)
        )
        connection.execute(positions.delete().where(positions.c.name == fresh_name))
    return applied


def _take_from_readers(connection: Connection, projection: Projection[Any]) -> None:
    """Lock the tables against everybody: all at once, or none for now. Who held one and waited for
    another might wait for a reader that has the other and waits for the one.
    """
    names = [f'{SCHEMA}."{table.name}"' for table in projection.tables]
    there = [
        name for name in names if connection.execute(select(func.to_regclass(name))).scalar_one()
    ]
    if not there:
        return
    for asked in range(_TIMES_ASKED):
        try:
            with connection.begin_nested():
                connection.execute(text("set local lock_timeout = '200ms'"))
                connection.execute(text(f"lock table {', '.join(there)}"))
        except OperationalError as error:
            if (
                asked == _TIMES_ASKED - 1
                or getattr(error.orig, "pgcode", "") != _LOCK_NOT_AVAILABLE
            ):
                raise
        else:
            return


def ask_again(
    engine: Engine,
    projection: Projection[Any],
    asked: Callable[[Connection, int], Iterable[Write]],
) -> None:
    """Let a projection say more though no event came: `asked` gets its connection and position."""
    prepare(engine, projection)
    with engine.begin() as connection:
        position = connection.execute(
            select(positions.c.position)
            .where(positions.c.name == projection.name)
            .with_for_update()
        ).scalar_one()
        _execute(connection, asked(connection, position))


def try_out(
    engine: Engine,
    projection: Projection[Any],
    asked: Callable[[Connection, int], Iterable[Write]],
    look: Callable[[Connection], T],
) -> tuple[T, T]:
    """What is seen before and after `asked`, of which nothing is kept. Whoever would feed the
    projection meanwhile waits.
    """
    prepare(engine, projection)
    with engine.connect() as connection, connection.begin() as everything:
        position = connection.execute(
            select(positions.c.position)
            .where(positions.c.name == projection.name)
            .with_for_update()
        ).scalar_one()
        before = look(connection)
        _execute(connection, asked(connection, position))
        after = look(connection)
        everything.rollback()
    return before, after


@contextmanager
def as_known_at(
    engine: Engine, projections: Iterable[Projection[Any]], position: int
) -> Iterator[Connection]:
    """A connection on which these projections' tables, and no others, are what they were when the
    log ended at a position: made from the log in temporary tables, which are gone with the block.
    """
    with engine.connect() as connection, connection.begin() as everything:
        then = _in_schema(connection, _TEMPORARY)
        for projection in projections:
            assert projection.cut is None, "what is cut keeps its own past"
            _create_tables(then, projection)
            _feed_up_to(then, projection, position)
        yield then
        everything.rollback()


def _feed_up_to(connection: Connection, projection: Projection[Any], position: int) -> None:
    mode = mode_of(connection)
    after = 0
    while after < position:
        read = read_events(
            connection, after=after, limit=BATCH, topics=projection.topics, upto=position
        )
        reached = read[-1].position if len(read) == BATCH else position
        feed = Batch(decoded(read), mode, after, reached)
        if feed.events:
            _execute(connection, projection.apply(feed, projection.load(connection, feed)))
            _execute(connection, projection.settle(connection, feed))
        after = reached


def position_of(connection: Connection, projection: Projection[Any]) -> int:
    """How far the projection has come; 0 if it was never fed."""
    return (
        connection.execute(
            select(positions.c.position).where(positions.c.name == projection.name)
        ).scalar_one_or_none()
        or 0
    )


def mode_of(connection: Connection) -> Mode:
    """Whether the ledger lives or re-enacts: what position 1 says (live, if it is empty)."""
    first = decoded(read_events(connection, after=0, limit=1))
    if first and isinstance(first[0].event, LedgerOpened):
        return first[0].event.mode
    return Mode.LIVE


@dataclass(slots=True)
class _Ahead:
    """What was read and not yet applied, where batches have to be cut short.

    The events stand behind `after`, and are all that is to be told up to `upto`.
    """

    events: list[Kept] = field(default_factory=list)
    after: int = -1
    upto: int = -1


def _several_batches(
    connection: Connection,
    projection: Projection[Any],
    ahead: _Ahead,
    *,
    batch: int,
    schema: str,
) -> int:
    """Apply batches, of which some may be short, until they come to so many events or to the head.

    One transaction for all of them: a commit takes longer than a short batch.
    """
    applied = 0
    while applied < batch:
        count = _apply_one(connection, projection, ahead, batch=batch, schema=schema)
        if not count:
            break
        applied += count
    return applied


def _apply_one(
    connection: Connection,
    projection: Projection[Any],
    ahead: _Ahead,
    *,
    batch: int,
    schema: str,
) -> int:
    """Apply the next batch on the connection that holds the position's lock: borrowing a second
    one could wait for itself when the pool is small.
    """
    name = projection.name if schema == SCHEMA else f"{projection.name}@fresh"
    position: int = connection.execute(
        select(positions.c.position).where(positions.c.name == name).with_for_update()
    ).scalar_one()
    translated = _in_schema(connection, schema)
    told, reached = _next_events(translated, projection, ahead, after=position, batch=batch)
    if reached == position:
        return 0
    if told or projection.cut is not None:
        feed = Batch(told, mode_of(connection), position, reached)
        _execute(translated, projection.apply(feed, projection.load(translated, feed)))
        _execute(translated, projection.settle(translated, feed))
    moved = {"position": reached, "updated_at": func.now()}
    connection.execute(update(positions).where(positions.c.name == name).values(moved))
    return reached - position


def _next_events(
    connection: Connection,
    projection: Projection[Any],
    ahead: _Ahead,
    *,
    after: int,
    batch: int,
) -> tuple[list[Kept], int]:
    """The next events, up to where the batch has to be cut, and how far that reaches."""
    if not ahead.events or ahead.after != after:
        _read_on(connection, projection, ahead, after=after, batch=batch)
    if projection.cut is None or not ahead.events:
        told, reached = ahead.events, ahead.upto
        ahead.events = []
        return told, reached
    count = projection.cut(connection, ahead.events)
    told = ahead.events[:count]
    del ahead.events[:count]
    ahead.after = told[-1].position
    return told, ahead.after


def _read_on(
    connection: Connection, projection: Projection[Any], ahead: _Ahead, *, after: int, batch: int
) -> None:
    # Asked first: what is appended between the two statements is for the next batch.
    newest, _ = head(connection)
    read = read_events(connection, after=after, limit=batch, topics=projection.topics, upto=newest)
    ahead.events = decoded(read)
    ahead.after = after
    ahead.upto = ahead.events[-1].position if len(read) == batch else max(after, newest)


def _execute(connection: Connection, writes: Iterable[Write]) -> None:
    for write in writes:
        if write.rows and isinstance(write.statement, Insert):
            for rows in chunks(write.rows):
                connection.execute(with_rows(write.statement, rows))
        elif write.rows:
            connection.execute(write.statement, list(write.rows))
        else:
            connection.execute(write.statement)


def _in_schema(connection: Connection, schema: str) -> Connection:
    return connection.execution_options(schema_translate_map={SCHEMA: schema})


def _create_tables(connection: Connection, projection: Projection[Any]) -> None:
    for table in projection.tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))
