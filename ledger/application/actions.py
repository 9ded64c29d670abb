"""One list of actions a practice: those its findings ask for, and those every controller owes."""

from collections.abc import Iterable
from datetime import date

from ledger.application.records import ActionRecord, AdviceRecord
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.rule import Owner, StandingAction
from ledger.domain.standing_actions import applying_to
from ledger.projections.findings import AskedAction, TakenAction

OPEN, TAKEN, OVERDUE, NOT_NEEDED = "open", "taken", "overdue", "not-needed"


def from_findings(asked: Iterable[AskedAction], *, today: date) -> list[ActionRecord]:
    """What findings ask for, as records."""
    return [
        ActionRecord(
            id=action.id,
            practice=action.practice,
            owner=action.owner,
            due=action.due,
            state=_state(
                action.due,
                taken=action.taken_at is not None,
                needed=action.finding_state == "open",
                today=today,
            ),
            rule=action.rule,
            standing=None,
            finding=action.finding,
            title=action.title,
            advice=[AdviceRecord(text=text, source=source) for text, source in action.advice],
            taken_at=action.taken_at,
            taken_by=action.taken_by,
            note=action.note,
        )
        for action in asked
    ]


def standing(
    practice: str,
    system: ClinicalSystem | None,
    taken: Iterable[TakenAction],
    *,
    has_closed: bool,
    today: date,
) -> list[ActionRecord]:
    """What a controller owes besides, given the system the practice uses; a closed one nothing."""
    by_action = {action.action: action for action in taken}
    records = []
    for action in applying_to(system):
        id_, due = _turn(action, practice, today)
        done = by_action.get(id_)
        records.append(
            ActionRecord(
                id=id_,
                practice=practice,
                owner=Owner.PRACTICE.value,
                due=due,
                state=_state(due, taken=done is not None, needed=not has_closed, today=today),
                rule=None,
                standing=action.code,
                finding=None,
                title=action.title,
                advice=[AdviceRecord(text=a.text, source=a.source) for a in action.advice],
                taken_at=done.taken_at if done else None,
                taken_by=done.taken_by if done else None,
                note=done.note if done else None,
            )
        )
    return records


def in_order(records: Iterable[ActionRecord]) -> list[ActionRecord]:
    """What is to be done first comes first: overdue, then by due day; what is done comes last."""
    rank = {OVERDUE: 0, OPEN: 1, TAKEN: 2, NOT_NEEDED: 3}
    return sorted(records, key=lambda a: (rank[a.state], a.due or date.max, a.title, a.id))


def _state(due: date | None, *, taken: bool, needed: bool, today: date) -> str:
    if taken:
        return TAKEN
    if not needed:
        return NOT_NEEDED
    return OVERDUE if due is not None and due < today else OPEN


def _turn(action: StandingAction, practice: str, today: date) -> tuple[str, date | None]:
    """The id and due day of an action; one that recurs has an id for each turn, due at its end."""
    if action.every_months is None:
        return f"{action.code}-{practice}", action.due_on
    first = (today.month - 1) // action.every_months * action.every_months
    months = today.year * 12 + first + action.every_months
    end = date.fromordinal(date(months // 12, months % 12 + 1, 1).toordinal() - 1)
    if action.due_on is not None:
        end = max(end, action.due_on)
    return f"{action.code}-{practice}-{end:%Y-%m}", end
