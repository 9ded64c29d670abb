"""The table of type 2 dissents and the collection that first carried each, for whoever keeps one;
and the transmissions of a stretch of the log, as rows.

The transmission board and the rules about suppliers both need it, and projections do not know each
other: each keeps its own under a name of its own, changed by the same statements.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Index,
    MetaData,
    String,
    Subquery,
    Table,
    Uuid,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from ledger.domain.events import ObjectionTransmitted
from ledger.domain.streams import PATIENT_PREFIX
from ledger.domain.transmission import Carriage
from ledger.store.projection import Write, upsert
from ledger.store.tables import events


def carriage_table(name: str, metadata: MetaData) -> Table:
    """A table of `Carriage` rows, each with its patient."""
    return Table(
        name,
        metadata,
        Column("position", BigInteger, primary_key=True),
        Column("patient", Uuid, nullable=False),
        Column("practice", String, nullable=False),
        Column("supplier", String, nullable=False),
        Column("code_system", String, nullable=False),
        Column("entered_on", Date, nullable=False),
        Column("ended_on", Date),
        Column("first_carried", Date),
        Index(f"{name}_of_patient", "patient"),
        Index(f"{name}_entered", "entered_on"),
    )


def replace_carriages(table: Table, told: Mapping[UUID, Sequence[Carriage]]) -> list[Write]:
    """What these patients' histories tell now, in place of what they told before."""
    if not told:
        return []
    rows = [
        {"patient": patient, **carriage._asdict()}
        for patient, carriages in told.items()
        for carriage in carriages
    ]
    return [
        Write(delete(table).where(table.c.patient.in_(list(told)))),
        *upsert(table, rows),
    ]


def carry(table: Table, carried: Mapping[date, Collection[UUID]]) -> list[Write]:
    """Whoever a collection carries has had every dissent entered by its period end carried.

    Set-based, for a collection carries the same patients month after month; said again of a
    patient whose history was folded anew, it does no harm.
    """
    return [
        Write(
            update(table)
            .where(
                table.c.patient.in_(list(patients)),
                table.c.entered_on <= period_end,
                or_(table.c.first_carried.is_(None), table.c.first_carried > period_end),
            )
            .values(first_carried=period_end)
        )
        for period_end, patients in carried.items()
    ]


def sent_between(after: int, last: int) -> Subquery:
    """The transmissions behind one position up to another, a row each, from the log itself.

    A collection tells of everybody it carried every month. Most of that is nothing new, and for
    PostgreSQL to read it is ten times cheaper than for us to decode it.
    """
    told = cast(func.convert_from(events.c.state, "UTF8"), JSONB)
    return (
        select(
            events.c.position,
            events.c.stream,
            cast(func.substr(events.c.stream, len(PATIENT_PREFIX) + 1), Uuid).label("patient"),
            cast(told["period_end"].astext, Date).label("period_end"),
            told["supplier"].astext.label("supplier"),
            told["practice"].astext.label("practice"),
            told["collection"].astext.label("collection"),
            told["code"].astext.label("code"),
        )
        .where(
            events.c.position > after,
            events.c.position <= last,
            events.c.topic == ObjectionTransmitted.TOPIC,
        )
        .subquery("sent")
    )


def carry_sent(table: Table, sent: Subquery, period_end: date, *, alone: bool) -> Write:
    """`carry`, of everybody whom these transmissions of a collection tell of.

    `alone`: there are none of another period end among them, so that none has to be looked into.
    """
    of_this = () if alone else (sent.c.period_end == period_end,)
    return Write(
        update(table)
        .where(
            table.c.patient == sent.c.patient,
            *of_this,
            table.c.entered_on <= period_end,
            or_(table.c.first_carried.is_(None), table.c.first_carried > period_end),
        )
        .values(first_carried=period_end)
    )
