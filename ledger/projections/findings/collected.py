"""What collections have had of each practice: who took part, how many members, whether the same ones.

Nothing is kept of a single member but a digest over all of a practice in one collection: equal
digests are equal members. What was entered in between is asked of the dissents, set by set.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Integer,
    Row,
    String,
    Table,
    Text,
    and_,
    case,
    column,
    func,
    or_,
    select,
    values,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from ledger.domain.recording_errors import PRACTICE_RULES
from ledger.domain.rule import Collected, FromPractice
from ledger.projections.findings import tables
from ledger.store.bulk import among
from ledger.store.carriages import SENT
from ledger.store.projection import Write, metadata

members = Table(
    "finding_members",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("practice", String, primary_key=True),
    Column("members", Integer, nullable=False),
    Column("digest", BigInteger, nullable=False),
)

# What can be said of a practice of which nothing but collections is known.
RULES = tuple(rule for rule in PRACTICE_RULES if rule.code.startswith("TX"))


def noted() -> Write:
    """Keep what the transmissions that were read (`carriages.read_sent`) add to each practice's part of a
    collection: how many rows, and which.
    """
    s = SENT.c
    digest = func.hashtextextended(s.stream + " " + s.code, 0)
    added = select(s.collection, s.practice, func.count(), func.bit_xor(digest)).group_by(
        s.collection, s.practice
    )
    columns = ("collection", "practice", "members", "digest")
    statement = insert(members).from_select(columns, added)
    more = {
        "members": members.c.members + statement.excluded.members,
        # The same whatever the order, and wherever batches end.
        "digest": members.c.digest.op("#")(statement.excluded.digest),
    }
    return Write(
        statement.on_conflict_do_update(index_elements=["collection", "practice"], set_=more)
    )


def practices(connection: Connection) -> set[str]:
    """Every practice that ever took part in a collection."""
    took_part = func.unnest(tables.collections.c.practices)
    return set(connection.execute(select(took_part).distinct()).scalars())


def load(connection: Connection, codes: Collection[str]) -> Mapping[str, Collected]:
    """What collections had of these practices, and what was entered since that they ought to show.

    Collections that end on one day are one: a supplier may send its own part of it.
    """
    c = tables.collections.c
    ends = connection.execute(
        select(c.period_end, func.min(c.position).label("position"))
        .group_by(c.period_end)
        .order_by(c.period_end)
    ).all()
    if not ends or not codes:
        return {}
    parts = select(
        c.collection, c.period_end, func.unnest(c.practices, type_=String).label("practice")
    ).subquery()
    p, m = parts.c, members.c
    took_part = (
        select(
            p.practice,
            p.period_end,
            func.coalesce(func.sum(m.members), 0).label("members"),
            func.coalesce(func.bit_xor(m.digest), 0).label("digest"),
        )
        .outerjoin_from(
            parts, members, and_(m.collection == p.collection, m.practice == p.practice)
        )
        .where(among(p.practice, codes))
        .group_by(p.practice, p.period_end)
    )
    rows = {(r.practice, r.period_end): r for r in connection.execute(took_part)}
    collected = {
        practice: Collected(
            tuple(_from_practice(*end, rows.get((practice, end.period_end))) for end in ends)
        )
        for practice in {practice for practice, _ in rows}
    }
    since = {practice: of for practice, known in collected.items() if (of := known.compared)}
    return collected | {
        practice: collected[practice]._replace(standing=standing, changes=n, changed_on=on)
        for practice, standing, n, on in _entered(connection, since)
    }


def _from_practice(
    period_end: date, position: int, told: Row[str, date, int, int] | None
) -> FromPractice:
    if told is None:
        return FromPractice(period_end, position, took_part=False)
    return FromPractice(
        period_end, position, took_part=True, members=told.members, digest=told.digest
    )


def _entered(
    connection: Connection, compared: Mapping[str, tuple[date, date]]
) -> Iterable[tuple[str, int, int, date | None]]:
    """By practice: how many patients' dissents stand at the end of its last collection and did at
    that of an earlier one; how many were to join or to leave in between, and from which day.
    """
    if not compared:
        return ()
    asked = values(
        column("practice", String), column("since", Date), column("until", Date), name="asked"
    ).data([(practice, *days) for practice, days in sorted(compared.items())])
    a, d = asked.c, tables.dissents.c
    other = aliased(tables.dissents)
    stands = or_(d.ended_on.is_(None), d.ended_on > a.until)
    still_objects = (
        select(other.c.position)
        .where(
            other.c.patient == d.patient,
            other.c.entered_on <= a.until,
            or_(other.c.ended_on.is_(None), other.c.ended_on > a.until),
        )
        .exists()
    )
    joins = and_(
        d.entered_on > a.since,
        d.entered_on <= a.until,
        stands,
        or_(d.first_carried.is_(None), d.first_carried > a.until),
    )
    leaves = and_(
        # Most never ended: neither true nor false, that would not spare looking for others.
        d.ended_on.is_not(None),
        d.ended_on > a.since,
        d.ended_on <= a.until,
        d.first_carried <= a.since,
        ~still_objects,
    )
    patients = func.count(d.patient.distinct())
    query = (
        select(
            a.practice,
            patients.filter(d.entered_on <= a.since, stands),
            patients.filter(or_(joins, leaves)),
            func.min(case((joins, d.entered_on), (leaves, d.ended_on))),
        )
        .join(tables.dissents, d.practice == a.practice)
        .group_by(a.practice)
    )
    return [tuple(row) for row in connection.execute(query)]
