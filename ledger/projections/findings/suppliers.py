"""The supplier rules: asked of counts over everybody, once a batch's rows stand.

A delivery is the last event of its batch, so these counts are those of the moment it was taken.
They are kept by collection, and counted again only of those of which something new is known.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, Subquery, and_, delete, func, insert, or_, select

from ledger.domain.events import (
    CodeMapDisagreed,
    CollectionReceived,
    DeliveryReceived,
)
from ledger.domain.objections import practice_day
from ledger.domain.recording_errors import SUPPLIER_RULES
from ledger.domain.rule import Cohort, Debut, DisagreeingMap, Rule, Sighting, SupplierHistory
from ledger.domain.thresholds import Thresholds
from ledger.projections.findings import tables
from ledger.projections.findings.book import Book, Moment, Subject
from ledger.projections.findings.thresholds import in_force
from ledger.store import codec
from ledger.store.bulk import among
from ledger.store.log import last_of
from ledger.store.projection import Batch, Write

# The format of a collection's delivery, as `readers.delivery` names it.
COLLECTION = "collection"


def settle(connection: Connection, batch: Batch) -> Iterator[Write]:
    """Ask the supplier rules again, if the batch ended with a delivery they can learn from: a
    collection, dissents that an earlier collection should have carried, or a code map. What
    practices entered since the last collection is compared when the next one comes.
    """
    last = batch.events[-1] if batch.events else None
    if last is None or not isinstance(last.event, DeliveryReceived):
        return
    # A batch may have ended within the delivery.
    before = last_of(connection, DeliveryReceived.TOPIC, before=last.position)
    thresholds = in_force(connection)
    if last.event.format == COLLECTION:
        events = [kept.event for kept in batch.events]
        ends = [e.period_end for e in events if isinstance(e, CollectionReceived)]
        yield from _count_again(
            thresholds,
            cohorts=_collections(connection, since=date.min),
            # Whom an older one carried first is not changed by a newer one.
            debuts=_collections(connection, since=min(ends, default=date.min)),
        )
    elif late := _late(connection, before):
        debuts = _of_debuts(connection, before)
        yield from _count_again(thresholds, cohorts=late, debuts=debuts)
    elif not _brought_a_map(connection, before):
        return
    yield from judge(connection, Moment(last.position, last.recorded_at), thresholds)


def _brought_a_map(connection: Connection, after: int) -> bool:
    mapped = select(tables.code_maps.c.position).where(tables.code_maps.c.position > after)
    return bool(connection.execute(select(mapped.exists())).scalar())


def count_everything(connection: Connection, thresholds: Thresholds) -> Iterator[Write]:
    """Count every collection again."""
    everything = _collections(connection, since=date.min)
    yield from _count_again(thresholds, cohorts=everything, debuts=everything)


def judge(connection: Connection, moment: Moment, thresholds: Thresholds) -> Iterator[Write]:
    """What the rules say of every supplier, by the counts as they stand."""
    cohorts = _cohorts(connection)
    debuts = _debuts(connection)
    code_maps = _code_maps(connection)
    suppliers = sorted({*cohorts, *debuts, *code_maps})
    subjects = [f"supplier-{supplier}" for supplier in suppliers]
    f = tables.findings
    known = connection.execute(select(f).where(f.c.subject.in_(subjects))).mappings()
    book = Book(known.all(), thresholds.version)
    today = practice_day(moment.recorded_at)
    for supplier in suppliers:
        history = SupplierHistory(
            supplier,
            tuple(cohorts.get(supplier, ())),
            tuple(debuts.get(supplier, ())),
            today,
            tuple(code_maps.get(supplier, ())),
            thresholds,
        )
        subject = Subject(f"supplier-{supplier}", supplier=supplier)
        book.judge(subject, _asked(history), moment)
    yield from book.writes()


def _asked(history: SupplierHistory) -> Iterator[tuple[Rule[Any], Sighting]]:
    for rule in SUPPLIER_RULES:
        for sighting in rule.find(history):
            yield rule, sighting


# --- the counts


def _collections(connection: Connection, *, since: date) -> list[str]:
    c = tables.collections.c
    asked = select(c.collection).where(c.period_end >= since).order_by(c.collection)
    return list(connection.execute(asked).scalars())


def _late(connection: Connection, after: int) -> list[str]:
    """The collections that should have carried dissents which only became known now."""
    taken, d = _in_turn(), tables.dissents.c
    asked = select(taken.c.collection).where(
        select(d.position)
        .where(d.position > after, d.entered_on <= taken.c.period_end, d.entered_on > taken.c.after)
        .exists()
    )
    return sorted(connection.execute(asked).scalars())


def _of_debuts(connection: Connection, after: int) -> list[str]:
    """The collections that first carried those of whom dissents became known now."""
    c, b, d = tables.collections.c, tables.debuts.c, tables.dissents.c
    first_seen = select(b.first_seen).join(tables.dissents, d.patient == b.patient)
    asked = select(c.collection).where(c.period_end.in_(first_seen.where(d.position > after)))
    return sorted(connection.execute(asked).scalars())


def _count_again(
    thresholds: Thresholds, *, cohorts: Collection[str], debuts: Collection[str]
) -> Iterator[Write]:
    for table, collections, counted in (
        (tables.cohorts, cohorts, _count_cohorts(cohorts)),
        (tables.debut_counts, debuts, _count_debuts(debuts, thresholds)),
    ):
        yield Write(delete(table).where(among(table.c.collection, collections)))
        names = [column.name for column in table.columns]
        yield Write(insert(table).from_select(names, counted))


def _in_turn() -> Subquery:
    """The collections, each with the period end of the one before."""
    c = tables.collections.c
    before = func.lag(c.period_end, 1, date.min).over(order_by=(c.period_end, c.collection))
    return select(c.collection, c.period_end, before.label("after")).subquery("taken")


def _taking_part(name: str) -> Subquery:
    """Who took part in which collection, a row each."""
    c = tables.collections.c
    practice = func.unnest(c.practices).label("practice")
    return select(c.collection, c.period_end, practice).subquery(name)


def _count_cohorts(collections: Collection[str]) -> Select[Any]:
    """For each collection, the dissents entered since the one before, by supplier and code system."""
    taken, part, d = _in_turn(), _taking_part("part"), tables.dissents.c
    carried = d.first_carried.is_not(None)
    entered = and_(d.entered_on <= taken.c.period_end, d.entered_on > taken.c.after)
    return (
        select(
            taken.c.collection,
            d.supplier,
            d.code_system,
            func.count().label("entered"),
            func.count().filter(d.first_carried == taken.c.period_end).label("transmitted"),
            func.count().filter(or_(carried, d.ended_on.is_not(None))).label("settled"),
        )
        .join(tables.dissents, entered)
        .join(part, and_(part.c.collection == taken.c.collection, part.c.practice == d.practice))
        .where(
            among(taken.c.collection, collections),
            or_(d.ended_on.is_(None), d.ended_on > taken.c.period_end),
        )
        .group_by(taken.c.collection, d.supplier, d.code_system)
    )


def _count_debuts(collections: Collection[str], thresholds: Thresholds) -> Select[Any]:
    """For each collection, the patients it carried for the first time, at practices that had taken
    part before, and those whom earlier collections should have carried.
    """
    c, b, d = tables.collections.c, tables.debuts.c, tables.dissents.c
    before, missed = _taking_part("before"), _taking_part("missed")
    took_part_before = select(before.c.collection).where(
        before.c.period_end < c.period_end, before.c.practice == b.practice
    )
    who = (
        select(c.collection, c.period_end, b.patient, b.supplier)
        .join(tables.debuts, b.first_seen == c.period_end)
        .where(among(c.collection, collections), took_part_before.exists())
        .subquery("who")
    )
    overdue = (
        select(who.c.collection, who.c.patient)
        .join(tables.dissents, and_(d.patient == who.c.patient, d.entered_on <= who.c.period_end))
        .join(
            missed,
            and_(
                missed.c.practice == d.practice,
                missed.c.period_end < who.c.period_end,
                missed.c.period_end >= d.entered_on,
            ),
        )
        .group_by(who.c.collection, who.c.patient, d.position)
        .having(func.count() >= thresholds.backlog_missed_collections)
        .distinct()
        .subquery("overdue")
    )
    same = and_(overdue.c.collection == who.c.collection, overdue.c.patient == who.c.patient)
    return (
        select(
            who.c.collection,
            who.c.supplier,
            func.count().label("appeared"),
            func.count(overdue.c.patient).label("overdue"),
        )
        .outerjoin(overdue, same)
        .group_by(who.c.collection, who.c.supplier)
    )


def _cohorts(connection: Connection) -> dict[str, list[Cohort]]:
    c, t = tables.collections.c, tables.cohorts
    asked = (
        select(t, c.period_end, c.position)
        .join(tables.collections, c.collection == t.c.collection)
        .order_by(c.period_end, c.collection, t.c.supplier, t.c.code_system)
    )
    rows = connection.execute(asked).mappings().all()
    by_collection = defaultdict(list)
    for row in rows:
        by_collection[row["collection"]].append(row)
    cohorts: defaultdict[str, list[Cohort]] = defaultdict(list)
    for row in rows:
        same = by_collection[row["collection"]]
        others = [other for other in same if other["supplier"] != row["supplier"]]
        cohorts[row["supplier"]].append(
            Cohort(
                **row,
                others_entered=sum(other["entered"] for other in others),
                others_transmitted=sum(other["transmitted"] for other in others),
                others_settled=sum(other["settled"] for other in others),
            )
        )
    return cohorts


def _debuts(connection: Connection) -> dict[str, list[Debut]]:
    c, t = tables.collections.c, tables.debut_counts.c
    rows = connection.execute(
        select(t.collection, c.period_end, c.position, t.supplier, t.appeared, t.overdue)
        .join(tables.collections, c.collection == t.collection)
        .order_by(c.period_end, c.collection, t.supplier)
    )
    debuts: defaultdict[str, list[Debut]] = defaultdict(list)
    for row in rows:
        debuts[row.supplier].append(Debut(*row))
    return debuts


def _code_maps(connection: Connection) -> dict[str, list[DisagreeingMap]]:
    """The lines that disagree, by supplier; one who had some and has none now has an empty list."""
    t = tables.code_maps
    lines: defaultdict[str, list[DisagreeingMap]] = defaultdict(list)
    for row in connection.execute(select(t).order_by(t.c.feed, t.c.table, t.c.row_id)):
        of_supplier = lines[row.supplier]
        if row.state is None:
            continue
        event = codec.from_bytes(CodeMapDisagreed.TOPIC, row.state)
        assert isinstance(event, CodeMapDisagreed), "its topic said so"
        of_supplier.append(
            DisagreeingMap(
                event.feed,
                event.table,
                event.row_id,
                event.code_system,
                event.code,
                event.mapped_code_system,
                event.mapped_code,
                event.our_code_system,
                event.our_code,
                row.since,
                row.position,
            )
        )
    return lines
