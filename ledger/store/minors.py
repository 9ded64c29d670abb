"""Who turns thirteen when, of those patients for whom somebody else spoke?

The day tells the date of birth, so it is guarded, and gone once the log tells that it has come.
"""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, delete, select

from ledger.store.bulk import ROWS_A_STATEMENT, among, upsert
from ledger.store.tables import minors as table


def keep_minors(connection: Connection, thirteen_on: Mapping[UUID, date]) -> None:
    """Keep on which day these patients turn thirteen, as it was told last."""
    upsert(connection, table, thirteen_on.items())


def of_age(connection: Connection, day: date) -> list[UUID]:
    """Some of those who are thirteen by that day and of whom the log does not tell it; none: all do."""
    query = select(table.c.patient).where(table.c.thirteen_on <= day)
    query = query.order_by(table.c.thirteen_on, table.c.patient).limit(ROWS_A_STATEMENT)
    return list(connection.execute(query).scalars())


def forget_minors(connection: Connection, patients: Collection[UUID]) -> None:
    """The log tells of them now, or has nothing to tell."""
    connection.execute(delete(table).where(among(table.c.patient, patients)))
