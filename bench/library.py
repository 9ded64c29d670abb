"""The peer: the `eventsourcing` library on PostgreSQL, as it comes, through psycopg 3."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, Notification, StoredEvent, Tracking
from eventsourcing.postgres import (
    PostgresApplicationRecorder,
    PostgresDatastore,
    PostgresFactory,
    PostgresTrackingRecorder,
)
from eventsourcing.projection import Projection, ProjectionRunner
from eventsourcing.utils import Environment
from psycopg.sql import SQL
from sqlalchemy import make_url

from ledger.domain.events import EntryRecorded, Event
from ledger.domain.streams import patient_of
from ledger.store import codec
from ledger.store.append import NewEvent

# What the library's documentation writes at a time.
EVENTS_A_CALL = 1_000


def environment(url: str, *, name: str = "", **more: str) -> Environment:
    """How the library is told which database to use."""
    asked = make_url(url)
    host = asked.query["host"]
    assert isinstance(host, str), "the folder of one socket"
    told = {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": asked.database or "",
        "POSTGRES_HOST": host,
        "POSTGRES_PORT": str(asked.port or 5432),
        "POSTGRES_USER": asked.username or "",
        "POSTGRES_PASSWORD": "none is asked",
        "ORIGINATOR_ID_TYPE": "text",
    }
    return Environment(name, told | more)


class Recorder(PostgresApplicationRecorder):
    """The library's recorder without psycopg's pipeline, which hangs on what it is given here.

    psycopg 3.3 takes a pipeline for sent before it is: more than the socket's buffer holds (some
    400 kB) waits for ever (https://github.com/psycopg/psycopg/issues/685). The same statements
    are a handful of round trips a call; of a thousand events they are nothing.
    """

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """Insert events, and return their ids."""
        if self.datastore.enable_db_functions:
            ids: Sequence[int] | None = super().insert_events(stored_events, **kwargs)
            return ids
        with self.datastore.get_connection() as connection, connection.transaction():
            with connection.cursor() as cursor:
                self._insert_events(cursor, stored_events, **kwargs)
            with connection.cursor() as cursor:
                self._insert_stored_events(cursor, stored_events, **kwargs)
                return self._fetch_ids_after_insert_events(cursor, stored_events, **kwargs)


class Factory(PostgresFactory):
    """The library's factory, with that recorder."""

    application_recorder_class = Recorder


@contextmanager
def a_recorder(url: str, **more: str) -> Iterator[PostgresApplicationRecorder]:
    """The library's recorder of an application's events, its table made."""
    factory = Factory(environment(url, name="Bench", **more))
    try:
        recorder = factory.application_recorder()
        assert isinstance(recorder, PostgresApplicationRecorder)
        yield recorder
    finally:
        factory.close()


def stored(events: Sequence[NewEvent]) -> list[StoredEvent]:
    """Our events as the library's."""
    return [StoredEvent(e.stream, e.version, e.topic, e.state) for e in events]


def insert(recorder: PostgresApplicationRecorder, events: Sequence[StoredEvent]) -> None:
    """Insert the events, some at a time."""
    for start in range(0, len(events), EVENTS_A_CALL):
        recorder.insert_events(events[start : start + EVENTS_A_CALL])


class OurMapper(Mapper[str]):
    """Decodes an event as we do, so that only the running of projections is compared."""

    def to_domain_event(self, stored_event: StoredEvent) -> "Told":  # type: ignore[override]
        """Bytes to an event of ours."""
        event = codec.from_bytes(stored_event.topic, stored_event.state)
        assert isinstance(stored_event, Notification)
        return Told(str(stored_event.originator_id), stored_event.id, event, stored_event.state)


class Told:
    """One event, as a projection of the library's is given it."""

    def __init__(self, stream: str, position: int, event: Event, state: bytes) -> None:
        self.stream = stream
        self.position = position
        self.event = event
        self.state = state


class Bench(Application[str]):
    """The application whose events are followed."""

    def construct_mapper(self) -> Mapper[str]:
        """Make the mapper."""
        return OurMapper(self.construct_transcoder())


class StatementsView(PostgresTrackingRecorder):
    """The table of statements: a row for an entry, in the transaction that tracks its event."""

    def __init__(self, datastore: PostgresDatastore, **kwargs: Any) -> None:
        super().__init__(datastore, **kwargs)
        self.sql_create_statements += [
            SQL(
                "CREATE TABLE IF NOT EXISTS statements (position bigint PRIMARY KEY, "
                "patient uuid NOT NULL, practice text NOT NULL, recorded_at timestamptz, "
                "state bytea NOT NULL, replaced_by bigint)"
            ).format(),
            SQL(
                "CREATE INDEX IF NOT EXISTS statements_of_patient ON statements (patient)"
            ).format(),
        ]

    def keep(self, told: Told, patient: UUID, entry: EntryRecorded, tracking: Tracking) -> None:
        """Keep one entry, and how far we have come."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(
                "INSERT INTO statements (position, patient, practice, state) "
                "VALUES (%s, %s, %s, %s)",
                (told.position, patient, entry.practice, told.state),
                prepare=True,
            )


class Statements(Projection[StatementsView]):
    """The same read model as `ledger/projections/statements.py`, in the library's way."""

    def process_event(self, domain_event: Told, tracking: Tracking) -> None:
        """Keep an entry."""
        patient = patient_of(domain_event.stream)
        assert isinstance(domain_event.event, EntryRecorded)
        assert patient is not None
        self.view.keep(domain_event, patient, domain_event.event, tracking)


def run_projection(url: str, *, upto: int) -> float:
    """How many events a second the library's runner applies, from the first to this one."""
    logging.getLogger("eventsourcing").setLevel(logging.ERROR)
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Bench,
        projection_class=Statements,
        view_class=StatementsView,
        env=environment(url),
    ) as runner:
        runner.wait(upto, timeout=600)
        took = time.perf_counter() - began
    return upto / took
