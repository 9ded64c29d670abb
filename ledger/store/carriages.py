"""The table of type 2 dissents and the collection that first carried each, for whoever keeps one;
and the transmissions of a stretch of the log, as rows.

The transmission board and the rules about suppliers both need it, and projections do not know each
other: each keeps its own under a name of its own, changed by the same statements.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    Date,
    Index,
    MetaData,
    String,
    Table,
    Uuid,
    cast,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.schema import CreateTable, DropTable

from ledger.domain.events import ObjectionTransmitted
from ledger.domain.streams import PATIENT_PREFIX
from ledger.domain.transmission import Carriage
from ledger.store.bulk import among
from ledger.store.projection import Write, upsert
from ledger.store.tables import events

# What is asked of a transmission besides where it stands and of whom it tells.
_TOLD = (
    column("period_end", Date),
    column("supplier", String),
    column("practice", String),
    column("collection", String),
    column("code", String),
)
# The transmissions of a stretch of the log, once they were read (`read_sent`).
SENT = Table(
    "sent",
    MetaData(),
    Column("position", BigInteger),
    Column("stream", String),
    Column("patient", Uuid),
    *(Column(told.name, told.type) for told in _TOLD),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DROP",
)


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
        Write(delete(table).where(among(table.c.patient, list(told)))),
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
                among(table.c.patient, list(patients)),
                table.c.entered_on <= period_end,
                or_(table.c.first_carried.is_(None), table.c.first_carried > period_end),
            )
            .values(first_carried=period_end)
        )
        for period_end, patients in carried.items()
    ]


def read_sent(connection: Connection, after: int, last: int) -> None:
    """The transmissions behind one position up to another, a row each, from the log itself.

    A collection tells of everybody it carried every month. Most of that is nothing new, and for
    PostgreSQL to read it is ten times cheaper than for us to decode it. Several statements ask for
    them, so it reads each once, into a table that is gone with the transaction or the next reading.
    """
    e = events.c
    state = cast(func.convert_from(e.state, "UTF8"), JSON)
    told = func.json_to_record(state).table_valued(*_TOLD).render_derived("told", with_types=True)
    patient = cast(func.substr(e.stream, len(PATIENT_PREFIX) + 1), Uuid)
    behind = (
        select(e.position, e.stream, patient, *told.c)
        .join(told, true())
        .where(e.position > after, e.position <= last, e.topic == ObjectionTransmitted.TOPIC)
    )
    connection.execute(DropTable(SENT, if_exists=True))
    connection.execute(CreateTable(SENT))
    connection.execute(insert(SENT).from_select(list(SENT.columns), behind))
    connection.execute(text(f"analyze {SENT.name}"))


def carry_sent(table: Table, period_end: date, *, alone: bool) -> Write:
    """`carry`, of everybody whom these transmissions of a collection tell of.

    `alone`: there are none of another period end among them, so that none has to be looked into.
    """
    sent = SENT.c
    of_this = () if alone else (sent.period_end == period_end,)
    return Write(
        update(table)
        .where(
            table.c.patient == sent.patient,
            *of_this,
            table.c.entered_on <= period_end,
            or_(table.c.first_carried.is_(None), table.c.first_carried > period_end),
        )
        .values(first_carried=period_end)
    )
