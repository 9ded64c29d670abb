"""How does the `eventsourcing` library see the log?

As its recorders, over the same append functions: one stream an aggregate, one notification a
position. Two things are stricter than the library asks: notification ids have no gaps, and a
stream's versions are consecutive (from 1, or from 0, as the library counts in places).

Left out: snapshots. A stream here is some tens of events long.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Literal, cast
from uuid import UUID

from eventsourcing import persistence
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    IntegrityError,
    ListenNotifySubscription,
    Notification,
    NotSupportedError,
    ProcessRecorder,
    StoredEvent,
    Tracking,
    TrackingRecorder,
)
from eventsourcing.utils import Environment, EnvType, resolve_topic
from sqlalchemy import Connection, Engine, exc, func, select
from sqlalchemy.dialects.postgresql import insert

from ledger.store.append import AppendFailed, NewEvent, append_from_any_version
from ledger.store.bulk import among
from ledger.store.engine import open_engine
from ledger.store.listen import Listener
from ledger.store.tables import events, projection_positions

# Streams are text; the library wants back the type of id it handed in.
IdType = Literal["uuid", "text"]

# Beside the ledger's own projections, which share the table.
_TRACKING = "eventsourcing:"


class LedgerApplicationRecorder(ApplicationRecorder):
    """Events into the log and out of it."""

    def __init__(self, engine: Engine, *, id_type: IdType = "text") -> None:
        """Take the connections, and the type the originators' ids are to have."""
        self.engine = engine
        self._id_type = id_type

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: object
    ) -> Sequence[int] | None:
        """Append events in one transaction; the positions they were given."""
        with _translated(), self.engine.begin() as connection:
            self._before_insert(connection, **kwargs)
            if not stored_events:
                return []
            new = [
                NewEvent(str(e.originator_id), e.originator_version, e.topic, e.state)
                for e in stored_events
            ]
            first, last = append_from_any_version(connection, new)
        return list(range(first, last + 1))

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """Return a stream, or a part of it by version."""
        query = select(events.c.version, events.c.topic, events.c.state).where(
            events.c.stream == str(originator_id)
        )
        if gt is not None:
            query = query.where(events.c.version > gt)
        if lte is not None:
            query = query.where(events.c.version <= lte)
        query = query.order_by(events.c.version.desc() if desc else events.c.version).limit(limit)
        with _translated(), self.engine.connect() as connection:
            return [StoredEvent(originator_id, *row) for row in connection.execute(query)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Return events in the log's order."""
        c = events.c
        query = select(c.stream, c.version, c.topic, c.state, c.position)
        if start is not None:
            query = query.where(c.position >= start if inclusive_of_start else c.position > start)
        if stop is not None:
            query = query.where(c.position <= stop)
        if topics:
            query = query.where(among(c.topic, topics))
        with _translated(), self.engine.connect() as connection:
            return [
                Notification(self._originator_id(stream), *rest)
                for stream, *rest in connection.execute(query.order_by(c.position).limit(limit))
            ]

    def max_notification_id(self) -> int | None:
        """Return the newest position."""
        with _translated(), self.engine.connect() as connection:
            newest: int | None = connection.execute(
                select(func.max(events.c.position))
            ).scalar_one()
        return newest

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> "LedgerSubscription":
        """Return the events behind a position, and go on waiting for more."""
        return LedgerSubscription(self, gt=gt, topics=topics)

    def _before_insert(self, connection: Connection, **_: object) -> None:
        """What else belongs to the transaction."""

    def _originator_id(self, stream: str) -> UUID | str:
        return UUID(stream) if self._id_type == "uuid" else stream


class LedgerSubscription(ListenNotifySubscription[LedgerApplicationRecorder]):
    """Notifications as they come, woken by the database."""

    def __init__(
        self, recorder: LedgerApplicationRecorder, gt: int | None, topics: Sequence[str]
    ) -> None:
        """Begin to listen."""
        super().__init__(recorder, gt=gt, topics=topics)
        self._listen_thread = Thread(target=self._listen, name="subscription")
        self._listen_thread.start()

    def __exit__(self, *args: object, **kwargs: object) -> None:
        """Stop listening."""
        try:
            super().__exit__(*args, **kwargs)
        finally:
            self._listen_thread.join()

    def _listen(self) -> None:
        try:
            with Listener(self._recorder.engine) as listener:
                # What was appended between the first look and now woke nobody.
                self._has_been_notified.set()
                while not self._has_been_stopped:
                    if listener.wait(timeout=0.1):
                        self._has_been_notified.set()
        except BaseException as error:  # noqa: BLE001  raised again where the reader waits
            self._thread_error = self._thread_error or error
            self.stop()


class LedgerTrackingRecorder(TrackingRecorder):
    """How far a reader of the log has come, kept with what it made of it."""

    def __init__(self, engine: Engine) -> None:
        """Take the connections."""
        self.engine = engine

    def insert_tracking(self, tracking: Tracking) -> None:
        """Move on; to stay or to go back is refused."""
        with _translated(), self.engine.begin() as connection:
            _track(connection, tracking)

    def max_tracking_id(self, application_name: str) -> int | None:
        """Return how far it has come."""
        query = select(projection_positions.c.position).where(
            projection_positions.c.name == _TRACKING + application_name
        )
        with _translated(), self.engine.connect() as connection:
            return connection.execute(query).scalar_one_or_none()


class LedgerProcessRecorder(LedgerTrackingRecorder, LedgerApplicationRecorder, ProcessRecorder):
    """Both, in one transaction."""

    def __init__(self, engine: Engine, *, id_type: IdType = "text") -> None:
        """Take the connections, and the type the originators' ids are to have."""
        LedgerApplicationRecorder.__init__(self, engine, id_type=id_type)

    def _before_insert(self, connection: Connection, **kwargs: object) -> None:
        tracking = kwargs.get("tracking")
        if isinstance(tracking, Tracking):
            _track(connection, tracking)


class LedgerFactory(InfrastructureFactory[TrackingRecorder]):
    """Makes them from an environment: `LEDGER_DATABASE_URL`, and `ORIGINATOR_ID_TYPE`.

    The tables are Alembic's, so the library's `CREATE_TABLE` changes nothing.
    """

    def __init__(self, env: Environment | EnvType | None) -> None:
        """Open the engine."""
        super().__init__(env)
        url = self.env.get("LEDGER_DATABASE_URL")
        if not url:
            raise OSError("LEDGER_DATABASE_URL is not set")
        id_type = self.env.get("ORIGINATOR_ID_TYPE") or "text"
        if id_type not in ("uuid", "text"):
            raise OSError(f"ORIGINATOR_ID_TYPE is to be uuid or text, not {id_type}")
        self._id_type = cast(IdType, id_type)
        self.engine = open_engine(url)

    def aggregate_recorder(self, purpose: str = "events") -> AggregateRecorder:
        """Return the recorder of the log; there is none for snapshots."""
        if purpose != "events":
            raise NotSupportedError(f"the ledger keeps events, no {purpose}")
        return self.application_recorder()

    def application_recorder(self) -> LedgerApplicationRecorder:
        """Return the recorder of the log."""
        return LedgerApplicationRecorder(self.engine, id_type=self._id_type)

    def tracking_recorder(
        self, tracking_recorder_class: type[TrackingRecorder] | None = None
    ) -> TrackingRecorder:
        """Return a tracking recorder: of this class, of that in the environment, or ours."""
        topic = self.env.get(self.TRACKING_RECORDER_TOPIC)
        chosen = tracking_recorder_class or (resolve_topic(topic) if topic else None)
        return cast(type[LedgerTrackingRecorder], chosen or LedgerTrackingRecorder)(self.engine)

    def process_recorder(self) -> LedgerProcessRecorder:
        """Return a recorder that tracks as it appends."""
        return LedgerProcessRecorder(self.engine, id_type=self._id_type)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()


def _track(connection: Connection, tracking: Tracking) -> None:
    statement = insert(projection_positions).values(
        name=_TRACKING + tracking.application_name,
        position=tracking.notification_id,
        fingerprint="",
    )
    moved = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"position": statement.excluded.position, "updated_at": func.now()},
            where=projection_positions.c.position < statement.excluded.position,
        ).returning(projection_positions.c.position)
    )
    if moved.one_or_none() is None:
        raise IntegrityError(f"{tracking} was tracked before, or a later one was")


@contextmanager
def _translated() -> Iterator[None]:
    """Raise the library's errors for the database's and for the log's own."""
    try:
        yield
    except AppendFailed as error:
        raise IntegrityError(str(error)) from error
    except exc.DBAPIError as error:
        # DB-API names its errors alike everywhere, so the library has one of each name.
        kind = getattr(persistence, type(error).__name__, persistence.PersistenceError)
        raise kind(str(error)) from error
