"""A practice's sharing settings: what they are, what they were on any day, and who changed them."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Boolean, Column, Connection, DateTime, String, Table, select

from ledger.domain.entries import Setting
from ledger.domain.practices import Agreement, Change, Practice, evolve
from ledger.domain.streams import practice_of
from ledger.store.bulk import among
from ledger.store.projection import Batch, Projection, Write, metadata, nothing, upsert

changes = Table(
    "sharing_changes",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("practice", String, nullable=False, index=True),
    Column("setting", String, nullable=False),
    Column("value", String, nullable=False),
    Column("organisation", String),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("by", String, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("reason_given", Boolean),
)
agreements = Table(
    "sharing_agreements",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("practice", String, nullable=False, index=True),
    Column("activated", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("modified_at", DateTime(timezone=True)),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)


def _apply(batch: Batch, _before: None) -> list[Write]:
    changed = []
    agreed = []
    for kept in batch.events:
        practice = practice_of(kept.stream)
        if practice is None:
            continue
        # What one event tells is the domain's to say: fold it alone.
        told = evolve(Practice(), kept)
        changed += [{"practice": practice, **change._asdict()} for change in told.changes]
        agreed += [{"practice": practice, **agreement._asdict()} for agreement in told.agreements]
    return [*upsert(changes, changed), *upsert(agreements, agreed)]


SHARING_STATE = Projection("sharing_state", (changes, agreements), nothing, _apply)


def changes_of(
    connection: Connection,
    settings: Collection[Setting],
    *,
    practice: str | None = None,
    known_at: int | None = None,
) -> dict[str, list[Change]]:
    """The changes of these settings that each practice made, known by then, in the order of its days."""
    query = (
        select(changes)
        .where(changes.c.setting.in_(settings))
        .order_by(changes.c.practice, changes.c.changed_at, changes.c.position)
    )
    if practice is not None:
        query = query.where(changes.c.practice == practice)
    if known_at is not None:
        query = query.where(changes.c.position <= known_at)
    by_practice: dict[str, list[Change]] = {}
    for row in connection.execute(query):
        by_practice.setdefault(row.practice, []).append(_change(row))
    return by_practice


def practices_of_sharing(
    connection: Connection,
    *,
    practices: Collection[str] | None = None,
    known_at: int,
) -> dict[str, Practice]:
    """What was known at a position of the sharing of these practices, or of all, by code."""
    told: dict[str, Practice] = {}
    for table in (changes, agreements):
        query = select(table).where(table.c.position <= known_at).order_by(table.c.position)
        if practices is not None:
            query = query.where(among(table.c.practice, practices))
        for row in connection.execute(query):
            one = told.get(row.practice, Practice())
            if table is changes:
                told[row.practice] = replace(one, changes=(*one.changes, _change(row)))
            else:
                agreement = Agreement(*(getattr(row, name) for name in Agreement._fields))
                told[row.practice] = replace(one, agreements=(*one.agreements, agreement))
    return told


class SharingState(NamedTuple):
    """A practice's sharing state on a day; a setting that was never set is None."""

    practice: str
    on: date
    auto_share_out: Change | None
    auto_share_in: Change | None
    share_in_rule: Change | None
    allowed: tuple[str, ...]
    prohibited: tuple[str, ...]
    agreement: Agreement | None
    history: tuple[Change, ...]


def sharing(connection: Connection, practice: str, *, on: date, known_at: int) -> SharingState:
    """The sharing state at the end of the day `on`, as known at the position `known_at`."""
    rows = connection.execute(
        select(changes)
        .where(changes.c.practice == practice, changes.c.position <= known_at)
        .order_by(changes.c.changed_at, changes.c.position)
    )
    history = tuple(map(_change, rows))
    agreement = connection.execute(
        select(*(agreements.c[name] for name in Agreement._fields))
        .where(agreements.c.practice == practice, agreements.c.position <= known_at)
        .order_by(agreements.c.position.desc())
        .limit(1)
    ).one_or_none()
    state = Practice(changes=history)
    return SharingState(
        practice=practice,
        on=on,
        auto_share_out=state.setting_on(Setting.AUTO_SHARE_OUT, on),
        auto_share_in=state.setting_on(Setting.AUTO_SHARE_IN, on),
        share_in_rule=state.setting_on(Setting.SHARE_IN_RULE, on),
        allowed=state.listed_on(Setting.ALLOWED, on),
        prohibited=state.listed_on(Setting.PROHIBITED, on),
        agreement=None if agreement is None else Agreement(*agreement),
        history=history,
    )


def _change(row: Any) -> Change:
    return Change(
        Setting(row.setting),
        row.value,
        row.organisation,
        row.changed_at,
        row.by,
        row.position,
        row.recorded_at,
        row.reason_given,
    )
