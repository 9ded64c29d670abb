"""How do many values go to PostgreSQL in one statement?

As arrays, one a column. A statement with a parameter for each of 100,000 values would take
PostgreSQL longer to read than to execute.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnClause,
    ColumnElement,
    Connection,
    Insert,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

T = TypeVar("T")

ROWS_A_STATEMENT = 10_000


def among(column: ColumnElement[T], values: Collection[T]) -> ColumnElement[bool]:
    """Whether a column is one of these values."""
    return column == any_(array_of(column, list(values)))


def chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """The values in lists of a size that suits a statement."""
    rest = iter(values)
    while chunk := list(islice(rest, ROWS_A_STATEMENT)):
        yield chunk


def upsert(
    connection: Connection,
    table: Table,
    rows: Iterable[Sequence[object]],
    *,
    replacing: Collection[str] | None = None,
) -> None:
    """Insert rows, each with a value for every column in the table's order, or replace those there.

    Where a row is there, only the columns named in `replacing` change; all of them if none are.
    Of two rows with one key the later stays. They are written in the order of their keys, so
    that two callers with the same keys wait for each other rather than deadlock.
    """
    width = len(table.primary_key)
    names = [column.name for column in table.columns]
    replaced = [
        column
        for column in list(table.columns)[width:]
        if replacing is None or column.name in replacing
    ]
    assert list(table.primary_key) == list(table.columns)[:width], "the key's columns come first"
    for chunk in chunks(rows):
        by_key = {tuple(row[:width]): row for row in chunk}
        ordered = [by_key[key] for key in sorted(by_key, key=repr)]
        columns = zip(table.columns, zip(*ordered, strict=True), strict=True)
        arrays = [array_of(column, list(values)) for column, values in columns]
        given = func.unnest(*arrays).table_valued(*names).render_derived()
        statement = insert(table).from_select(names, select(*given.c))
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=list(table.primary_key),
                set_={column.name: statement.excluded[column.name] for column in replaced},
            )
        )


def with_rows(statement: Insert, rows: Sequence[Mapping[str, Any]]) -> Insert:
    """An INSERT without values as one statement over these rows, each with the same columns.

    SQLAlchemy sends the rows of an INSERT … ON CONFLICT one by one: a value a parameter, a row a
    statement. As arrays they take a fifth of the time.
    """
    columns = [statement.table.c[name] for name in rows[0]]
    names = [column.name for column in columns]
    arrays = [_array(column, [row[column.name] for row in rows]) for column in columns]
    given = func.unnest(*arrays).table_valued(*names).render_derived()
    told = [
        cast(given.c[column.name], column.type)
        if isinstance(column.type, _NESTED)
        else given.c[column.name]
        for column in columns
    ]
    return statement.from_select(names, select(*told))


# unnest() takes an array of arrays apart down to its last value, so these travel as text.
_NESTED = (ARRAY, JSON)


def _array(column: ColumnClause[Any], values: list[Any]) -> ColumnElement[Sequence[Any]]:
    if not isinstance(column.type, _NESTED):
        return array_of(column, values)
    as_text = json.dumps if isinstance(column.type, JSON) else _as_text
    texts = [None if value is None else as_text(value) for value in values]
    return bindparam(None, texts, ARRAY(Text))


def _as_text(values: Iterable[object]) -> str:
    """An array as PostgreSQL writes it (https://www.postgresql.org/docs/current/arrays.html)."""
    quoted = (str(value).replace("\\", r"\\").replace('"', r"\"") for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


def array_of(column: ColumnElement[T], values: list[T]) -> ColumnElement[Sequence[T]]:
    """Values of a column's type as one parameter."""
    return bindparam(None, values, ARRAY(column.type))
