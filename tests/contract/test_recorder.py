"""Does our recorder keep the promises the `eventsourcing` library's own recorders are held to?

These are the test cases the library ships for whoever writes a recorder. One does not apply:
`AggregateRecorderTestCase` is for stores of snapshots, whose `insert_events` returns no
positions and whose versions have gaps; the ledger keeps no snapshots.
"""

import pytest
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    InfrastructureFactory,
    TrackingRecorder,
)
from eventsourcing.tests.persistence import (
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    NonInterleavingNotificationIDsBaseCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)
from eventsourcing.utils import Environment
from sqlalchemy import Engine

from ledger.store.recorder import (
    LedgerApplicationRecorder,
    LedgerFactory,
    LedgerProcessRecorder,
    LedgerTrackingRecorder,
)


class OnADatabase:
    """What the library's cases, being `unittest`'s, cannot ask of pytest themselves."""

    engine: Engine

    @pytest.fixture(autouse=True)
    def _database(self, engine: Engine) -> None:
        self.engine = engine


class TestApplicationRecorder(OnADatabase, ApplicationRecorderTestCase[LedgerApplicationRecorder]):
    """Events in, events out, ten writers at once."""

    def create_recorder(self) -> LedgerApplicationRecorder:
        """Return ours."""
        return LedgerApplicationRecorder(self.engine, id_type="uuid")

    def test_insert_subscribe(self) -> None:
        """The library's optional case, which ours need not leave out."""
        self.optional_test_insert_subscribe()


class TestNotificationIdsDoNotInterleave(OnADatabase, NonInterleavingNotificationIDsBaseCase):
    """Two writers of a thousand events: one's all stand before the other's."""

    def create_recorder(self) -> ApplicationRecorder:
        """Return ours."""
        return LedgerApplicationRecorder(self.engine, id_type="uuid")


class TestTrackingRecorder(OnADatabase, TrackingRecorderTestCase):
    """A position moves on, and only on."""

    def create_recorder(self) -> TrackingRecorder:
        """Return ours."""
        return LedgerTrackingRecorder(self.engine)


class TestProcessRecorder(OnADatabase, ProcessRecorderTestCase):
    """Events and the position of what caused them, in one transaction."""

    def create_recorder(self) -> LedgerProcessRecorder:
        """Return ours."""
        return LedgerProcessRecorder(self.engine, id_type="uuid")


class TrackingRecorderSubclass(LedgerTrackingRecorder):
    """Somebody's own."""


class TestFactory(InfrastructureFactoryTestCase[LedgerFactory]):
    """The library finds our recorders by the module's name."""

    @pytest.fixture(autouse=True)
    def _database(self, database_url: str) -> None:
        self.database_url = database_url

    def setUp(self) -> None:
        """Point the library at our module."""
        self.env = Environment("TestFactory")
        self.env[InfrastructureFactory.PERSISTENCE_MODULE] = "ledger.store.recorder"
        self.env["LEDGER_DATABASE_URL"] = self.database_url
        super().setUp()

    def expected_factory_class(self) -> type[LedgerFactory]:
        """Return ours."""
        return LedgerFactory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        """Return the log's: there is no other."""
        return LedgerApplicationRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        """Return ours."""
        return LedgerApplicationRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        """Return ours."""
        return LedgerTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        """Return one the factory has not heard of."""
        return TrackingRecorderSubclass

    def expected_process_recorder_class(self) -> type[LedgerProcessRecorder]:
        """Return ours."""
        return LedgerProcessRecorder
