"""One list of actions a practice: those its findings ask for, and those every controller owes."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection

from ledger.application.records import ActionCountRecord, ActionRecord, AdviceRecord
from ledger.domain.callers import Caller, Role
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Route, Setting
from ledger.domain.objections import practice_day
from ledger.domain.practices import Practice
from ledger.domain.purposes import Purpose
from ledger.domain.rule import Owner, StandingAction
from ledger.domain.seen import EnteredInMonth, Facts, seen
from ledger.domain.standing_actions import STANDING_ACTIONS, applying_to
from ledger.domain.turns import Turn, turns
from ledger.domain.vocabularies import SNOMED_CT_FROM, month_entered
from ledger.domain.wording import in_words
from ledger.projections.deliveries import heard_until
from ledger.projections.findings import (
    AskedAction,
    TakenAction,
    heard_since,
    taken,
    true_since,
)
from ledger.projections.practices import PracticeLine
from ledger.projections.sharing_state import changes_of
from ledger.projections.statements import entries_standing
from ledger.projections.vocabularies import months_of_practices

OPEN, TAKEN, OVERDUE, MISSED, NOT_NEEDED = "open", "taken", "overdue", "missed", "not-needed"
_LISTS = (Setting.ALLOWED, Setting.PROHIBITED, Setting.SHARE_IN)
_RULES = frozenset(a.due_with for a in STANDING_ACTIONS if a.due_with is not None)


def must_take(action: ActionRecord, *, by: Caller) -> None:
    """Refuse whoever may not say that an action is taken.

    The practice answers for what is the practice's, itself or by a system it is paired with;
    NHS Digital's auditors for what is NHS Digital's, or a supplier's, who has nobody here.
    """
    if action.owner == Owner.PRACTICE:
        assert action.practice is not None, "what a practice has to do is asked of one"
        by.must_act_for(action.practice)
    else:
        by.must_be(Role.AUDITOR)


def from_findings(
    asked: Iterable[AskedAction], lines: Mapping[str, PracticeLine], *, today: date
) -> list[ActionRecord]:
    """What findings ask for, as records; `lines` tells of each practice what the register does."""
    return [_of_finding(action, lines.get(action.practice or ""), today) for action in asked]


def _of_finding(action: AskedAction, line: PracticeLine | None, today: date) -> ActionRecord:
    owed_from = practice_day(action.found_at)
    closed_on = None if action.closed_at is None else practice_day(action.closed_at)
    is_open = action.finding_state == OPEN
    state = OVERDUE if action.due is not None and action.due < today else OPEN
    if action.taken_at is not None:
        state = TAKEN
    elif not is_open:
        state = NOT_NEEDED
    ended = practice_day(action.taken_at) if action.taken_at else closed_on
    return ActionRecord(
        id=action.id,
        practice=action.practice,
        owner=action.owner,
        due=action.due,
        state=state,
        rule=action.rule,
        standing=None,
        finding=action.finding,
        title=action.title,
        advice=[AdviceRecord(text=text, source=source) for text, source in action.advice],
        taken_at=action.taken_at,
        taken_by=action.taken_by,
        note=action.note,
        owed_from=owed_from,
        days_open=_days(owed_from, ended or today),
        ledger_sees="the finding is still open"
        if closed_on is None
        else f"the finding closed by itself on {in_words(closed_on)}, at position "
        f"{action.closed_position:,}",
        seen_done=not is_open,
        supplier=action.supplier or _supplier(line),
        commissioner=None if line is None else line.commissioner,
    )


class Ledgers(NamedTuple):
    """What the ledger knows that bears on standing actions, of one practice or of all."""

    facts: Callable[[str], Facts]
    joined: Mapping[tuple[str, str], date]
    found: Mapping[tuple[str, str], date]
    said: Mapping[str, TakenAction]


def what_bears_on(
    connection: Connection, *, practice: str | None, known_at: int | None = None
) -> Ledgers:
    """Ask each read model once, however many practices there are; as known at a position."""
    changes = changes_of(connection, _LISTS, practice=practice, known_at=known_at)
    months = (
        months_of_practices(connection, since=SNOMED_CT_FROM, practice=practice)
        if known_at is None
        else _months_then(connection, practice=practice, known_at=known_at)
    )
    heard = heard_until(connection, practice=practice, known_at=known_at)

    def facts(code: str) -> Facts:
        return Facts(
            Practice(changes=tuple(changes.get(code, ()))),
            [
                EnteredInMonth(month, Purpose(purpose), entries, snomed_ct)
                for month, purpose, entries, snomed_ct in months.get(code, ())
            ],
            practice_day(heard[code]) if code in heard else None,
        )

    return Ledgers(
        facts,
        heard_since(connection, practice=practice, at_position=known_at),
        true_since(connection, _RULES, practice=practice, at_position=known_at),
        {one.action: one for one in taken(connection, practice=practice, at_position=known_at)},
    )


def _months_then(
    connection: Connection, *, practice: str | None, known_at: int
) -> dict[str, list[tuple[date, str, int, int]]]:
    """What `months_of_practices` would have told then: the read model keeps only what stands now."""
    entered: Counter[tuple[str, date, str]] = Counter()
    in_snomed_ct: Counter[tuple[str, date, str]] = Counter()
    for entry in entries_standing(connection, known_at=known_at, practice=practice):
        event = entry.event
        month = month_entered(event, entry.recorded_at)
        if month >= SNOMED_CT_FROM and event.route is not Route.GP2GP:
            key = (event.practice, month, event.purpose.value)
            entered[key] += 1
            in_snomed_ct[key] += event.code_system is CodeSystem.SNOMED_CT
    months: dict[str, list[tuple[date, str, int, int]]] = {}
    for key in sorted(entered):
        code, month, purpose = key
        months.setdefault(code, []).append((month, purpose, entered[key], in_snomed_ct[key]))
    return months


def standing(
    line: PracticeLine, known: Ledgers, *, today: date, with_past: bool
) -> Iterator[ActionRecord]:
    """What a controller owes besides, given the system the practice uses; a closed one nothing.

    `with_past` tells of the turns that are over, too.
    """
    joined = [day for (code, _), day in known.joined.items() if code == line.code]
    if line.clinical_system is not None:
        since = known.joined.get((line.code, line.clinical_system.value))
        joined = joined if since is None else [since]
    joined_on = min(joined, default=today)
    facts = known.facts(line.code)
    for action in applying_to(line.clinical_system):
        told = turns(action, joined_on=joined_on, today=today)
        found = known.found.get((line.code, action.due_with or ""))
        for turn in told if with_past else told[-1:]:
            owed = turn
            if found is not None and turn.due is not None:
                owed = turn._replace(due=max(turn.due, found))
            yield _of_turn(action, owed, line, facts, known.said, today=today)


def _of_turn(
    action: StandingAction,
    turn: Turn,
    line: PracticeLine,
    facts: Facts,
    said: Mapping[str, TakenAction],
    *,
    today: date,
) -> ActionRecord:
    id_ = "-".join(part for part in (action.code, line.code, turn.name) if part is not None)
    done = said.get(id_)
    sees = seen(action.code, facts, turn, today=today)
    return ActionRecord(
        id=id_,
        practice=line.code,
        owner=Owner.PRACTICE.value,
        due=turn.due,
        state=_state(
            turn,
            taken=done is not None,
            needed=not line.has_closed and not (sees is not None and sees.done),
            today=today,
        ),
        rule=None,
        standing=action.code,
        finding=None,
        title=action.title,
        advice=[AdviceRecord(text=a.text, source=a.source) for a in action.advice],
        taken_at=done.taken_at if done else None,
        taken_by=done.taken_by if done else None,
        note=done.note if done else None,
        owed_from=turn.owed_from,
        days_open=_days(turn.owed_from, practice_day(done.taken_at) if done else today),
        ledger_sees=sees.text if sees else None,
        seen_done=sees.done if sees else None,
        supplier=_supplier(line),
        commissioner=line.commissioner,
    )


def in_order(records: Iterable[ActionRecord]) -> list[ActionRecord]:
    """What is to be done first comes first: overdue, then by due day; what is done comes last."""
    rank = {OVERDUE: 0, OPEN: 1, MISSED: 2, TAKEN: 3, NOT_NEEDED: 4}
    return sorted(records, key=lambda a: (rank[a.state], a.due or date.max, a.title, a.id))


def counted(records: Iterable[ActionRecord]) -> list[ActionCountRecord]:
    """How much each owner has to do at each practice, who has most overdue first."""
    whose: dict[tuple[Any, ...], Counter[str]] = {}
    oldest: dict[tuple[Any, ...], date] = {}
    for record in records:
        key = (record.practice, record.supplier, record.commissioner, record.owner)
        whose.setdefault(key, Counter())[record.state] += 1
        if record.state == OVERDUE and record.due is not None:
            oldest[key] = min(oldest.get(key, record.due), record.due)
    counts = [
        ActionCountRecord(
            practice=practice,
            supplier=supplier,
            commissioner=commissioner,
            owner=owner,
            open=count[OPEN] + count[OVERDUE],
            overdue=count[OVERDUE],
            oldest_due=oldest.get((practice, supplier, commissioner, owner)),
        )
        for (practice, supplier, commissioner, owner), count in whose.items()
    ]
    return sorted(
        counts, key=lambda c: (-c.overdue, -c.open, c.practice or "", c.supplier or "", c.owner)
    )


def _state(turn: Turn, *, taken: bool, needed: bool, today: date) -> str:
    if taken:
        return TAKEN
    if not needed:
        return NOT_NEEDED
    if turn.due is None or turn.due >= today:
        return OPEN
    return OVERDUE if turn.name is None else MISSED


def _days(owed_from: date, until: date) -> int:
    return max(0, (until - owed_from).days)


def _supplier(line: PracticeLine | None) -> str | None:
    system = None if line is None else line.clinical_system
    return None if system is None else system.supplier.value
