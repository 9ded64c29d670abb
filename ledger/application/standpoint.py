"""Where the ledger stands: its name and mode, its newest position, and what day it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Engine

from ledger import projector
from ledger.domain.callers import Caller, Role
from ledger.domain.events import LedgerOpened, Mode
from ledger.domain.objections import practice_day
from ledger.domain.streams import LEDGER
from ledger.projections import PROJECTIONS
from ledger.projections.practices import PRACTICES, predecessors_of
from ledger.store.log import events_at, head, position_at, read_streams
from ledger.store.projection import decoded

_NAMED = {projection.name: projection for projection in PROJECTIONS}


@dataclass(frozen=True, slots=True)
class Known:
    """The ledger's point in time an answer speaks of: a position, and when it was recorded."""

    position: int
    time: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """The ledger's name and mode, from position 1."""

    name: str
    mode: Mode
    at: datetime


class Standpoint:
    """A ledger's database and clock. `clock` is handed in: tests have their own."""

    def __init__(
        self, engine: Engine, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.engine = engine
        self._clock = clock

    def opened(self) -> Opened:
        """The ledger's name and mode, without opening it: an empty one would open live."""
        with self.engine.connect() as connection:
            return self._opened(connection)

    def known(self, at: int | datetime | None = None) -> Known:
        """The point in time that a position or a moment names; None: the newest."""
        with self.engine.connect() as connection:
            return self._known(connection, at)

    def reached(self, projection: str, *, upto: int | None = None) -> Known:
        """The point in time a projection's answers speak of: how far it has come, or `upto`."""
        with self.engine.connect() as connection:
            reached = projector.position_of(connection, _NAMED[projection])
            return self._known(connection, reached if upto is None else min(upto, reached))

    def reached_by_all(self, *projections: str) -> Known:
        """The point in time that an answer made of several projections speaks of."""
        return min((self.reached(name) for name in projections), key=lambda known: known.position)

    def now(self) -> datetime:
        """The clock's time; in a re-enactment the newest event's."""
        with self.engine.connect() as connection:
            return self._now(connection)

    def today(self) -> date:
        """The clock's day; in a re-enactment the day of the newest event."""
        with self.engine.connect() as connection:
            return self._today(connection)

    def acting_for(self, by: Caller) -> Caller:
        """The caller, widened by the practices that closed and whose patients theirs now have.

        A controller sees and settles what is open there: nobody else is left to. Nothing new is
        recorded for a closed practice, so what records asks the caller as they came.
        """
        if by.role is not Role.CONTROLLER:
            return by
        with self.engine.connect() as connection:
            if not projector.position_of(connection, PRACTICES):
                # The register was never looked at, so nobody is known to have closed.
                return by
            today = self._today(connection)
            taken_over = predecessors_of(connection, by.practices, today=today)
        return replace(by, practices=by.practices | taken_over)

    # --- deliveries

    def _recorded_at(self, connection: Connection, dated: datetime | None) -> datetime | None:
        """In a re-enactment the date a delivery bears, or the newest so far where that is later."""
        if self._opened(connection).mode is Mode.LIVE:
            return None
        newest = head(connection).recorded_at
        return max((moment for moment in (dated, newest) if moment is not None), default=None)

    def _opened(self, connection: Connection) -> Opened:
        kept = decoded(read_streams(connection, [LEDGER])[LEDGER])
        if not kept:
            return Opened("ledger", Mode.LIVE, self._clock())
        event = kept[0].event
        assert isinstance(event, LedgerOpened), "it is always position 1"
        return Opened(event.name, event.mode, kept[0].recorded_at)

    def _known(self, connection: Connection, at: int | datetime | None) -> Known:
        newest = head(connection)
        if at is None:
            return Known(newest.position, newest.recorded_at)
        if isinstance(at, datetime):
            return Known(position_at(connection, at), at)
        kept = events_at(connection, [min(at, newest.position)])
        return Known(at, kept[0].recorded_at if kept else None)

    def _today(self, connection: Connection) -> date:
        return practice_day(self._now(connection))

    def _now(self, connection: Connection) -> datetime:
        newest = head(connection).recorded_at
        if newest is not None and self._opened(connection).mode is Mode.RE_ENACTMENT:
            return newest
        return self._clock()
