"""Following the log: bringing read models up to date, and telling how far they have come."""

import time
from collections.abc import Iterable
from typing import Any

from ledger import projector
from ledger.application.coming_of_age import come_of_age
from ledger.application.pulse import Pulse, pulse
from ledger.application.standpoint import Standpoint
from ledger.domain.events import Mode
from ledger.domain.objections import practice_day
from ledger.domain.refusals import UnknownThing
from ledger.projections import PROJECTIONS
from ledger.projections import findings as found_findings
from ledger.store.log import head
from ledger.store.projection import Projection


class Following(Standpoint):
    """One runner, three callers: after a command, in `ledger work`, and in a rebuild."""

    def pulse(self) -> Pulse:
        """How the ledger is doing: whether its tables are as they should be, and who is behind."""
        with self.engine.connect() as connection:
            return pulse(connection)

    def catch_up(self, projections: Iterable[Projection[Any]] = PROJECTIONS) -> int:
        """Bring the projections up to the head of the log; how many events were applied."""
        return projector.catch_up(self.engine, projections)

    def turn_day(self) -> None:
        """Ask again what may have become true because a day came; in a re-enactment none does."""
        if self.opened().mode is Mode.LIVE:
            now = self._clock()
            with self.engine.begin() as connection:
                come_of_age(connection, practice_day(now), recorded_at=None)
            projector.ask_again(
                self.engine,
                found_findings.FINDINGS,
                lambda connection, position: found_findings.turn_day(connection, position, now),
            )

    def rebuild(self, name: str | None = None) -> dict[str, int]:
        """Build one projection, or all, anew from the log; how many events each took."""
        chosen = [p for p in PROJECTIONS if name in (None, p.name)]
        if not chosen:
            names = ", ".join(p.name for p in PROJECTIONS)
            raise UnknownThing(f"there is no projection {name!r}: the projections are {names}")
        for projection in chosen:
            projector.prepare(self.engine, projection)
        return {p.name: projector.rebuild(self.engine, p) for p in chosen}

    def positions(self) -> dict[str, int]:
        """How far each projection has come, and under "log" the head."""
        with self.engine.connect() as connection:
            return {
                "log": head(connection).position,
                **{p.name: projector.position_of(connection, p) for p in PROJECTIONS},
            }

    def wait_for(self, position: int, *, seconds: float) -> bool:
        """Wait until every projection has come to a position; whether it did in time."""
        until = time.monotonic() + seconds
        while True:
            reached = self.positions()
            if reached["log"] >= position and min(reached.values()) >= position:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.02)
