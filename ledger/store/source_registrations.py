"""When did a supplier's patients register, and what of it concerns somebody with objections?

Everybody's registrations are kept here and nobody's in the log until they object: who objects today
may have registered in a delivery of years ago.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, and_, select, update

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.store.bulk import among, chunks, upsert
from ledger.store.tables import source_patients as people
from ledger.store.tables import source_registrations as table


class SourceRegistration(NamedTuple):
    """What a practice's system last said in one row; no `registered_on`: it tells of none any more."""

    registration: str
    source_patient: str
    registered_on: date | None
    deregistered_on: date | None


def source_registrations(
    connection: Connection, practice: str, clinical_system: str, registrations: Collection[str]
) -> dict[str, SourceRegistration]:
    """What is known of these rows; nothing of one never met."""
    columns = [table.c[name] for name in SourceRegistration._fields]
    found: dict[str, SourceRegistration] = {}
    for chunk in chunks(registrations):
        query = select(*columns).where(
            table.c.practice == practice,
            table.c.clinical_system == clinical_system,
            among(table.c.registration, chunk),
        )
        for row in connection.execute(query):
            found[row.registration] = SourceRegistration(*row)
    return found


def keep_registrations(
    connection: Connection,
    practice: str,
    clinical_system: str,
    registrations: Iterable[SourceRegistration],
) -> None:
    """Keep what these rows say now."""
    upsert(connection, table, ((practice, clinical_system, *row) for row in registrations))


def forget_registrations(
    connection: Connection, practice: str, clinical_system: str, registrations: Collection[str]
) -> None:
    """These rows were deleted. That they were is kept, for the log may tell of them."""
    for chunk in chunks(registrations):
        connection.execute(
            update(table)
            .where(
                table.c.practice == practice,
                table.c.clinical_system == clinical_system,
                among(table.c.registration, chunk),
            )
            .values(registered_on=None, deregistered_on=None)
        )


class ToldOf(NamedTuple):
    """What one system says of one patient with this number: a line for each row about them.

    `registration` is None where no row tells of a registration.
    """

    nhs_number: str
    practice: str
    clinical_system: ClinicalSystem
    source_patient: str
    died_on: date | None
    registration: str | None
    registered_on: date | None
    deregistered_on: date | None


def told_of(connection: Connection, numbers: Collection[str]) -> list[ToldOf]:
    """What every system says of the people with these numbers, by practice; not of those left out."""
    columns = [
        people.c.nhs_number,
        people.c.practice,
        people.c.clinical_system,
        people.c.source_patient,
        people.c.died_on,
        table.c.registration,
        table.c.registered_on,
        table.c.deregistered_on,
    ]
    shared = ("practice", "clinical_system", "source_patient")
    same = and_(*(people.c[name] == table.c[name] for name in shared))
    found: list[ToldOf] = []
    for chunk in chunks(numbers):
        query = (
            select(*columns)
            .select_from(people.outerjoin(table, same))
            .where(among(people.c.nhs_number, chunk), ~people.c.left_out)
            .order_by(people.c.practice, people.c.clinical_system, table.c.registered_on)
            .order_by(people.c.source_patient, table.c.registration)
        )
        for row in connection.execute(query):
            told = ToldOf(*row)
            found.append(told._replace(clinical_system=ClinicalSystem(told.clinical_system)))
    return found
