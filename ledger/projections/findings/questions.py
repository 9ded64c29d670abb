"""What can be asked of findings and of the actions they lead to."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Select, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.domain.objections import practice_day
from ledger.domain.rule import Severity
from ledger.projections.findings.book import CLOSED, DISMISSED, OPEN
from ledger.projections.findings.tables import actions, actions_taken, findings, systems

_SEVERITY_ORDER = case(
    {severity.value: rank for rank, severity in enumerate(Severity)}, value=findings.c.severity
)


class FoundFinding(NamedTuple):
    """A finding, with the patient's random id; whoever may see the number asks for it."""

    id: str
    rule: str
    severity: str
    scope: str
    practice: str | None
    supplier: str | None
    purpose: str | None
    patient: UUID | None
    state: str
    since: date
    found_at: datetime
    closed_at: datetime | None
    positions: tuple[int, ...]
    summary: str
    expected: str
    upheld_meanwhile: bool | None
    thresholds: str


class AskedAction(NamedTuple):
    """An action a finding led to, what became of the finding, and whether somebody took it."""

    id: str
    practice: str | None
    owner: str
    due: date | None
    rule: str
    finding: str
    title: str
    advice: tuple[tuple[str, str], ...]
    finding_state: str
    found_at: datetime
    closed_at: datetime | None
    closed_position: int | None
    supplier: str | None
    taken_at: datetime | None
    taken_by: str | None
    note: str | None


class TakenAction(NamedTuple):
    """An action somebody says they took."""

    action: str
    taken_at: datetime
    taken_by: str
    note: str


def found(
    connection: Connection,
    *,
    practice: str | None = None,
    rule: str | None = None,
    supplier: str | None = None,
    suppliers_practices: Sequence[str] | None = None,
    state: str = OPEN,
    severity: str | None = None,
    finding: str | None = None,
    at_position: int | None = None,
    limit: int = 1_000,
    offset: int = 0,
) -> list[FoundFinding]:
    """Findings, gravest first, then by the day they have been true since.

    `at_position`: as they stood when the log ended there. `suppliers_practices` adds, to a
    supplier's own findings, those of the practices that use its system.
    """
    f = findings.c
    query = select(findings)
    if practice is not None:
        query = query.where(f.practice == practice)
    if rule is not None:
        query = query.where(f.rule == rule)
    if supplier is not None:
        query = query.where(
            or_(f.supplier == supplier, f.practice.in_(list(suppliers_practices or ())))
        )
    if severity is not None:
        query = query.where(f.severity == severity)
    if finding is not None:
        query = query.where(f.id == finding)
    query = _in_state(query, state, at_position)
    query = query.order_by(_SEVERITY_ORDER, f.since, f.rule, f.id).limit(limit).offset(offset)
    return [_finding(row, at_position) for row in connection.execute(query).mappings()]


def keys_of(connection: Connection, rule: str) -> set[tuple[str | None, str]]:
    """The supplier and key of everything that this rule ever found, dismissals apart: what it was
    found of goes on having been so when it has been made good.
    """
    f = findings.c
    rows = connection.execute(select(f.supplier, f.key).where(f.rule == rule, f.state != DISMISSED))
    return {(row.supplier, row.key) for row in rows}


def breaches() -> Select[Any]:
    """Every practice's finding that is a breach and has not closed, and whether it is `open`, for
    whoever compares them with what was told.
    """
    f = findings.c
    told = (f.id, f.practice, f.rule, f.severity, f.since, f.found_at)
    return select(*told, (f.state == OPEN).label("open")).where(
        f.severity == Severity.BREACH.value, f.practice.is_not(None), f.state != CLOSED
    )


def counted(
    connection: Connection,
    *,
    practice: str | None = None,
    rule: str | None = None,
    state: str = OPEN,
) -> dict[str, int]:
    """How many findings there are, by severity, gravest first."""
    f = findings.c
    query = _in_state(select(f.severity, func.count()).group_by(f.severity), state, None)
    if practice is not None:
        query = query.where(f.practice == practice)
    if rule is not None:
        query = query.where(f.rule == rule)
    return _by_severity({row[0]: row[1] for row in connection.execute(query)})


def counted_by_practice(connection: Connection) -> dict[str, dict[str, int]]:
    """How many findings are open at each practice that has any, by severity, gravest first."""
    f = findings.c
    counts: dict[str, dict[str, int]] = {}
    for practice, severity, count in connection.execute(
        select(f.practice, f.severity, func.count())
        .where(f.state == OPEN, f.practice.is_not(None))
        .group_by(f.practice, f.severity)
        .order_by(f.practice)
    ):
        counts.setdefault(practice, {})[severity] = count
    return {practice: _by_severity(found) for practice, found in counts.items()}


