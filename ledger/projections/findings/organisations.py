"""What does the register say of the organisations on practices' lists (SH06)?

Kept are who was ever on a list of whom, so that a practice is looked at again when the register
says something else of one of them; and which of the register's deliveries listed everybody they are
about. What the register told of each organisation is kept in `identity`.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, String, Table, func, select, true, update

from ledger.domain.closing import CLOSED
from ledger.domain.events import (
    DeliveryReceived,
    Kept,
    OrganisationListed,
    PracticeClosed,
    PracticeListed,
    PracticeReopened,
)
from ledger.domain.objections import practice_day
from ledger.domain.practice_facts import InRegister
from ledger.domain.practices import Practice
from ledger.domain.share_ins import organisations
from ledger.domain.streams import practice_of
from ledger.projections.findings import identity, tables
from ledger.store.bulk import among
from ledger.store.projection import Batch, Write, metadata, upsert

on_lists = Table(
    "finding_on_lists",
    metadata,
    Column("organisation", String, primary_key=True),
    Column("practice", String, primary_key=True),
)
# Deliveries of the register that list everybody they are about.
registers = Table(
    "finding_registers",
    metadata,
    Column("delivery", String, primary_key=True),
)
TABLES = (on_lists, registers)


def noted(batch: Batch) -> Iterator[Write]:
    """Keep what these events tell, and mark the practices whose lists it may be about."""
    listed = [
        {"organisation": kept.event.organisation, "practice": practice_of(kept.stream)}
        for kept in batch.events
        if isinstance(kept.event, OrganisationListed)
    ]
    yield from upsert(on_lists, listed)
    complete = [kept.event.delivery for kept in batch.events if _is_complete(kept)]
    yield from upsert(registers, [{"delivery": delivery} for delivery in complete])
    told = {
        practice_of(kept.stream)
        for kept in batch.events
        if isinstance(kept.event, PracticeListed | PracticeClosed | PracticeReopened)
    }
    if told or complete:
        naming = select(on_lists.c.practice)
        if not complete:
            # Who is unknown becomes known by a complete register alone.
            naming = naming.where(among(on_lists.c.organisation, sorted(filter(None, told))))
        p = tables.practices
        yield Write(update(p).where(p.c.practice.in_(naming)).values(due=true()))


def load(
    connection: Connection, practices: Mapping[str, Practice]
) -> dict[str, dict[str, InRegister]]:
    """What the register says of the organisations that were ever on lists of these practices."""
    asked = {code: set(organisations(practice)) for code, practice in practices.items()}
    told = _in_register(connection, set().union(*asked.values()))
    return {
        code: {who: told[who] for who in sorted(listed & told.keys())}
        for code, listed in asked.items()
    }


def _is_complete(kept: Kept) -> bool:
    return isinstance(kept.event, DeliveryReceived) and bool(kept.event.complete)


def _in_register(connection: Connection, wanted: Collection[str]) -> dict[str, InRegister]:
    if not wanted:
        return {}
    told: dict[str, InRegister] = {}
    listed, closings = identity.listed, identity.closings
    for row in connection.execute(select(listed).where(among(listed.c.practice, wanted))):
        # A list may say closed without a day: the day it said so, then.
        day = practice_day(row.recorded_at) if row.status == CLOSED else None
        told[row.practice] = _known(row, day)
    for row in connection.execute(select(closings).where(among(closings.c.practice, wanted))):
        told[row.practice] = _known(row, row.closed_on)
    missing = set(wanted) - told.keys()
    shapes = _shapes(connection) if missing else frozenset()
    unknown = {code: InRegister(known=False) for code in missing if _shape(code) in shapes}
    return told | unknown


def _known(row: Any, closed_on: date | None) -> InRegister:
    return InRegister(
        known=True, closed_on=closed_on, position=row.position, recorded_at=row.recorded_at
    )


def _shapes(connection: Connection) -> frozenset[str]:
    """How the codes look that a register lists which lists everybody it is about (docs/adr/0029)."""
    listed = identity.listed.c
    letters = func.regexp_replace(listed.practice, "[A-Z]", "A", "g")
    looks = func.regexp_replace(letters, "[0-9]", "9", "g")
    complete = select(registers.c.delivery)
    return frozenset(
        connection.execute(select(looks).where(listed.delivery.in_(complete)).distinct()).scalars()
    )


def _shape(code: str) -> str:
    return "".join("9" if character.isdigit() else "A" for character in code)
