"""What came without a usable NHS number?

Nothing is lost for want of a number: the entry stands in the log (`entry-unmatched`), and what
was sent in the number's place waits here until somebody knows whose it is.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from ledger.store.bulk import among, chunks, upsert
from ledger.store.tables import unmatched


class Unmatched(NamedTuple):
    """One entry that waits."""

    practice: str
    clinical_system: str
    entry_id: str
    number_as_sent: str | None
    source_patient: str | None
    stream: str
    position: int
    resolved_position: int | None = None


def keep_unmatched(connection: Connection, entries: Iterable[Unmatched]) -> None:
    """Keep entries that wait, or replace them."""
    upsert(connection, unmatched, entries)


def waiting(
    connection: Connection,
    practice: str,
    clinical_system: str,
    *,
    source_patients: Collection[str] | None = None,
    entry_ids: Collection[str] | None = None,
) -> list[Unmatched]:
    """The entries of a practice that still wait; of these patients or entries only, if named."""
    query = (
        select(unmatched)
        .where(
            unmatched.c.practice == practice,
            unmatched.c.clinical_system == clinical_system,
            unmatched.c.resolved_position.is_(None),
        )
        .order_by(unmatched.c.position, unmatched.c.entry_id)
    )
    if source_patients is not None:
        query = query.where(among(unmatched.c.source_patient, source_patients))
    if entry_ids is not None:
        query = query.where(among(unmatched.c.entry_id, entry_ids))
    return [Unmatched(*row) for row in connection.execute(query)]


def resolve(
    connection: Connection,
    practice: str,
    clinical_system: str,
    *,
    entry_ids: Collection[str],
    position: int,
) -> None:
    """Say where in the log these entries were found to be somebody's, or removed."""
    for chunk in chunks(entry_ids):
        connection.execute(
            update(unmatched)
            .where(
                unmatched.c.practice == practice,
                unmatched.c.clinical_system == clinical_system,
                among(unmatched.c.entry_id, chunk),
            )
            .values(resolved_position=position)
        )
