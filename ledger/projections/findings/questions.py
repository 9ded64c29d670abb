"""What can be asked of findings and of the actions they lead to."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Select, case, func, or_, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from ledger.domain.objections import practice_day
from ledger.domain.rule import Severity
from ledger.projections.findings.book import CLOSED, DISMISSED, OPEN
from ledger.projections.findings.tables import actions, actions_taken, findings, systems
from ledger.store.bulk import among
from ledger.store.log import events_at

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
    true_on: date | None = None,
    limit: int = 1_000,
    offset: int = 0,
) -> list[FoundFinding]:
    """Findings, gravest first, then by the day they have been true since.

    `at_position`: as they stood when the log ended there; `true_on`: that were true on that day.
    `suppliers_practices` adds, to a supplier's own findings, those of the practices that use its
    system.
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
    if true_on is not None:
        query = query.where(f.since <= true_on)
    query = _in_state(query, state, at_position)
    query = query.order_by(_SEVERITY_ORDER, f.since, f.rule, f.id).limit(limit).offset(offset)
    rows: Sequence[Mapping[Any, Any]] = connection.execute(query).mappings().all()
    if at_position is not None:
        rows = _as_they_stood(connection, rows, at_position)
    return [_found_finding(row) for row in rows]


def _found_finding(row: Mapping[Any, Any]) -> FoundFinding:
    told = {name: row[name] for name in FoundFinding._fields}
    return FoundFinding(**{**told, "positions": tuple(row["positions"])})


class Moved(NamedTuple):
    """A finding that stood otherwise at two positions; None: it had not been found. `at` are the
    positions in between at which it was found, closed, dismissed or re-opened.
    """

    finding: FoundFinding
    before: str | None
    at: tuple[int, ...]


def moved(
    connection: Connection,
    *,
    after: int,
    upto: int,
    practices: Collection[str] | None = None,
    limit: int = 1_000_000,
) -> list[Moved]:
    """The findings that stood otherwise at the position `upto` than at `after`, gravest first."""
    f = findings.c
    both = [
        (func.width_bucket(after, of), func.width_bucket(upto, of)) for of in (f.moves, f.turns)
    ]
    query = (
        select(findings)
        .where(_found_by(upto), or_(*(was != is_ for was, is_ in both)))
        .order_by(_SEVERITY_ORDER, f.since, f.rule, f.id)
        .limit(limit)
    )
    if practices is not None:
        query = query.where(among(f.practice, practices))
    rows: Sequence[Mapping[Any, Any]] = connection.execute(query).mappings().all()
    found = []
    for row, was, is_ in zip(
        rows,
        _as_they_stood(connection, rows, after),
        _as_they_stood(connection, rows, upto),
        strict=True,
    ):
        before = was["state"] if row["moves"][0] <= after else None
        at = tuple(sorted(m for m in (*row["moves"], *row["turns"]) if after < m <= upto))
        if before != is_["state"]:
            found.append(Moved(_found_finding(is_), before, at))
    return found


def keys_of(
    connection: Connection, rule: str, *, at_position: int | None = None
) -> set[tuple[str | None, str]]:
    """The supplier and key of everything that this rule ever found, dismissals apart: what it was
    found of goes on having been so when it has been made good.
    """
    f = findings.c
    query = select(f.supplier, f.key).where(f.rule == rule)
    if at_position is None:
        query = query.where(f.state != DISMISSED)
    else:
        query = query.where(_found_by(at_position), _not_dismissed_at(at_position))
    return {(row.supplier, row.key) for row in connection.execute(query)}


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
    at_position: int | None = None,
    true_on: date | None = None,
) -> dict[str, int]:
    """How many findings there are, by severity, gravest first."""
    f = findings.c
    query = _in_state(select(f.severity, func.count()).group_by(f.severity), state, at_position)
    if true_on is not None:
        query = query.where(f.since <= true_on)
    if practice is not None:
        query = query.where(f.practice == practice)
    if rule is not None:
        query = query.where(f.rule == rule)
    return _by_severity({row[0]: row[1] for row in connection.execute(query)})


