"""How many patients object, now and month by month?

Counted exactly: what is published of it goes through `ledger.domain.disclosure`.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Date, Select, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import DATEMULTIRANGE, DATERANGE

from ledger.domain.purposes import Purpose
from ledger.projections.standing_objections.keeping import spans, standing_objections, withheld


def objecting(connection: Connection, practice: str) -> dict[Purpose, int]:
    """How many patients whose latest entry stands at this practice object, by purpose."""
    rows = connection.execute(
        select(standing_objections.c.purpose, func.count())
        .where(
            standing_objections.c.practice == practice,
            standing_objections.c.objecting,
            ~standing_objections.c.superseded,
        )
        .group_by(standing_objections.c.purpose)
        .order_by(standing_objections.c.purpose)
    )
    return {Purpose(purpose): count for purpose, count in rows}


class Measure(StrEnum):
    """What is counted of patients month by month."""

    OBJECTING = "objecting"
    CANNOT_TELL = "cannot-tell"
    TRANSMITTED = "transmitted"


class Change(NamedTuple):
    """By how many patients a number at a practice is greater than the month before; `month` is its
    first day, or None for what holds of every month.
    """

    measure: Measure
    practice: str
    purpose: str
    month: date | None
    by: int


def changes(
    connection: Connection, purposes: Sequence[Purpose], *, carried: Select[Any]
) -> list[Change]:
    """What makes the numbers of every month, counted at the end of its last day.

    `carried` tells of each `patient` the days on which an objection of theirs stood that had been
    transmitted, as the multirange `held`; only those on which they objected are counted.
    """
    s, w = spans.c, withheld.c
    told = select(s.purpose, s.since, s.until).where(s.purpose.in_(purposes))
    objecting = told.add_columns(literal(Measure.OBJECTING), literal(1), s.practice)
    # Nobody can tell of those whose record is withheld, on whatever day they do not object.
    told_all_the_same = told.join(withheld, w.patient == s.patient).add_columns(
        literal(Measure.CANNOT_TELL), literal(-1), w.practice
    )
    of = carried.subquery()
    both = func.unnest(
        func.datemultirange(func.daterange(s.since, s.until), type_=DATEMULTIRANGE)
        * cast(of.c.held, DATEMULTIRANGE),
        type_=DATERANGE,
    ).label("days")
    days = (
        select(s.purpose, s.practice, both)
        .join(of, of.c.patient == s.patient)
        .where(s.purpose == Purpose.TYPE_2, s.purpose.in_(purposes))
        .subquery()
    )
    transmitted = select(
        days.c.purpose,
        func.lower(days.c.days, type_=Date),
        func.upper(days.c.days, type_=Date),
        literal(Measure.TRANSMITTED),
        literal(1),
        days.c.practice,
    )
    pieces = union_all(objecting, told_all_the_same, transmitted).cte("pieces")
    purpose, since, until, measure, number, practice = pieces.c
    begun = select(measure, practice, purpose, since.label("day"), number.label("by"))
    ended = select(measure, practice, purpose, until, -number).where(until.is_not(None))
    moved = union_all(begun, ended).subquery()
    month = cast(func.date_trunc("month", moved.c.day), Date)
    rows = connection.execute(
        select(*list(moved.c)[:3], month, func.sum(moved.c.by))
        .group_by(*list(moved.c)[:3], month)
        .order_by(month, *list(moved.c)[:3])
    )
    found = [Change(Measure(what), *rest) for what, *rest in rows]
    refused = connection.execute(
        select(w.practice, func.count()).where(~w.superseded).group_by(w.practice)
    )
    return [
        *(
            Change(Measure.CANNOT_TELL, practice, purpose, None, number)
            for practice, number in refused
            for purpose in purposes
        ),
        *found,
    ]
