"""The table of type 2 dissents and the collection that first carried each, for whoever keeps one.

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
    Table,
    Uuid,
    delete,
    or_,
    update,
)

from ledger.domain.transmission import Carriage
from ledger.store.projection import Write, upsert


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
