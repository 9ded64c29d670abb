"""What would other thresholds find? Everybody is judged by them, and nothing of it is kept."""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Row, select

from ledger.domain.thresholds import Thresholds
from ledger.projections.findings import collected, patients, practices, suppliers, tables
from ledger.projections.findings.book import OPEN, Moment
from ledger.store.projection import Write


class Found(NamedTuple):
    """A finding as far as a comparison needs it."""

    rule: str
    practice: str | None
    supplier: str | None
    state: str
    severity: str


class Change(NamedTuple):
    """A finding that other thresholds open, close or judge otherwise; `before` and `after` are its
    severity while it is open, None while it is not.
    """

    rule: str
    practice: str | None
    supplier: str | None
    before: str | None
    after: str | None


def judge_everybody(
    connection: Connection, thresholds: Thresholds, moment: Moment
) -> Iterator[Write]:
    """Ask every rule about everybody by these thresholds."""
    everybody = set(connection.execute(select(tables.patients.c.patient)).scalars())
    yield from patients.judge(connection, everybody, moment, thresholds)
    heard = practices.heard_from(connection)
    yield from practices.judge(connection, dict.fromkeys(heard, moment), thresholds)
    others = dict.fromkeys(collected.practices(connection) - heard, moment)
    yield from practices.judge(connection, others, thresholds, rules=collected.RULES)
    yield from suppliers.count_everything(connection, thresholds)
    yield from suppliers.judge(connection, moment, thresholds)


def standing(connection: Connection) -> dict[str, Found]:
    """Every finding by its id."""
    f = tables.findings.c
    rows = connection.execute(
        select(f.id, f.rule, f.practice, f.supplier, f.state, f.severity).order_by(f.id)
    )
    return {row.id: _found(row) for row in rows}


def changes(before: dict[str, Found], after: dict[str, Found]) -> Iterator[Change]:
    """What has changed, by id."""
    for id_, now in after.items():
        was, is_ = _severity(before.get(id_)), _severity(now)
        if was != is_:
            yield Change(now.rule, now.practice, now.supplier, was, is_)


def _severity(found: Found | None) -> str | None:
    return found.severity if found is not None and found.state == OPEN else None


def _found(row: Row[str, str, str | None, str | None, str, str]) -> Found:
    return Found(*row[1:])
