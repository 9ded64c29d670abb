"""The supplier rules: asked of counts over everybody, once a batch's rows stand.

A delivery is the last event of its batch, so these counts are those of the moment it was taken.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.orm import aliased

from ledger.domain.events import CodeMapDisagreed, DeliveryReceived, Kept
from ledger.domain.objections import practice_day
from ledger.domain.recording_errors import SUPPLIER_RULES
from ledger.domain.rule import Cohort, Debut, DisagreeingMap, Rule, Sighting, SupplierHistory
from ledger.projections.findings import tables
from ledger.projections.findings.book import Book, Moment, Subject
from ledger.store import codec
from ledger.store.log import last_of
from ledger.store.projection import Batch, Write

# The format of a collection's delivery, as `readers.delivery` names it.
COLLECTION = "collection"


def settle(connection: Connection, batch: Batch) -> list[Write]:
    """Ask the supplier rules again, if the batch ended with a delivery they can learn from."""
    last = batch.events[-1]
    if not isinstance(last.event, DeliveryReceived) or not _is_news(connection, last):
        return []
    cohorts = _cohorts(connection)
    debuts = _debuts(connection)
    code_maps = _code_maps(connection)
    suppliers = sorted({*cohorts, *debuts, *code_maps})
    known = connection.execute(
        select(tables.findings).where(
            tables.findings.c.subject.in_([f"supplier-{s}" for s in suppliers])
        )
    ).mappings()
    book = Book(known.all())
    today = practice_day(last.recorded_at)
    for supplier in suppliers:
        history = SupplierHistory(
            supplier,
            tuple(cohorts.get(supplier, ())),
            tuple(debuts.get(supplier, ())),
            today,
            tuple(code_maps.get(supplier, ())),
        )
        subject = Subject(f"supplier-{supplier}", supplier=supplier)
        book.judge(subject, _asked(history), Moment(last.position, last.recorded_at))
    return book.writes()


def _is_news(connection: Connection, delivery: Kept) -> bool:
    """Whether this was a collection, told of dissents that an earlier collection should have
    carried, or of a code map: what practices entered since the last collection is compared when
    the next one comes.
    """
    assert isinstance(delivery.event, DeliveryReceived), "only called for one"
    if delivery.event.format == COLLECTION:
        return True
    before = last_of(connection, DeliveryReceived.TOPIC, before=delivery.position)
    d = tables.dissents.c
    ended = select(func.max(tables.collections.c.period_end)).scalar_subquery()
    late = select(d.position).where(d.position > before, d.entered_on <= ended)
    mapped = select(tables.code_maps.c.position).where(tables.code_maps.c.position > before)
    return bool(connection.execute(select(or_(late.exists(), mapped.exists()))).scalar())


def _asked(history: SupplierHistory) -> Iterator[tuple[Rule[Any], Sighting]]:
    for rule in SUPPLIER_RULES:
        for sighting in rule.find(history):
            yield rule, sighting


def _cohorts(connection: Connection) -> dict[str, list[Cohort]]:
    """For each collection, the dissents entered since the one before, by supplier and code system."""
    c = tables.collections.c
    taken = select(
        c.collection,
        c.period_end,
        c.position,
        c.practices,
        func.lag(c.period_end, 1, date.min)
        .over(order_by=(c.period_end, c.collection))
        .label("after"),
    ).subquery()
    d = tables.dissents.c
    rows = (
        connection.execute(
            select(
                taken.c.collection,
                taken.c.period_end,
                taken.c.position,
                d.supplier,
                d.code_system,
                func.count().label("entered"),
                func.count().filter(d.first_carried == taken.c.period_end).label("transmitted"),
                func.count()
                .filter(or_(d.first_carried.is_not(None), d.ended_on.is_not(None)))
                .label("settled"),
            )
            .join(
                tables.dissents,
                and_(d.entered_on <= taken.c.period_end, d.entered_on > taken.c.after),
            )
            .where(
                d.practice == func.any(taken.c.practices),
                or_(d.ended_on.is_(None), d.ended_on > taken.c.period_end),
            )
            .group_by(
                taken.c.collection, taken.c.period_end, taken.c.position, d.supplier, d.code_system
            )
            .order_by(taken.c.period_end, taken.c.collection, d.supplier, d.code_system)
        )
        .mappings()
        .all()
    )
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


def _debuts(connection: Connection) -> dict[str, list[Debut]]:
    """For each collection, the patients it carried for the first time, at practices that had taken
    part before, and those whom two earlier collections should have carried.
    """
    c = tables.collections
    earlier = aliased(c)
    missed = aliased(c)
    b = tables.debuts.c
    d = tables.dissents.c
    took_part_before = (
        select(earlier.c.collection)
        .where(earlier.c.period_end < c.c.period_end, b.practice == func.any(earlier.c.practices))
        .exists()
    )
    misses = (
        select(func.count())
        .select_from(missed)
        .where(
            missed.c.period_end < c.c.period_end,
            missed.c.period_end >= d.entered_on,
            d.practice == func.any(missed.c.practices),
        )
        .scalar_subquery()
    )
    overdue = (
        select(d.position)
        .where(d.patient == b.patient, d.entered_on <= c.c.period_end, misses >= 2)  # noqa: PLR2004
        .exists()
    )
    rows = connection.execute(
        select(
            c.c.collection,
            c.c.period_end,
            c.c.position,
            b.supplier,
            func.count().label("appeared"),
            func.count().filter(overdue).label("overdue"),
        )
        .join(tables.debuts, b.first_seen == c.c.period_end)
        .where(took_part_before)
        .group_by(c.c.collection, c.c.period_end, c.c.position, b.supplier)
        .order_by(c.c.period_end, c.c.collection, b.supplier)
    )
    debuts: defaultdict[str, list[Debut]] = defaultdict(list)
    for row in rows:
        debuts[row.supplier].append(Debut(*row))
    return debuts
