"""How is the ledger doing? Told from PostgreSQL, so that any process answers for all of them."""

from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from ledger import projector
from ledger.projections import PROJECTIONS
from ledger.store import outbox
from ledger.store.engine import is_migrated
from ledger.store.log import events_at, head
from ledger.store.seal import EVENTS
from ledger.store.seal import newest as newest_seal

SEAL = EVENTS.name
_NO_TIME = timedelta()


class ProjectionPulse(NamedTuple):
    """How far a projection has come, and how long the oldest event it has not seen has waited."""

    name: str
    position: int
    behind: int
    waiting: timedelta


class Pulse(NamedTuple):
    """The log's newest position and its age, each projection and the seal behind it, and what is on
    its way to webhooks: how much waits, for how long at most, and how much was given up.
    """

    migrated: bool
    position: int
    age: timedelta
    projections: tuple[ProjectionPulse, ...]
    seal: ProjectionPulse
    unsent: int = 0
    unsent_for: timedelta = _NO_TIME
    given_up: int = 0


def pulse(connection: Connection) -> Pulse:
    """Take it."""
    if not is_migrated(connection):
        unsealed = ProjectionPulse(SEAL, 0, 0, _NO_TIME)
        return Pulse(migrated=False, position=0, age=_NO_TIME, projections=(), seal=unsealed)
    now = connection.execute(select(func.clock_timestamp())).scalar_one()
    newest = head(connection)
    reached = {p.name: projector.position_of(connection, p) for p in PROJECTIONS}
    sealed = newest_seal(connection)
    reached[SEAL] = 0 if sealed is None else sealed.size
    unseen = events_at(connection, {position + 1 for position in reached.values()})
    waiting = {kept.position - 1: now - kept.recorded_at for kept in unseen}
    sending = outbox.waiting(connection)
    *projections, seal = (
        ProjectionPulse(
            name,
            position,
            behind=max(newest.position - position, 0),
            waiting=waiting.get(position, _NO_TIME),
        )
        for name, position in reached.items()
    )
    return Pulse(
        migrated=True,
        unsent=sending.waiting,
        unsent_for=now - sending.oldest if sending.oldest else _NO_TIME,
        given_up=sending.dead,
        position=newest.position,
        age=now - newest.recorded_at if newest.recorded_at else _NO_TIME,
        projections=tuple(projections),
        seal=seal,
    )
