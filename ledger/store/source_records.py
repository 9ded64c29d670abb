"""Has this row been here before, and did it say the same?

A source record's key is the practice, the clinical system and the entry id. With the keyed hash
of its content, the same delivery twice adds nothing, and a changed row is seen as changed.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, select

from ledger.store.bulk import among, chunks, upsert
from ledger.store.tables import source_records as table


class SourceRecord(NamedTuple):
    """One row of a practice's system, as it was last delivered."""

    entry_id: str
    content_hash: bytes
    # None for as long as it is unmatched.
    patient: UUID | None
    position: int
    removed: bool = False


def source_records(
    connection: Connection,
    practice: str,
    clinical_system: str,
    entry_ids: Collection[str] | None = None,
) -> dict[str, SourceRecord]:
    """What was kept of these rows, or of all of the practice's if none are named.

    All of them are asked for by a full delivery, to find what is there no longer.
    """
    found: dict[str, SourceRecord] = {}
    query = select(*(table.c[name] for name in SourceRecord._fields)).where(
        table.c.practice == practice, table.c.clinical_system == clinical_system
    )
    queries = (
        [query]
        if entry_ids is None
        else [query.where(among(table.c.entry_id, chunk)) for chunk in chunks(entry_ids)]
    )
    for query in queries:
        for row in connection.execute(query):
            record = SourceRecord(*row)
            found[record.entry_id] = record
    return found


def entry_ids_of(
    connection: Connection, practice: str, clinical_system: str, patient: UUID
) -> frozenset[str]:
    """The rows of a practice's system that are this patient's and were not removed."""
    query = select(table.c.entry_id).where(
        table.c.practice == practice,
        table.c.clinical_system == clinical_system,
        table.c.patient == patient,
        ~table.c.removed,
    )
    return frozenset(connection.execute(query).scalars())


def keep_source_records(
    connection: Connection,
    practice: str,
    clinical_system: str,
    records: Iterable[SourceRecord],
) -> None:
    """Keep what a delivery said, in place of what an earlier one said of the same rows."""
    upsert(connection, table, ((practice, clinical_system, *record) for record in records))
