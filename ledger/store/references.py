"""What did earlier deliveries tell that later ones take for granted?

EMIS sends its organisations and its code list once and then refers to them by its own ids; a
SystmOne chain goes on from the date the last one ended. Each is a `kind` of reference, within a
`scope`: a practice, an agreement, or the whole system ("").
"""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select

from ledger.store.bulk import among, chunks, upsert
from ledger.store.tables import source_references as table

# The kind that tells which practices publish under a scope that is no practice.
PUBLISHES = "publishes"


def references(
    connection: Connection,
    clinical_system: str,
    scope: str,
    kind: str,
    keys: Collection[str] | None = None,
) -> dict[str, str]:
    """What these keys stand for, or every key of the kind if none are named."""
    query = select(table.c.key, table.c.value).where(
        table.c.clinical_system == clinical_system, table.c.scope == scope, table.c.kind == kind
    )
    queries = (
        [query]
        if keys is None
        else [query.where(among(table.c.key, chunk)) for chunk in chunks(keys)]
    )
    return {row.key: row.value for query in queries for row in connection.execute(query)}


def keep_references(
    connection: Connection, clinical_system: str, scope: str, kind: str, values: Mapping[str, str]
) -> None:
    """Keep what keys stand for, in place of what they stood for before."""
    rows = ((clinical_system, scope, kind, key, value) for key, value in values.items())
    upsert(connection, table, rows)
