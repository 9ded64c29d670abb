"""What was recorded beside what was transmitted, and how long it took: by collection, supplier and
code system, or by practice.

All from facts, nothing from what suppliers say of themselves: the framework's own figures were
published unvalidated (A4). Set-based: a dissent is placed once among the collections, by the first
that could carry it, the first that did and the first after its end; whatever is placed alike is
counted together before anything is joined.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Date,
    Integer,
    Select,
    and_,
    cast,
    desc,
    func,
    literal,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, array, distinct_on

from ledger.domain.transmission import TookPart
from ledger.projections.transmission.keeping import carried, collections, dissents, members

# Among the collections, after the last of them.
_NEVER = 2_000_000_000


class Figures(NamedTuple):
    """What became of new dissents (docs/formats.md 9): `transmitted` of `entered` arrived.

    `backlog` are the dissents standing at the period end that no collection had carried, the
    oldest of them entered `oldest_waiting_days` before. Of those that this collection was the
    first to carry, half had been entered at most `median_days` before it ended, and 95 of 100 at
    most `p95_days`; None where there are none.
    """

    entered: int = 0
    transmitted: int = 0
    backlog: int = 0
    oldest_waiting_days: int | None = None
    median_days: int | None = None
    p95_days: int | None = None

    @property
    def ratio(self) -> float | None:
        """The part of the new dissents that arrived, from 0 to 1."""
        return round(self.transmitted / self.entered, 4) if self.entered else None


class Transmitted(NamedTuple):
    """One line of the board; `first_seen` are the patients this collection carried for the first
    time, `carried` everybody in it.
    """

    collection: str
    period_end: date
    supplier: str
    code_system: str
    figures: Figures
    first_seen: int
    carried: int


class OfPractice(NamedTuple):
    """One practice's part of a collection; `supplier` is whose system its dissents came from last,
    as far as it has any.
    """

    collection: str
    period_end: date
    practice: str
    supplier: str | None
    figures: Figures


def collections_taken(connection: Connection) -> list[TookPart]:
    """Who took part in each collection, in the order of their periods."""
    c = collections.c
    rows = connection.execute(
        select(c.collection, c.period_end, c.practices).order_by(c.period_end, c.collection)
    )
    return [TookPart(name, end, frozenset(practices)) for name, end, practices in rows]


def board(connection: Connection) -> list[Transmitted]:
    """The whole board, by period end, collection, supplier and code system."""
    counted = _counted(connection)
    waited = _delays(connection, dissents.c.supplier, dissents.c.code_system)
    seen = _by_key(
        connection,
        select(members.c.first_seen, members.c.supplier, members.c.code_system, func.count())
        .group_by(members.c.first_seen, members.c.supplier, members.c.code_system)
    )  # fmt: skip
    sent = _by_key(
        connection,
        select(carried.c.collection, carried.c.supplier, carried.c.code_system, carried.c.patients),
    )
    lines = []
    for taken in collections_taken(connection):
        name, end = taken.collection, taken.period_end
        keys = {key[1:] for key in counted if key[0] == name}
        keys |= {key[1:] for key in sent if key[0] == name}
        keys |= {key[1:] for key in seen if key[0] == end}
        for supplier, code_system in sorted(keys):
            of = (supplier, code_system)
            figures = counted.get((name, *of), Figures())._replace(**waited.get((end, *of), {}))
            first_seen, everybody = seen.get((end, *of), 0), sent.get((name, *of), 0)
            lines.append(Transmitted(name, end, *of, figures, first_seen, everybody))
    return lines


class Stood(NamedTuple):
    """How many patients of a supplier's had a dissent standing on a day, and how many of them one
    that a collection had carried by then.
    """

    supplier: str
    objecting: int
    transmitted: int


def stood_on(connection: Connection, day: date) -> list[Stood]:
    """Who stood, and who had been carried, by supplier."""
    d = dissents.c
    patients = func.count(d.patient.distinct())
    query = (
        select(d.supplier, patients, patients.filter(d.first_carried <= day))
        .where(d.entered_on <= day, or_(d.ended_on.is_(None), d.ended_on > day))
        .group_by(d.supplier)
        .order_by(d.supplier)
    )
    return [Stood(*row) for row in connection.execute(query)]


def of_practices(connection: Connection, *, collection: str | None = None) -> list[OfPractice]:
    """Every practice that ever took part or has a dissent, for one collection or for every one, by
    its period.
    """
    taken, placed = _taken(), _placed()
    known = union(select(placed.c.practice), select(_took_part(taken).c.practice)).cte("known")
    query = (
        select(taken.c.collection, taken.c.period_end, known.c.practice, *_figures(taken, placed))
        .select_from(taken.join(known, literal(value=True)))
        .outerjoin(placed, and_(placed.c.practice == known.c.practice, _bears_on(taken, placed)))
        .group_by(taken.c.collection, taken.c.period_end, known.c.practice)
        .order_by(taken.c.period_end, taken.c.collection, known.c.practice)
    )
    if collection is not None:
        query = query.where(taken.c.collection == collection)
    waited = _delays(connection, dissents.c.practice)
    suppliers = _suppliers(connection)
    return [
        OfPractice(
            name,
            end,
            practice,
            suppliers.get(practice),
            Figures(*figures)._replace(**waited.get((end, practice), {})),
        )
        for name, end, practice, *figures in connection.execute(query)
    ]


def carried_spans() -> Select[Any]:
    """Of each patient, the days on which a dissent of theirs stood that a collection had carried,
    as one multirange: `patient`, `held`.
    """
    d = dissents.c
    return (
        select(d.patient, func.range_agg(func.daterange(d.first_carried, d.ended_on)).label("held"))
        .where(
            or_(d.ended_on.is_(None), d.ended_on > d.first_carried), d.first_carried.is_not(None)
        )
        .group_by(d.patient)
    )


def _counted(connection: Connection) -> dict[tuple[Any, ...], Figures]:
    """By collection, supplier and code system, at the practices that took part."""
    taken, placed = _taken(), _placed()
    took_part = _took_part(taken)
    key = (taken.c.collection, placed.c.supplier, placed.c.code_system)
    query = (
        select(*key, *_figures(taken, placed))
        .select_from(taken)
        .join(took_part, took_part.c.collection == taken.c.collection)
        .join(placed, and_(placed.c.practice == took_part.c.practice, _bears_on(taken, placed)))
        .group_by(*key)
    )
    return {
        (name, supplier, code_system): Figures(*figures)
        for name, supplier, code_system, *figures in connection.execute(query)
    }


def _taken() -> CTE:
    """The collections, each with its place among the period ends, from 1 on. Of two with one
    period end only the `first` can bring anything new.
    """
    c = collections.c
    return select(
        c.collection,
        c.period_end,
        c.practices,
        func.dense_rank().over(order_by=c.period_end).label("place"),
        (func.row_number().over(partition_by=c.period_end, order_by=c.collection) == 1).label(
            "first"
        ),
    ).cte("taken")


def _took_part(taken: CTE) -> CTE:
    """Once for each practice of each collection, however many of its files named it."""
    return (
        select(taken.c.collection, func.unnest(taken.c.practices).label("practice"))
        .distinct()
        .cte("took_part")
    )


def _placed() -> CTE:
    """How many dissents of a practice, supplier and code system have the same place: `due` is that
    of the first collection that could carry them, `arrived` of the first that did, `over` of the
    first after their end; and when the oldest of them was entered.
    """
    ends = select(collections.c.period_end).distinct().subquery()
    thresholds = select(
        func.array_agg(aggregate_order_by(ends.c.period_end, ends.c.period_end))
    ).scalar_subquery()

    def up_to(day: Column[Any]) -> ColumnElement[int]:
        # How many collections ended before that day, and one more.
        return func.width_bucket(cast(day, Date) - 1, thresholds) + 1

    d = dissents.c
    place = (
        up_to(d.entered_on).label("due"),
        func.coalesce(up_to(d.first_carried), _NEVER).label("arrived"),
        func.coalesce(up_to(d.ended_on), _NEVER).label("over"),
    )
    key = (d.practice, d.supplier, d.code_system, *place)
    # Materialised: it is joined by ranges, and must not be worked out again for each.
    return (
        select(*key, func.count().label("dissents"), func.min(d.entered_on).label("oldest"))
        .group_by(d.practice, d.supplier, d.code_system, "due", "arrived", "over")
        .cte("placed")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )


def _bears_on(taken: CTE, placed: CTE) -> ColumnElement[bool]:
    """Whether these dissents stood at the period end, and were new or still waiting."""
    place = taken.c.place
    return and_(
        place >= placed.c.due,
        place < placed.c.over,
        or_(place == placed.c.due, place < placed.c.arrived),
    )


def _figures(taken: CTE, placed: CTE) -> tuple[ColumnElement[Any], ...]:
    """`Figures` without what is said of delay."""
    new = and_(taken.c.first, taken.c.place == placed.c.due)
    waiting = taken.c.place < placed.c.arrived

    def total(which: ColumnElement[bool]) -> ColumnElement[int]:
        return cast(func.coalesce(func.sum(placed.c.dissents).filter(which), 0), Integer)

    return (
        total(new),
        total(and_(new, placed.c.arrived == placed.c.due)),
        total(waiting),
        func.max(taken.c.period_end - placed.c.oldest).filter(waiting),
    )


def _delays(connection: Connection, *key: Column[Any]) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    """By period end and key: of what was first carried then, how many days since it was entered."""
    d = dissents.c
    days = func.percentile_disc(array([0.5, 0.95])).within_group(d.first_carried - d.entered_on)
    query = (
        select(d.first_carried, *key, days)
        .where(d.first_carried.is_not(None))
        .group_by(d.first_carried, *key)
    )
    return {
        tuple(key): {"median_days": median, "p95_days": p95}
        for *key, (median, p95) in connection.execute(query)
    }


def _suppliers(connection: Connection) -> dict[str, str]:
    """Whose system each practice's newest dissent came from."""
    d = dissents.c
    rows = connection.execute(
        select(d.practice, d.supplier)
        .ext(distinct_on(d.practice))
        .order_by(d.practice, desc(d.position))
    )
    return {row.practice: row.supplier for row in rows}


def _by_key(connection: Connection, query: Select[Any]) -> dict[tuple[Any, ...], int]:
    return {tuple(key): number for *key, number in connection.execute(query)}
