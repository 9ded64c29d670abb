"""What a projection is: a value. Its tables, how a batch of events changes them, and nothing more.

`load` reads what `apply` needs to know; `apply` folds the batch in memory and returns few
statements over many rows, executing none, so that a test can look at what it would do. The
projector executes them in the transaction that moves the projection's position.

Tables are declared in the schema `projection`; a rebuild translates that name to
`projection_fresh`, so a projection writes Core expressions, not SQL text with the name in it.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Executable, MetaData, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.schema import CreateIndex, CreateTable

from ledger.domain.events import Event, Kept, Mode
from ledger.store import codec
from ledger.store.log import KeptEvent, read_streams

SCHEMA = "projection"
FRESH = "projection_fresh"
metadata = MetaData(schema=SCHEMA)
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

Before = TypeVar("Before")


class Batch(NamedTuple):
    """Events in the order of the log, and whether the ledger lives or re-enacts.

    Of the log it is the stretch behind `after` up to `last`, which of a projection with topics of
    its own may hold more than these events, or nothing but others.
    """

    events: Sequence[Kept]
    mode: Mode
    after: int
    last: int

    @property
    def holds_others(self) -> bool:
        """Whether events of other topics stand in this stretch."""
        return self.last - self.after > len(self.events)


class Write(NamedTuple):
    """A statement and the rows it is executed with (none: it stands alone)."""

    statement: Executable
    rows: Sequence[Mapping[str, Any]] = ()


def _nothing_more(_connection: Connection, _batch: Batch) -> Sequence[Write]:
    return ()


@dataclass(frozen=True, slots=True)
class Projection(Generic[Before]):
    """A read model.

    `settle` says what can be said only once the batch's rows stand, by asking the tables; what it
    yields is executed before it goes on, so that it may say much bit by bit. `cut` tells how many
    of the events at hand make the next batch, so that what `settle` says does not depend on where
    batches happen to end. `topics`, where it names them all, spares reading and decoding every
    other event; a projection that is cut is told of stretches that hold only others, too.
    """

    name: str
    tables: tuple[Table, ...]
    load: Callable[[Connection, Batch], Before]
    apply: Callable[[Batch, Before], Sequence[Write]]
    settle: Callable[[Connection, Batch], Iterable[Write]] = _nothing_more
    cut: Callable[[Connection, Sequence[Kept]], int] | None = None
    topics: frozenset[str] | None = None

    @property
    def fingerprint(self) -> str:
        """Changes when the tables do: then what was built of old has to be rebuilt."""
        ddl: list[str] = []
        for table in self.tables:
            ddl.append(str(CreateTable(table).compile(dialect=_DIALECT)))
            indexes = sorted(table.indexes, key=lambda index: str(index.name))
            ddl += [str(CreateIndex(index).compile(dialect=_DIALECT)) for index in indexes]
        return hashlib.sha256("\n".join(ddl).encode()).hexdigest()[:16]


def decoded(events: Iterable[KeptEvent]) -> list[Kept]:
    """Stored events as the domain's."""
    return [
        Kept(e.position, e.stream, e.version, e.recorded_at, codec.from_bytes(e.topic, e.state))
        for e in events
    ]


def decoded_streams(
    connection: Connection, names: Collection[str], *, upto: int
) -> dict[str, list[Kept]]:
    """The events of each of these streams up to a position, in their order."""
    read = read_streams(connection, list(names), upto=upto) if names else {}
    return {name: decoded(read.get(name, [])) for name in names}


def topics_of(*events: type[Event]) -> frozenset[str]:
    """The topics of these events."""
    return frozenset(event.TOPIC for event in events)


def nothing(_connection: Connection, _batch: Batch) -> None:
    """The `load` of a projection that need not look back."""


def upsert(table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Write]:
    """Insert the rows, or update those whose primary key is there. The last of a key wins."""
    if not rows:
        return []
    keys = [column.name for column in table.primary_key]
    key_of = itemgetter(*keys)
    unique = {key_of(row): row for row in rows}
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    return [
        Write(
            statement.on_conflict_do_update(index_elements=keys, set_=changed)
            if changed
            else statement.on_conflict_do_nothing(index_elements=keys),
            list(unique.values()),
        )
    ]
