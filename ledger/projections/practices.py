"""The practices the ledger knows: their place in the register, the system they use, how they ended
and who has their patients.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Select,
    String,
    Table,
    any_,
    case,
    delete,
    func,
    or_,
    select,
    union,
)

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.events import PracticeClosed, PracticeListed, PracticeReopened, SystemChanged
from ledger.domain.streams import practice_of
from ledger.store.bulk import among, array_of
from ledger.store.projection import (
    Batch,
    Projection,
    Write,
    metadata,
    nothing,
    topics_of,
    upsert,
)

practices = Table(
    "practices",
    metadata,
    Column("code", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("status", String, nullable=False),
    Column("gp_practice", Boolean, nullable=False),
    Column("postcode", String),
    Column("commissioner", String),
    Column("opened_on", Date),
)
closed = Table(
    "practices_closed",
    metadata,
    Column("code", String, primary_key=True),
    Column("closed_on", Date, nullable=False),
)
successors = Table(
    "practice_successors",
    metadata,
    Column("code", String, primary_key=True),
    Column("successor", String, primary_key=True, index=True),
    Column("since", Date, nullable=False),
    Column("told_by", String),
)
systems = Table(
    "practice_systems",
    metadata,
    Column("code", String, primary_key=True),
    Column("clinical_system", String, nullable=False, index=True),
)


def _apply(batch: Batch, _before: None) -> list[Write]:
    listed = []
    ended: dict[str, PracticeClosed | None] = {}
    used = []
    for kept in batch.events:
        code = practice_of(kept.stream)
        match kept.event:
            case PracticeListed() as event:
                listed.append(
                    {
                        "code": code,
                        "name": event.name,
                        "status": event.status,
                        "gp_practice": event.gp_practice,
                        "postcode": event.postcode,
                        "commissioner": event.commissioner,
                        "opened_on": event.opened_on,
                    }
                )
            case PracticeClosed() as event:
                assert code is not None, "a practice's stream is named after it"
                ended[code] = event
            case PracticeReopened():
                assert code is not None, "a practice's stream is named after it"
                ended[code] = None
            case SystemChanged() as event:
                used.append({"code": code, "clinical_system": event.clinical_system})
            case _:
                pass
    return [*upsert(practices, listed), *_endings(ended), *upsert(systems, used)]


def _endings(ended: dict[str, PracticeClosed | None]) -> list[Write]:
    """The newest event of a practice's end counts, whole."""
    if not ended:
        return []
    codes = list(ended)
    shut = [{"code": code, "closed_on": event.closed_on} for code, event in ended.items() if event]
    took_over = [
        {
            "code": code,
            "successor": succession.practice,
            "since": succession.since or event.closed_on,
            "told_by": succession.told_by,
        }
        for code, event in ended.items()
        if event
        for succession in event.successors
    ]
    return [
        *(Write(delete(t).where(among(t.c.code, codes))) for t in (closed, successors)),
        *upsert(closed, shut),
        *upsert(successors, took_over),
    ]


