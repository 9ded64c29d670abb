"""Who looked at whom? The log of looks: how a look gets into it, and how it is found again.

There is one way in, a SQL function under a lock of its own (`migrations/sql/0006/`), and nothing in
the log changes. Patients stand in it as their random ids. Whoever was asked about and has none
stands as a keyed hash of their number in the form of a UUID of version 8, which no random id has:
so the look is found again by the number, and destroying the key forgets all of them.
"""

import hmac
import json
from collections.abc import Collection, Sequence
from datetime import datetime
from types import TracebackType
from typing import NamedTuple, Self
from uuid import UUID

from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from ledger.store.keys import look_key
from ledger.store.tables import looks as table
from ledger.store.together import Together

_STRANGER = 8


class NewLook(NamedTuple):
    """What one request showed of the patients of the same practices."""

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
    """Which looks are asked for; None narrows nothing. `patients`: at any of these."""

    practices: Collection[str] | None = None
    who: str | None = None
    shown: str | None = None
    patients: Collection[UUID] | None = None


_APPEND = text("SELECT log.append_looks(CAST(:looks AS jsonb))")


def append_looks(connection: Connection, looks: Sequence[NewLook]) -> None:
    """Append looks, all of them or none, in the caller's transaction."""
    told = [
        {**look._asdict(), "patients": [str(patient) for patient in look.patients]}
        for look in looks
    ]
    connection.execute(_APPEND, {"looks": json.dumps(told)})


class LooksTogether:
    """Keeps the looks of many callers with one commit; close it, and what waits is still kept."""

    def __init__(self, engine: Engine) -> None:
        """Start keeping."""
        self._engine = engine
        self._together: Together[Sequence[NewLook], None] = Together(self._kept, name="looks")

    def append(self, looks: Sequence[NewLook]) -> None:
        """Keep these looks durably before returning."""
        self._together.ask(looks)

    def close(self) -> None:
        """Keep what waits, then stop."""
        self._together.close()

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
        with self._engine.connect() as connection:
            append_looks(connection.execution_options(isolation_level="AUTOCOMMIT"), looks)


def found_looks(
    connection: Connection, wanted: WantedLooks, *, limit: int, offset: int = 0
) -> list[KeptLook]:
    """The looks that are wanted, the newest first."""
    columns = [table.c[name] for name in KeptLook._fields]
    query = select(*columns).order_by(table.c.position.desc()).limit(limit).offset(offset)
    if wanted.practices is not None:
        query = query.where(table.c.practices.overlap(sorted(wanted.practices)))
    if wanted.patients is not None:
        query = query.where(table.c.patients.overlap(sorted(wanted.patients)))
    if wanted.who is not None:
        query = query.where(table.c.who == wanted.who)
    if wanted.shown is not None:
        query = query.where(table.c.shown == wanted.shown)
    return [KeptLook(*row) for row in connection.execute(query)]


def strangers(connection: Connection, numbers: Collection[str]) -> dict[str, UUID]:
    """What stands for NHS numbers that have no random id; the key is made at first use."""
    if not numbers:
        return {}
    key = look_key(connection)
    return {n: UUID(bytes=_version_8(hmac.digest(key, n.encode(), "sha256"))) for n in numbers}


def is_stranger(patient: UUID) -> bool:
    """Whether nobody had told the ledger of this patient when somebody looked."""
    return patient.version == _STRANGER


def _version_8(digest: bytes) -> bytes:
    """The first 122 bits of a digest as RFC 9562 has own UUIDs: version and variant set."""
    made = bytearray(digest[:16])
    made[6] = _STRANGER << 4 | made[6] & 0x0F
    made[8] = 0x80 | made[8] & 0x3F
    return bytes(made)
