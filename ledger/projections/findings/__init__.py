"""What is wrong in the records, since when, and what has to be done about it by whom.

tables      what is kept
cutting     where a batch ends, and at which moments it is judged
judging     what is kept of a batch of events, before anybody is judged
thresholds  by which numbers is judged
comparing   everybody judged by other numbers
patients    the rules about patients, asked once a batch's rows stand
practices   the rules about practices, asked once a batch's rows stand
releases    which releases held whose data, what they relied on, and the rules about them
collected   what collections have had of each practice
suppliers   the rules about suppliers, asked of counts over everybody
identity    whose entries those are, and which practices answer for them
practice_facts  what else the rules about practices need to know: how much a bulk held, what was looked at
organisations   what the register says of those on practices' lists
edits       what was entered or removed in bulk
left_behind whose objections a move to another system may have left behind
book        the same sighting is the same finding: opened, changed, closed, opened again
questions   what can be asked
"""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from ledger.domain.events import ThresholdsAdopted
from ledger.domain.thresholds import Thresholds
from ledger.projections.findings import (
    collected,
    comparing,
    identity,
    patients,
    practice_facts,
    practices,
    releases,
    suppliers,
)
from ledger.projections.findings.book import Moment
from ledger.projections.findings.comparing import Change, changes, standing
from ledger.projections.findings.cutting import cut
from ledger.projections.findings.judging import TOPICS, apply, load
from ledger.projections.findings.questions import (
    AskedAction,
    FoundFinding,
    Moved,
    TakenAction,
    asked_actions,
    breaches,
    counted,
    counted_by_practice,
    found,
    heard_since,
    keys_of,
    moved,
    taken,
    true_since,
)
from ledger.projections.findings.releases import dissenters_in
from ledger.projections.findings.tables import TABLES
from ledger.projections.findings.thresholds import in_force
from ledger.store.projection import Batch, Projection, Write


def turn_day(connection: Connection, position: int, now: datetime) -> Iterator[Write]:
    """Say what became true, or no longer is, because a day came."""
    yield from patients.turn_day(connection, position, now)
    yield from practices.turn_day(connection, position, now)


def judge_everybody(
    connection: Connection, position: int, now: datetime, thresholds: Thresholds
) -> Iterator[Write]:
    """Ask every rule about everybody by these thresholds, as known at a position."""
    yield from comparing.judge_everybody(connection, thresholds, Moment(position, now))


def _settle(connection: Connection, batch: Batch) -> Iterator[Write]:
    last = batch.events[-1] if batch.events else None
    if last is not None and isinstance(last.event, ThresholdsAdopted):
        adopted = in_force(connection)
        yield from judge_everybody(connection, last.position, last.recorded_at, adopted)
        return
    yield from patients.settle(connection, batch)
    yield from practices.settle(connection, batch)
    yield from suppliers.settle(connection, batch)
    yield from releases.settle(connection, batch)


FINDINGS = Projection(
    "findings",
    (*TABLES, *releases.TABLES, collected.members, *identity.TABLES, *practice_facts.TABLES),
    load,
    apply,
    settle=_settle,
    cut=cut,
    topics=TOPICS,
)

__all__ = [
    "FINDINGS",
    "AskedAction",
    "Change",
    "FoundFinding",
    "Moved",
    "TakenAction",
    "asked_actions",
    "breaches",
    "changes",
    "counted",
    "counted_by_practice",
    "dissenters_in",
    "found",
    "heard_since",
    "judge_everybody",
    "keys_of",
    "moved",
    "standing",
    "taken",
    "true_since",
    "turn_day",
]
