"""Whose data left with a release?

A release may hold numbers the ledger never met: they get random ids like anybody, so that an
objection that becomes known later finds them in it. Everything is done to sets in the database, for
a cohort may be ten million. What stands in the log is a keyed digest of the ids: a table that was
changed no longer leads to it, and an erased patient, whose id stays, does not disturb it.
"""

import hmac
import io
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from itertools import islice
from typing import NamedTuple
from uuid import UUID

import psycopg2
from sqlalchemy import (
    ARRAY,
    Connection,
    Date,
    Select,
    Subquery,
    Uuid,
    bindparam,
    column,
    func,
    select,
    text,
)

from ledger.store.bulk import among, array_of, chunks
from ledger.store.engine import hide_values
from ledger.store.tables import release_members as table

_LINES_A_COPY = 100_000


class Cohort(NamedTuple):
    """How many patients a cohort has, each counted once, and the keyed digest of their ids."""

    members: int
    digest: str


def stage(connection: Connection, numbers: Iterable[str], *, key: bytes) -> Cohort:
    """Set these usable NHS numbers apart for `keep`, in this transaction; each counts once.

    Who was never met gets a random id, as in `identities`.
    """
    connection.execute(
        text('CREATE TEMPORARY TABLE staged_numbers (number text COLLATE "C") ON COMMIT DROP')
    )
    _copy(connection, numbers)
    connection.execute(text("ANALYZE staged_numbers"))
    # In order, so that two callers who meet the same numbers wait for each other.
    connection.execute(
        text("""
            INSERT INTO guarded.patients (patient, nhs_number)
            SELECT gen_random_uuid(), number
            FROM (
                SELECT DISTINCT number FROM pg_temp.staged_numbers AS staged
                WHERE NOT EXISTS (SELECT FROM guarded.patients WHERE nhs_number = staged.number)
            ) AS new
            ORDER BY number
            ON CONFLICT (nhs_number) DO NOTHING
        """)
    )
    connection.execute(
        text("""
            CREATE TEMPORARY TABLE staged_members ON COMMIT DROP AS
            SELECT patient FROM guarded.patients
            WHERE nhs_number IN (SELECT number FROM pg_temp.staged_numbers)
        """)
    )
    return _cohort(connection, "pg_temp.staged_members", {}, key=key)


def keep(connection: Connection, release: UUID) -> None:
    """Keep what was staged as the members of this release."""
    connection.execute(
        text("""
            INSERT INTO guarded.release_members (patient, release)
            SELECT patient, :release FROM pg_temp.staged_members
        """),
        {"release": release},
    )


def cohort_of(connection: Connection, release: UUID, *, key: bytes) -> Cohort:
    """The cohort as the table has it now: what the log says of it has to be the same."""
    members = "guarded.release_members WHERE release = :release"
    return _cohort(connection, members, {"release": release}, key=key)


def releases_of(connection: Connection, patients: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """In which releases each of these patients is; nobody who is in none."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for chunk in chunks(patients):
        query = select(table.c.patient, table.c.release).where(among(table.c.patient, chunk))
        for row in connection.execute(query):
            found[row.patient].append(row.release)
    return dict(found)


def members_among(
    connection: Connection, release: UUID, patients: Select[UUID] | Collection[UUID]
) -> list[UUID]:
    """Which of these patients, named or told by a query, are in a release; in order."""
    which = (
        table.c.patient.in_(patients)
        if isinstance(patients, Select)
        else among(table.c.patient, patients)
    )
    query = select(table.c.patient).where(table.c.release == release, which)
    return list(connection.execute(query.order_by(table.c.patient)).scalars())


def released_on(releases: Iterable[tuple[UUID, date]]) -> Subquery:
    """Whose data left with any of these releases, each told with its day: `patient` and `day`."""
    told = list(releases)
    ids = array_of(table.c.release, [id_ for id_, _ in told])
    days = bindparam(None, [day for _, day in told], ARRAY(Date))
    given = func.unnest(ids, days).table_valued(
        column("release", Uuid), column("day", Date), name="told"
    )
    given = given.render_derived()
    query = select(table.c.patient, given.c.day).join(given, given.c.release == table.c.release)
    return query.subquery("left")


def _copy(connection: Connection, numbers: Iterable[str]) -> None:
    cursor = connection.connection.cursor()
    rest = iter(numbers)
    while lines := "\n".join(islice(rest, _LINES_A_COPY)):
        try:
            cursor.copy_expert("COPY pg_temp.staged_numbers FROM STDIN", io.StringIO(lines))
        except psycopg2.Error as error:
            hide_values(error)
            raise


def _cohort(connection: Connection, members: str, told: dict[str, UUID], *, key: bytes) -> Cohort:
    """Hashed in 256 parts, by the first byte: no part grows beyond what one value may hold."""
    rows = connection.execute(
        text(f"""
            SELECT
                get_byte(uuid_send(patient), 0) AS part,
                count(*) AS members,
                sha256(string_agg(uuid_send(patient), ''::bytea ORDER BY patient)) AS digest
            FROM {members}
            GROUP BY part
            ORDER BY part
        """),
        told,
    ).all()
    seen = hmac.new(key, digestmod="sha256")
    for row in rows:
        seen.update(bytes([row.part]))
        seen.update(row.digest)
    return Cohort(sum(row.members for row in rows), seen.hexdigest())
