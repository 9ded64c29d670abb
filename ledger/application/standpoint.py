"""Where the ledger stands: its name and mode, its newest position, and what day it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine

from ledger import projector
from ledger.application.policies import chosen_policy
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.events import LedgerOpened, Mode
from ledger.domain.objections import practice_day
from ledger.domain.points import Point, end_of
from ledger.domain.refusals import InTheFuture, PastTheEnd
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


class When(NamedTuple):
    """Of which day is asked, as known at which point, by which policy; by default of today, as known
    now, by the policy in force.
    """

    at: date | None = None
    known_at: Point | None = None
    policy: str | None = None


NOW = When()


class View(NamedTuple):
    """What an answer speaks of: the day, the point it was known at, and the policy.

    `position` is that of the point where one was asked for; None: the present, as the read models
    have it.
    """

    day: date
    known: Known
    policy: str
    position: int | None


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
        # What was asked of the past last (figures.py).
        self._remembered: dict[object, Any] = {}

    def opened(self) -> Opened:
        """The ledger's name and mode, without opening it: an empty one would open live."""
        with self.engine.connect() as connection:
            return self._opened(connection)

    def known(self, at: Point | None = None) -> Known:
        """The point in time that a position, a moment or a day names; None: the newest.

        Refuses a point that the ledger has not come to: nobody knows what it will hold.
        """
        with self.engine.connect() as connection:
            return self._known(connection, at)

    def view(self, when: When = NOW, *, reached: Sequence[str] = (), by: Caller = OPERATOR) -> View:
        """What an answer speaks of that comes from these projections."""
        with self.engine.connect() as connection:
            return self._view(connection, when, *reached, by=by)

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

    def _known(self, connection: Connection, at: Point | None) -> Known:
        newest = head(connection)
        match at:
            case None:
                return Known(newest.position, newest.recorded_at)
            case datetime():
                return self._known_by(connection, at)
            case date():
                today = self._today(connection)
                if at == today:
                    return Known(newest.position, newest.recorded_at)
                if at > today:
                    raise InTheFuture(_IN_THE_FUTURE.format(f"{today}"))
                return self._known_by(connection, end_of(at))
            case int():
                if at > newest.position:
                    raise PastTheEnd(
                        f"the ledger ends at position {newest.position}: expected that or an "
                        "earlier one"
                    )
                kept = events_at(connection, [at])
                return Known(at, kept[0].recorded_at if kept else None)

    def _view(
        self, connection: Connection, when: When, *projections: str, by: Caller = OPERATOR
    ) -> View:
        """What an answer speaks of that comes from these projections: of the past as far as asked
        for, of the present as far as they have come. The day is by default that of the point.
        """
        known = self._known(connection, when.known_at)
        today = self._today(connection)
        if when.known_at is not None and known.time is not None:
            today = practice_day(known.time)
        day = when.at or today
        policy = chosen_policy(when.policy, None, day, by=by).name
        if when.known_at is not None:
            return View(day, known, policy, known.position)
        reached = [projector.position_of(connection, _NAMED[name]) for name in projections]
        if reached and min(reached) < known.position:
            known = self._known(connection, min(reached))
        return View(day, known, policy, None)

    def _known_by(self, connection: Connection, moment: datetime) -> Known:
        now = self._now(connection)
        # In a re-enactment time stands still at its newest event, and the rest of that day has come.
        stands_still = self._opened(connection).mode is Mode.RE_ENACTMENT
        if moment > (end_of(practice_day(now)) if stands_still else now):
            raise InTheFuture(_IN_THE_FUTURE.format(f"{now:%Y-%m-%dT%H:%M:%SZ}"))
        return Known(position_at(connection, moment), moment)

    def _today(self, connection: Connection) -> date:
        return practice_day(self._now(connection))

    def _now(self, connection: Connection) -> datetime:
        newest = head(connection).recorded_at
        if newest is not None and self._opened(connection).mode is Mode.RE_ENACTMENT:
            return newest
        return self._clock()


_IN_THE_FUTURE = (
    "nobody knows yet what will be known then: it is {} in this ledger, expected that or earlier"
)
