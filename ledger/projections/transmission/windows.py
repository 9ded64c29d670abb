"""Who stood untransmitted in a window of time, by supplier: what the accounts of 2018 dispute."""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, and_, func, or_, select

from ledger.domain.rule import CollectionTaken
from ledger.projections.transmission.keeping import collections, dissents
from ledger.store.cohorts import released_on


class Untransmitted(NamedTuple):
    """The patients of one supplier whose dissent a collection of a window should have carried and
    did not: how many, and how many of them were released while it was so.
    """

    supplier: str
    patients: int
    entered_from: date
    entered_to: date
    missed_from: date
    missed_to: date
    released: int


class Window(NamedTuple):
    """From which day until which, both included; of one supplier, or of all."""

    begin: date
    end: date
    supplier: str | None = None


def untransmitted(
    connection: Connection, window: Window, *, releases: Iterable[tuple[UUID, date]] = ()
) -> list[Untransmitted]:
    """Who stood untransmitted in a window, by supplier; `releases` are those of the window, each
    with its day.
    """
    missed = _missed(window).subquery()
    left = released_on(releases)
    while_missed = (
        select(left.c.patient)
        .where(
            left.c.patient == missed.c.patient,
            left.c.day > missed.c.missed_from,
            or_(missed.c.ended_on.is_(None), left.c.day < missed.c.ended_on),
            or_(missed.c.first_carried.is_(None), left.c.day <= missed.c.first_carried),
        )
        .exists()
    )
    patients = func.count(missed.c.patient.distinct())
    rows = connection.execute(
        select(
            missed.c.supplier,
            patients,
            func.min(missed.c.entered_on),
            func.max(missed.c.entered_on),
            func.min(missed.c.missed_from),
            func.max(missed.c.missed_to),
            patients.filter(while_missed),
        )
        .group_by(missed.c.supplier)
        .order_by(missed.c.supplier)
    )
    return [Untransmitted(*row) for row in rows]


def untransmitted_entered(
    connection: Connection, window: Window, *, begin: date, end: date | None
) -> int:
    """How many of the patients who stood untransmitted in a window entered their dissent between
    two days; no end: from the first on.
    """
    missed = _missed(window).subquery()
    query = select(func.count(missed.c.patient.distinct())).where(missed.c.entered_on >= begin)
    if end is not None:
        query = query.where(missed.c.entered_on <= end)
    count: int = connection.execute(query).scalar_one()
    return count


def _missed(window: Window) -> Select[Any]:
    """Each dissent with the first and the last collection of a window that should have carried it."""
    d, c = dissents.c, collections.c
    query = (
        select(
            *dissents.columns,
            func.min(c.period_end).label("missed_from"),
            func.max(c.period_end).label("missed_to"),
        )
        .join(
            collections,
            and_(
                c.period_end.between(window.begin, window.end),
                c.period_end >= d.entered_on,
                or_(d.first_carried.is_(None), c.period_end < d.first_carried),
                or_(d.ended_on.is_(None), c.period_end < d.ended_on),
                d.practice == func.any(c.practices),
            ),
        )
        .group_by(d.position)
    )
    return query if window.supplier is None else query.where(d.supplier == window.supplier)


def collections_known(connection: Connection) -> list[CollectionTaken]:
    """Every collection with who took part, by period end."""
    rows = connection.execute(
        select(collections).order_by(collections.c.period_end, collections.c.collection)
    )
    return [
        CollectionTaken(row.collection, row.period_end, frozenset(row.practices), row.position)
        for row in rows
    ]
