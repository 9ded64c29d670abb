"""What left, when, for whom and for what, and what each release says that it relied on."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    Select,
    String,
    Table,
    Text,
    Uuid,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from ledger.domain.events import ExtractReleased
from ledger.domain.purposes import Purpose
from ledger.domain.releases import Release
from ledger.domain.streams import release_of
from ledger.store.projection import Batch, Projection, Write, metadata, nothing, topics_of

releases = Table(
    "releases",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("position", BigInteger, nullable=False, index=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("released_at", DateTime(timezone=True), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("purpose", String, nullable=False),
    Column("receipt", Text),
    Column("receipt_position", BigInteger),
    Column("relied_on", ARRAY(String), nullable=False),
    Column("max_age_days", Integer),
    Column("members", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("cohort", Text, nullable=False),
    Column("by", Text, nullable=False),
)


def _apply(batch: Batch, _before: None) -> list[Write]:
    statement = insert(releases)
    # What comes later of a release is its receipt, and nothing else.
    attached = {name: statement.excluded[name] for name in ("receipt", "receipt_position")}
    told = statement.on_conflict_do_update(index_elements=["id"], set_=attached)
    return [
        Write(
            told,
            [
                {
                    "id": release_of(kept.stream),
                    "position": kept.position,
                    "recorded_at": kept.recorded_at,
                    "released_at": event.released_at or kept.recorded_at,
                    "recipient": event.recipient,
                    "purpose": event.purpose.value,
                    "receipt": event.receipt,
                    "receipt_position": None if event.receipt is None else kept.position,
                    "relied_on": list(event.relied_on),
                    "max_age_days": event.max_age_days,
                    "members": event.members,
                    "refused": event.refused,
                    "cohort": event.cohort,
                    "by": event.by,
                }
            ],
        )
        for kept in batch.events
        if isinstance(event := kept.event, ExtractReleased)
    ]


RELEASES = Projection("releases", (releases,), nothing, _apply, topics=topics_of(ExtractReleased))


class ReleaseLine(NamedTuple):
    """One release as it stands: how many patients were in it, how many rows were no number."""

    id: UUID
    position: int
    recorded_at: datetime
    released_at: datetime
    recipient: str
    purpose: Purpose
    receipt: str | None
    receipt_position: int | None
    relied_on: Sequence[str]
    max_age_days: int | None
    members: int
    refused: int
    cohort: str
    by: str

    @property
    def release(self) -> Release:
        """The release as rules and exposures see it."""
        told = {name: getattr(self, name) for name in Release._fields}
        return Release(**{**told, "relied_on": tuple(self.relied_on)})


def listed(
    connection: Connection, *, told_by: str | None = None, limit: int, offset: int = 0
) -> list[ReleaseLine]:
    """The releases that `told_by` told of, or all; what left last comes first."""
    query = _query(*_narrowed(told_by)).order_by(
        releases.c.released_at.desc(), releases.c.position.desc()
    )
    return [_line(row) for row in connection.execute(query.limit(limit).offset(offset))]


def counted(connection: Connection, *, told_by: str | None = None) -> int:
    """How many releases there are of theirs, or of all."""
    query = select(func.count()).select_from(releases).where(*_narrowed(told_by))
    count: int = connection.execute(query).scalar_one()
    return count


def release(connection: Connection, id_: UUID) -> ReleaseLine | None:
    """One release."""
    row = connection.execute(_query(releases.c.id == id_)).one_or_none()
    return None if row is None else _line(row)


def _narrowed(told_by: str | None) -> list[ColumnElement[bool]]:
    return [] if told_by is None else [releases.c.by == told_by]


def _query(*where: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    return select(*(releases.c[name] for name in ReleaseLine._fields)).where(*where)


def _line(row: Sequence[object]) -> ReleaseLine:
    told = dict(zip(ReleaseLine._fields, row, strict=True))
    return ReleaseLine(**{**told, "purpose": Purpose(str(told["purpose"]))})  # type: ignore[arg-type]
