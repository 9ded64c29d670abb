"""The practices the ledger knows: their place in the register and the system they use."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Boolean, Column, Connection, Date, String, Table, select

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.events import PracticeClosed, PracticeListed, SystemChanged
from ledger.domain.streams import practice_of
from ledger.store.bulk import among
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
)
closed = Table(
    "practices_closed",
    metadata,
    Column("code", String, primary_key=True),
    Column("closed_on", Date, nullable=False),
    Column("successor", String),
)
systems = Table(
    "practice_systems",
    metadata,
    Column("code", String, primary_key=True),
    Column("clinical_system", String, nullable=False, index=True),
)


def _apply(batch: Batch, _before: None) -> list[Write]:
    listed = []
    shut = []
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
                    }
                )
            case PracticeClosed() as event:
                shut.append(
                    {"code": code, "closed_on": event.closed_on, "successor": event.successor}
                )
            case SystemChanged() as event:
                used.append({"code": code, "clinical_system": event.clinical_system})
            case _:
                pass
    return [*upsert(practices, listed), *upsert(closed, shut), *upsert(systems, used)]


PRACTICES = Projection(
    "practices",
    (practices, closed, systems),
    nothing,
    _apply,
    topics=topics_of(PracticeListed, PracticeClosed, SystemChanged),
)


class PracticeLine(NamedTuple):
    """One practice; `name` is its code where no register was imported."""

    code: str
    name: str
    status: str
    clinical_system: ClinicalSystem | None


def practice_lines(
    connection: Connection, *, code: str | None = None, limit: int = 500
) -> list[PracticeLine]:
    """The practices that use a known system, by code: those the ledger hears from."""
    query = (
        select(systems.c.code, practices.c.name, practices.c.status, systems.c.clinical_system)
        .select_from(systems.outerjoin(practices, practices.c.code == systems.c.code))
        .order_by(systems.c.code)
        .limit(limit)
    )
    if code is not None:
        query = query.where(systems.c.code == code)
    return [
        PracticeLine(code, name or code, status or "unknown", ClinicalSystem(system))
        for code, name, status, system in connection.execute(query)
    ]


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
