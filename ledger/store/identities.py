"""Who is a patient of the log?

The log names patients by random ids. This file alone knows whose they are: one table, which can
be erased without breaking the proof of the log.
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from ledger.store.bulk import among, array_of, chunks
from ledger.store.tables import minors, patients, source_patients, source_records, unmatched


def find_patients(connection: Connection, numbers: Collection[str]) -> dict[str, UUID]:
    """The ids of those NHS numbers the ledger has met."""
    found: dict[str, UUID] = {}
    for chunk in chunks(numbers):
        query = select(patients.c.nhs_number, patients.c.patient)
        for row in connection.execute(query.where(among(patients.c.nhs_number, chunk))):
            found[row.nhs_number] = row.patient
    return found


def patient_ids(connection: Connection, numbers: Collection[str]) -> dict[str, UUID]:
    """The ids of all these NHS numbers, made at random for those the ledger meets now.

    Two callers who meet a number at once get the same id: the later waits for the earlier.
    """
    found = find_patients(connection, numbers)
    # In order, so that two callers wait for each other rather than deadlock.
    new = sorted(set(numbers) - found.keys())
    for chunk in chunks(new):
        given = select(func.gen_random_uuid(), func.unnest(array_of(patients.c.nhs_number, chunk)))
        connection.execute(
            insert(patients)
            .from_select(["patient", "nhs_number"], given)
            .on_conflict_do_nothing(index_elements=["nhs_number"])
        )
    return found | find_patients(connection, new)


def numbers_of(connection: Connection, ids: Collection[UUID]) -> dict[UUID, str]:
    """The NHS numbers of these patients; nothing for who was erased."""
    found: dict[UUID, str] = {}
    for chunk in chunks(ids):
        query = select(patients.c.patient, patients.c.nhs_number).where(
            among(patients.c.patient, chunk), patients.c.nhs_number.is_not(None)
        )
        for row in connection.execute(query):
            found[row.patient] = row.nhs_number
    return found


def erase(connection: Connection, patient: UUID) -> None:
    """Forget whose id this is, here and in what suppliers told of that number.

    The database's write-ahead log, replicas and backups remember longer: see the runbook.
    """
    number = numbers_of(connection, [patient]).get(patient)
    if number is None:
        return
    connection.execute(
        update(patients).where(patients.c.patient == patient).values(nhs_number=None)
    )
    connection.execute(
        update(source_patients)
        .where(or_(source_patients.c.nhs_number == number, source_patients.c.last_number == number))
        .values(nhs_number=None, number_as_sent=None, last_number=None, born_on=None, died_on=None)
    )
    as_digits = func.regexp_replace(unmatched.c.number_as_sent, r"[\s-]", "", "g")
    connection.execute(update(unmatched).where(as_digits == number).values(number_as_sent=None))
    connection.execute(delete(minors).where(minors.c.patient == patient))
    # Whoever is met again is met anew: what their rows say is not known any more.
    connection.execute(delete(source_records).where(source_records.c.patient == patient))