def counted_by_practice(
    connection: Connection, *, at_position: int | None = None
) -> dict[str, dict[str, int]]:
    """How many findings are open at each practice that has any, by severity, gravest first."""
    f = findings.c
    counts: dict[str, dict[str, int]] = {}
    query = (
        select(f.practice, f.severity, func.count())
        .where(f.practice.is_not(None))
        .group_by(f.practice, f.severity)
        .order_by(f.practice)
    )
    for practice, severity, count in connection.execute(_in_state(query, OPEN, at_position)):
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
    at_position: int | None = None,
) -> list[AskedAction]:
    """The actions findings led to, by due day; those of dismissed findings are left out.

    `at_position`: as they stood when the log ended there.
    """
    latest = (
        select(actions_taken)
        .where(_by(actions_taken.c.position, at_position))
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
            findings.c.state,
            findings.c.moves,
            findings.c.turns,
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
    if at_position is None:
        query = query.where(findings.c.state != DISMISSED)
    else:
        query = query.where(_found_by(at_position), _not_dismissed_at(at_position))
    rows: Sequence[Mapping[Any, Any]] = connection.execute(query).mappings().all()
    if at_position is not None:
        rows = _as_they_stood(connection, rows, at_position)
    return [
        AskedAction(
            **{
                **{name: row[name] for name in AskedAction._fields if name in row},
                "advice": tuple((advice["text"], advice["source"]) for advice in row["advice"]),
                "finding_state": row["state"],
            }
        )
        for row in rows
    ]


def taken(
    connection: Connection, *, practice: str | None = None, at_position: int | None = None
) -> list[TakenAction]:
    """What practices say they did, oldest first: standing actions among it."""
    query = select(
        actions_taken.c.action,
        actions_taken.c.taken_at,
        actions_taken.c.taken_by,
        actions_taken.c.note,
    ).where(_by(actions_taken.c.position, at_position))
    query = query.order_by(actions_taken.c.position)
    if practice is not None:
        query = query.where(actions_taken.c.practice == practice)
    return [TakenAction(*row) for row in connection.execute(query)]


def heard_since(
    connection: Connection, *, practice: str | None = None, at_position: int | None = None
) -> dict[tuple[str, str], date]:
    """The day the ledger first knew that a practice uses a clinical system, by both."""
    s = systems.c
    query = (
        select(s.practice, s.clinical_system, func.min(s.recorded_at))
        .where(_by(s.position, at_position))
        .group_by(s.practice, s.clinical_system)
    )
    if practice is not None:
        query = query.where(s.practice == practice)
    return {(row[0], row[1]): practice_day(row[2]) for row in connection.execute(query)}


def true_since(
    connection: Connection,
    rules: Collection[str],
    *,
    practice: str | None = None,
    at_position: int | None = None,
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
    if at_position is not None:
        query = query.where(_found_by(at_position))
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def _by(position: ColumnElement[int], at_position: int | None) -> ColumnElement[bool]:
    return true() if at_position is None else position <= at_position


def _found_by(at_position: int) -> ColumnElement[bool]:
    return findings.c.moves[1] <= at_position


def _not_dismissed_at(at_position: int) -> ColumnElement[bool]:
    return func.width_bucket(at_position, findings.c.turns) % 2 == 0


def _in_state(query: Select[Any], state: str, at_position: int | None) -> Select[Any]:
    f = findings.c
    if at_position is None:
        return query if state == "all" else query.where(f.state == state)
    query = query.where(_found_by(at_position))
    not_dismissed = _not_dismissed_at(at_position)
    is_open = func.width_bucket(at_position, f.moves) % 2 == 1
    match state:
        case "all":
            return query
        case "open":
            return query.where(is_open, not_dismissed)
        case "closed":
            return query.where(~is_open, not_dismissed)
        case _:
            return query.where(~not_dismissed)


def _as_they_stood(
    connection: Connection, rows: Iterable[Mapping[Any, Any]], position: int
) -> list[Mapping[Any, Any]]:
    """Rows of findings with the state they had when the log ended there, and when it began if they
    were closed.
    """
    stood = []
    for row in rows:
        moves = bisect_right(row["moves"], position)
        closed = row["moves"][moves - 1] if moves and moves % 2 == 0 else None
        state = CLOSED if closed else OPEN
        if bisect_right(row["turns"], position) % 2:
            state = DISMISSED
        stood.append({**row, "state": state, "closed_position": closed})
    # Of the newest closing the row has the time itself.
    known = {row["closed_position"]: row["closed_at"] for row in rows}
    earlier = {row["closed_position"] for row in stood} - known.keys() - {None}
    times = known | {kept.position: kept.recorded_at for kept in events_at(connection, earlier)}
    return [
        {**row, "closed_at": times[row["closed_position"]] if row["closed_position"] else None}
        for row in stood
    ]
