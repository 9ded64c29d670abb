"""Who looked at whom? The log of looks: how a look gets into it, and how it is found again.

There is one way in, a SQL function under a lock of its own (`migrations/sql/0006/`), and nothing in
the log changes. A look is on the way of every answer, so what can be asked in one trip is, and ids
stay the texts that they travel as.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from types import TracebackType
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import Connection, Engine, and_, or_, select, text
from sqlalchemy.exc import DBAPIError

from ledger.store.tables import FEW_PATIENTS, NOT_FEW_PATIENTS
from ledger.store.tables import looks as table
from ledger.store.together import Together


class NewLook(NamedTuple):
    """What one request showed of the patients of the same practices. No patient: of all that these
    practices have; no practice either: of everybody.
    """

    request: str
    way: str
    who: str
    role: str
    acting_for: Sequence[str]
    shown: str
    spoke_of: int
    practices: Sequence[str]
    patients: Sequence[str]
    reason: str | None


class KeptLook(NamedTuple):
    """A look as it is kept; its fields are the columns of `log.looks`, without the hash."""

    position: int
    looked_at: datetime
    request: str
    way: str
    who: str
    role: str
    acting_for: Sequence[str]
    shown: str
    spoke_of: int
    practices: Sequence[str]
    patients: Sequence[UUID]
    reason: str | None


class WantedLooks(NamedTuple):
    """Which looks are asked for; None narrows nothing. `patients`: at any of these, who are known at
    the practices `known_at`, so at all that such a practice has and at everybody too.
    """

    practices: Collection[str] | None = None
    who: str | None = None
    shown: str | None = None
    patients: Collection[UUID] | None = None
    known_at: Collection[str] = ()


_APPEND = "SELECT log.append_looks(CAST(%(looks)s AS jsonb))"


def append_looks(connection: Connection, looks: Sequence[NewLook]) -> None:
    """Append looks, all of them or none, in the caller's transaction."""
    told = json.dumps([look._asdict() for look in looks])
    connection.exec_driver_sql(_APPEND, {"looks": told})


class LooksTogether:
    """Keeps the looks of many callers with one commit; close it, and what waits is still kept."""

    def __init__(self, engine: Engine) -> None:
        """Start keeping."""
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        # Kept for whoever's turn it is: to borrow one each time takes as long as to append.
        self._connection: Connection | None = None
        self._together: Together[Sequence[NewLook], None] = Together(self._kept, name="looks")

    def append(self, looks: Sequence[NewLook]) -> None:
        """Keep these looks durably before returning."""
        self._together.ask(looks)

    def close(self) -> None:
        """Keep what waits, then stop."""
        self._together.close()
        self._let_go()

    def __enter__(self) -> Self:
        """Keep looks for the length of a block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _kept(self, batch: Sequence[Sequence[NewLook]]) -> list[BaseException | None]:
        try:
            self._append([look for looks in batch for look in looks])
        except DBAPIError as error:
            if len(batch) == 1 or error.connection_invalidated:
                raise
            # One that cannot be kept keeps out nobody else's.
            return [self._outcome(looks) for looks in batch]
        return [None] * len(batch)

    def _outcome(self, looks: Sequence[NewLook]) -> BaseException | None:
        try:
            self._append(looks)
        except DBAPIError as error:
            return error
        return None

    def _append(self, looks: Sequence[NewLook]) -> None:
        try:
            append_looks(self._own(), looks)
        except DBAPIError as error:
            # What is connected again would be so without committing by itself.
            self._let_go()
            if not error.connection_invalidated:
                raise
            # If it was lost after the commit they are kept twice, which wrongs nobody.
            append_looks(self._own(), looks)

    def _own(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def found_looks(
    connection: Connection, wanted: WantedLooks, *, limit: int, offset: int = 0
) -> list[KeptLook]:
    """The looks that are wanted, the newest first."""
    columns = [table.c[name] for name in KeptLook._fields]
    query = select(*columns).order_by(table.c.position.desc()).limit(limit).offset(offset)
    at_all = table.c.patients == []
    at_everybody = at_all & (table.c.practices == [])
    if wanted.practices is not None:
        at_theirs = table.c.practices.overlap(sorted(wanted.practices))
        query = query.where(or_(at_theirs, at_everybody))
    if wanted.patients is not None:
        at_them = table.c.patients.overlap(sorted(wanted.patients))
        where_they_are = at_all & table.c.practices.overlap(sorted(wanted.known_at))
        in_long = and_(text(NOT_FEW_PATIENTS), or_(at_them, where_they_are, at_everybody))
        query = query.where(or_(and_(text(FEW_PATIENTS), at_them), in_long))
    if wanted.who is not None:
        query = query.where(table.c.who == wanted.who)
    if wanted.shown is not None:
        query = query.where(table.c.shown == wanted.shown)
    return [KeptLook(*row) for row in connection.execute(query)]
