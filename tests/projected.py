"""What do the projections hold? Every row of every table of theirs, to compare two ways of making them."""

from typing import Any

from sqlalchemy import Engine, select

from ledger.projections import PROJECTIONS

Rows = dict[str, list[tuple[Any, ...]]]


def everything(engine: Engine) -> Rows:
    """Every row of every table of every projection, in an order of its own."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for projection in PROJECTIONS
            for table in projection.tables
        }


def assert_the_same(found: Rows, expected: Rows) -> None:
    """The first rows that are too many (+) or missing (-) are shown in full."""
    differences = [
        f"{sign} {table} {row}"
        for table in expected
        for sign, rows, others in (("+", found, expected), ("-", expected, found))
        for row in rows[table]
        if row not in others[table]
    ]
    assert not differences, "\n".join(differences[:20])
    # A row that stands twice where it should stand once.
    assert found == expected