PRACTICES = Projection(
    "practices",
    (practices, closed, successors, systems),
    nothing,
    _apply,
    topics=topics_of(PracticeListed, PracticeClosed, PracticeReopened, SystemChanged),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which practices are asked for; what is None or False narrows nothing.

    `name` is part of a name or of a code. `gp_practice` leaves out what the register calls
    something else; `heard` what no clinical system is known of.
    """

    codes: Collection[str] | None = None
    name: str | None = None
    clinical_systems: Collection[ClinicalSystem] | None = None
    status: str | None = None
    commissioner: str | None = None
    closed_since: date | None = None
    gp_practice: bool = False
    heard: bool = False


EVERY = Wanted()


class PracticeLine(NamedTuple):
    """One practice; `name` is its code where no register was imported. `status` is the register's
    word, or closed where the practice is known to be. `successors` have a closed practice's
    patients, and `predecessors`' patients it has itself: by ODS code, as of the day asked for.
    """

    code: str
    name: str
    status: str
    clinical_system: ClinicalSystem | None
    gp_practice: bool | None = None
    postcode: str | None = None
    commissioner: str | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    successors: tuple[str, ...] = ()
    predecessors: tuple[str, ...] = ()

    @property
    def has_closed(self) -> bool:
        """Whether it is closed as of the day asked for."""
        return self.status == "closed"


def practice_lines(
    connection: Connection,
    wanted: Wanted = EVERY,
    *,
    today: date,
    limit: int = 500,
    offset: int = 0,
) -> list[PracticeLine]:
    """The practices wanted, by code."""
    query = _narrowed(
        select(
            _KNOWN.c.code,
            func.coalesce(practices.c.name, _KNOWN.c.code).label("name"),
            _status(today).label("status"),
            systems.c.clinical_system,
            practices.c.gp_practice,
            practices.c.postcode,
            practices.c.commissioner,
            practices.c.opened_on,
            closed.c.closed_on,
        ),
        wanted,
        today,
    )
    query = query.order_by(_KNOWN.c.code).limit(limit).offset(offset)
    rows = connection.execute(query).mappings().all()
    with_, of = _successions(connection, [row["code"] for row in rows], today)
    return [
        PracticeLine(
            **{
                **row,
                "clinical_system": _system(row["clinical_system"]),
                "successors": tuple(with_.get(row["code"], ())),
                "predecessors": tuple(of.get(row["code"], ())),
            }
        )
        for row in rows
    ]


def practice_codes(connection: Connection, wanted: Wanted = EVERY, *, today: date) -> list[str]:
    """The codes of all practices wanted, in order: to count them, or to order them otherwise."""
    query = _narrowed(select(_KNOWN.c.code), wanted, today).order_by(_KNOWN.c.code)
    return list(connection.execute(query).scalars())


def predecessors_of(connection: Connection, codes: Collection[str], *, today: date) -> set[str]:
    """The practices that closed and whose patients these have, in however many steps."""
    took_over = _in_effect(select(successors.c.code, successors.c.successor), today).subquery()
    first = select(took_over.c.code).where(among(took_over.c.successor, codes)).cte(recursive=True)
    # A union and no union all: a register that leads in a circle comes to an end.
    steps = first.union(
        select(took_over.c.code).where(took_over.c.successor == first.c.code).select_from(took_over)
    )
    return set(connection.execute(select(steps.c.code)).scalars())


def succeeded_by_the_word_of(connection: Connection, tellers: Collection[str]) -> list[str]:
    """The practices of which one of these told that it, or another, has their patients."""
    query = select(successors.c.code).where(among(successors.c.told_by, tellers)).distinct()
    return sorted(connection.execute(query).scalars())


def users_of(connection: Connection, system: ClinicalSystem) -> list[str]:
    """The practices that use this system, by code."""
    return list(
        connection.execute(
            select(systems.c.code)
            .where(systems.c.clinical_system == system)
            .order_by(systems.c.code)
        ).scalars()
    )


def suppliers_of(connection: Connection, codes: Collection[str]) -> dict[str, str]:
    """Whose system each of these practices uses, as far as known."""
    rows = connection.execute(select(systems).where(among(systems.c.code, codes)))
    return {row.code: ClinicalSystem(row.clinical_system).supplier.value for row in rows}


# Whatever is known of: listed, closed by a successor's word, or heard from and never listed.
_KNOWN = union(select(practices.c.code), select(closed.c.code), select(systems.c.code)).subquery(
    "known"
)


def _system(kept: str | None) -> ClinicalSystem | None:
    return None if kept is None else ClinicalSystem(kept)


def _status(today: date) -> ColumnElement[str]:
    has_closed = (closed.c.closed_on <= today) & practices.c.status.is_distinct_from("dormant")
    return case((has_closed, "closed"), else_=func.coalesce(practices.c.status, "unknown"))


def _narrowed(query: Select[Any], wanted: Wanted, today: date) -> Select[Any]:
    query = query.select_from(
        _KNOWN.outerjoin(practices, practices.c.code == _KNOWN.c.code)
        .outerjoin(closed, closed.c.code == _KNOWN.c.code)
        .outerjoin(systems, systems.c.code == _KNOWN.c.code)
    )
    if wanted.codes is not None:
        query = query.where(among(_KNOWN.c.code, wanted.codes))
    if wanted.name is not None:
        query = query.where(
            or_(
                _KNOWN.c.code.icontains(wanted.name, autoescape=True),
                practices.c.name.icontains(wanted.name, autoescape=True),
            )
        )
    if wanted.clinical_systems is not None:
        query = query.where(among(systems.c.clinical_system, list(wanted.clinical_systems)))
    if wanted.status is not None:
        query = query.where(_status(today) == wanted.status)
    if wanted.commissioner is not None:
        query = query.where(practices.c.commissioner == wanted.commissioner)
    if wanted.closed_since is not None:
        query = query.where(closed.c.closed_on >= wanted.closed_since, closed.c.closed_on <= today)
    if wanted.gp_practice:
        query = query.where(practices.c.gp_practice.is_not(False))
    if wanted.heard:
        query = query.where(systems.c.code.is_not(None))
    return query


def _in_effect(query: Select[Any], today: date) -> Select[Any]:
    """Only successions whose day has come, of practices that have closed."""
    return query.join(closed, closed.c.code == successors.c.code).where(
        closed.c.closed_on <= today, successors.c.since <= today
    )


def _successions(
    connection: Connection, codes: Sequence[str], today: date
) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Who has the patients of each of these, and whose patients each has."""
    chosen = array_of(successors.c.code, list(codes))
    query = _in_effect(select(successors.c.code, successors.c.successor), today).where(
        or_(successors.c.code == any_(chosen), successors.c.successor == any_(chosen))
    )
    with_: dict[str, list[str]] = {}
    of: dict[str, list[str]] = {}
    for code, successor in connection.execute(
        query.order_by(successors.c.code, successors.c.successor)
    ):
        with_.setdefault(code, []).append(successor)
        of.setdefault(successor, []).append(code)
    return with_, of