def _by_severity(counts: Mapping[str, int]) -> dict[str, int]:
    return {severity.value: counts.get(severity.value, 0) for severity in Severity}


def asked_actions(
    connection: Connection,
    *,
    practice: str | None = None,
    owner: str | None = None,
    rule: str | None = None,
    finding: str | None = None,
    action: str | None = None,
) -> list[AskedAction]:
    """The actions findings led to, by due day; those of dismissed findings are left out."""
    latest = (
        select(actions_taken)
        .ext(distinct_on(actions_taken.c.action))
        .order_by(actions_taken.c.action, actions_taken.c.position.desc())
        .subquery()
    )
    query = (
        select(
            *(
                actions.c[name]
                for name in (
                    "id",
                    "practice",
                    "owner",
                    "due",
                    "rule",
                    "finding",
                    "title",
                    "advice",
                )
            ),
            findings.c.state.label("finding_state"),
            findings.c.found_at,
            findings.c.closed_at,
            findings.c.closed_position,
            findings.c.supplier,
            latest.c.taken_at,
            latest.c.taken_by,
            latest.c.note,
        )
        .join(findings, findings.c.id == actions.c.finding)
        .outerjoin(latest, latest.c.action == actions.c.id)
        .where(findings.c.state != DISMISSED)
        .order_by(actions.c.due.nulls_last(), actions.c.rule, actions.c.id)
    )
    for column, value in (
        (actions.c.practice, practice),
        (actions.c.owner, owner),
        (actions.c.rule, rule),
        (actions.c.finding, finding),
        (actions.c.id, action),
    ):
        if value is not None:
            query = query.where(column == value)
    return [
        AskedAction(
            **{
                **row,
                "advice": tuple((advice["text"], advice["source"]) for advice in row["advice"]),
            }
        )
        for row in connection.execute(query).mappings()
    ]


def taken(connection: Connection, *, practice: str | None = None) -> list[TakenAction]:
    """What practices say they did, oldest first: standing actions among it."""
    query = select(
        actions_taken.c.action,
        actions_taken.c.taken_at,
        actions_taken.c.taken_by,
        actions_taken.c.note,
    ).order_by(actions_taken.c.position)
    if practice is not None:
        query = query.where(actions_taken.c.practice == practice)
    return [TakenAction(*row) for row in connection.execute(query)]


def heard_since(
    connection: Connection, *, practice: str | None = None
) -> dict[tuple[str, str], date]:
    """The day the ledger first knew that a practice uses a clinical system, by both."""
    s = systems.c
    query = select(s.practice, s.clinical_system, func.min(s.recorded_at)).group_by(
        s.practice, s.clinical_system
    )
    if practice is not None:
        query = query.where(s.practice == practice)
    return {(row[0], row[1]): practice_day(row[2]) for row in connection.execute(query)}


def true_since(
    connection: Connection, rules: Collection[str], *, practice: str | None = None
) -> dict[tuple[str, str], date]:
    """Since which day each of these rules was ever true of a practice, by both."""
    f = findings.c
    query = (
        select(f.practice, f.rule, func.min(f.since))
        .where(f.rule.in_(rules), f.practice.is_not(None))
        .group_by(f.practice, f.rule)
    )
    if practice is not None:
        query = query.where(f.practice == practice)
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _in_state(query: Select[Any], state: str, at_position: int | None) -> Select[Any]:
    f = findings.c
    if at_position is not None:
        query = query.where(f.found_position <= at_position)
        not_closed = or_(f.closed_position.is_(None), f.closed_position > at_position)
        not_dismissed = func.width_bucket(at_position, f.turns) % 2 == 0
        if state == OPEN:
            return query.where(not_closed, not_dismissed)
        if state == CLOSED:
            return query.where(~not_closed, not_dismissed)
        if state == DISMISSED:
            return query.where(~not_dismissed)
        return query
    return query if state == "all" else query.where(f.state == state)


def _finding(row: Any, at_position: int | None) -> FoundFinding:
    told = {name: row[name] for name in FoundFinding._fields}
    told["positions"] = tuple(row["positions"])
    if at_position is not None:
        told["state"] = _state_at(row, at_position)
        if row["closed_position"] is not None and row["closed_position"] > at_position:
            told["closed_at"] = None
    return FoundFinding(**told)


def _state_at(row: Any, position: int) -> str:
    """The state at a position; a finding closed and found again since is taken to have been open."""
    if sum(turn <= position for turn in row["turns"]) % 2:
        return DISMISSED
    if row["closed_position"] is not None and row["closed_position"] <= position:
        return CLOSED
    return OPEN
