"""Whom does a supplier's own patient id mean?

A delta names a patient by the supplier's id alone; the NHS number came once, in an earlier
delivery. Test and dummy patients are known here too, so that their later entries stay out.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection, select

from ledger.store.bulk import among, chunks, upsert
from ledger.store.tables import source_patients as table


class SourcePatient(NamedTuple):
    """What a practice's system last said of one patient.

    `last_number` is the last usable NHS number it gave somebody who was not left out: what is sent
    now may be none.
    """

    source_patient: str
    nhs_number: str | None
    number_as_sent: str | None = None
    left_out: bool = False
    died_on: date | None = None
    born_on: date | None = None
    last_number: str | None = None


def source_patients(
    connection: Connection, practice: str, clinical_system: str, ids: Collection[str]
) -> dict[str, SourcePatient]:
    """What is known of these ids; nothing for an id never met."""
    columns = [table.c[name] for name in SourcePatient._fields]
    found: dict[str, SourcePatient] = {}
    for chunk in chunks(ids):
        query = select(*columns).where(
            table.c.practice == practice,
            table.c.clinical_system == clinical_system,
            among(table.c.source_patient, chunk),
        )
        for row in connection.execute(query):
            patient = SourcePatient(*row)
            found[patient.source_patient] = patient
    return found


def keep_links(
    connection: Connection, practice: str, clinical_system: str, patients: Iterable[SourcePatient]
) -> None:
    """Keep whom a system's ids mean."""
    upsert(connection, table, ((practice, clinical_system, *patient) for patient in patients))


def practices_of(connection: Connection, numbers: Collection[str]) -> dict[str, set[str]]:
    """The practices whose systems have told of these NHS numbers; none for a number never met."""
    found: dict[str, set[str]] = {}
    for chunk in chunks(numbers):
        query = select(table.c.nhs_number, table.c.practice).distinct()
        for number, practice in connection.execute(query.where(among(table.c.nhs_number, chunk))):
            found.setdefault(str(number), set()).add(practice)
    return found


class Bearer(NamedTuple):
    """Somebody whom a practice's system gives this NHS number, and when they were born."""

    nhs_number: str
    practice: str
    born_on: date


def bearers(connection: Connection, numbers: Collection[str]) -> list[Bearer]:
    """Who has these NHS numbers, as practices' systems say now; only those whose birth is known."""
    found: list[Bearer] = []
    columns = (table.c.nhs_number, table.c.practice, table.c.born_on)
    for chunk in chunks(numbers):
        query = select(*columns).where(
            among(table.c.nhs_number, chunk), ~table.c.left_out, table.c.born_on.is_not(None)
        )
        rows = connection.execute(query.order_by(*columns, table.c.source_patient))
        found += (Bearer(*row) for row in rows)
    return found


def born_on(connection: Connection, practice: str, nhs_number: str) -> date | None:
    """When the patient with this number was born: as that practice says, or else all others that do.

    None where nobody says, or they differ.
    """
    told = bearers(connection, [nhs_number])
    days = {b.born_on for b in told if b.practice == practice} or {b.born_on for b in told}
    return days.pop() if len(days) == 1 else None
