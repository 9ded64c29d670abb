"""What does a practice have to do, and how does it say that something is done?

What is asked of NHS Digital or of a supplier about a supplier stands on no practice's list: such an
action has a page of its own, and an auditor says that it is done.
"""

from collections.abc import Iterable
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Response
from pydantic import BaseModel, Field

from ledger.application.records import ActionRecord
from ledger.domain.refusals import NotAFact, UnknownThing
from ledger.web.lists import FIRST_PAGE, leaf
from ledger.web.practices import Ods
from ledger.web.sheets import sheet
from ledger.web.visit import Visit, Visitor

router = APIRouter()
_LONGEST_NOTE = 2000

ActionId = Annotated[str, Path(max_length=100)]


class Asked(BaseModel):
    """Which part of the list is asked for."""

    state: str = Field(default="open", max_length=20)
    owner: str = Field(default="", max_length=20)
    rule: str = Field(default="", max_length=10)


class AskedPage(Asked):
    """Which page of it, and which action was just marked as done."""

    page: int = FIRST_PAGE
    done: str = Field(default="", max_length=100)


@router.get("/practices/{ods}/actions", name="actions")
def actions(visit: Visitor, ods: Ods, asked: Annotated[AskedPage, Query()]) -> Response:
    """The list, with what was just marked as done on top."""
    practice = visit.practice(ods)
    return visit.page(
        "actions.html",
        practice=practice,
        leaf=leaf(_found(visit, ods, asked), asked.page),
        rules=_rules(_found(visit, ods, Asked(state="all"))),
        done=one(visit, ods, asked.done) if asked.done else None,
        asked=asked.model_dump(include=set(Asked.model_fields)),
    )


@router.get("/practices/{ods}/actions.csv", name="actions_sheet")
def actions_sheet(visit: Visitor, ods: Ods, asked: Annotated[Asked, Query()]) -> Response:
    """The same list as a spreadsheet, whole."""
    header = tuple(ActionRecord.model_fields)
    return sheet(f"actions_{ods}.csv", header, map(row, _found(visit, ods, asked)))


@router.get("/practices/{ods}/actions/{action}", name="action")
def action(visit: Visitor, ods: Ods, action: ActionId) -> Response:
    """One action, with the form to say that it is done."""
    return _form(visit, ods, action)


@router.post("/practices/{ods}/actions/{action}", name="action_taken")
def action_taken(
    visit: Visitor, ods: Ods, action: ActionId, note: Annotated[str, Form()] = ""
) -> Response:
    """Somebody says that an action is done, and how."""
    return _take(visit, ods, action, note) or visit.go("actions", {"done": action}, ods=ods)


@router.get("/actions/{action}", name="supplier_action")
def supplier_action(visit: Visitor, action: ActionId) -> Response:
    """One action about a supplier, with the form to say that it is done: for auditors."""
    return _form(visit, None, action)


@router.post("/actions/{action}", name="supplier_action_taken")
def supplier_action_taken(
    visit: Visitor, action: ActionId, note: Annotated[str, Form()] = ""
) -> Response:
    """An auditor says that what was asked of NHS Digital or of a supplier is done."""
    return _take(visit, None, action, note) or visit.go("all_actions", {"done": action})


def _take(visit: Visit, ods: str | None, action: str, note: str) -> Response | None:
    """The form again, where what was said cannot be kept; None: it was."""
    wrong = _wrong_with(note)
    if wrong is None:
        try:
            visit.ledger.take_action(ods, action, note=note.strip(), by=visit.caller)
        except NotAFact as refusal:
            wrong = str(refusal)
    if wrong is None:
        return None
    return _form(visit, ods, action, note=note, error=wrong, status_code=422)


def _wrong_with(note: str) -> str | None:
    if not note.strip():
        return "Say what was done, by whom and when"
    if len(note) > _LONGEST_NOTE:
        return f"Use {_LONGEST_NOTE:,} characters or fewer"
    return None


def _form(
    visit: Visit,
    ods: str | None,
    action: str,
    *,
    note: str = "",
    error: str | None = None,
    status_code: int = 200,
) -> Response:
    return visit.page(
        "action.html",
        status_code=status_code,
        practice=None if ods is None else visit.practice(ods),
        action=one(visit, ods, action),
        note=note,
        error=error,
        longest=_LONGEST_NOTE,
    )


def _found(visit: Visit, ods: str, asked: Asked) -> list[ActionRecord]:
    return visit.ledger.actions(
        practice=ods,
        state=asked.state,
        owner=asked.owner or None,
        rule=asked.rule or None,
        when=visit.when,
        by=visit.caller,
    )


def one(visit: Visit, ods: str | None, action: str) -> ActionRecord:
    """The action on this practice's list; `ods` None: of those about suppliers."""
    record = visit.ledger.action(action, when=visit.when, by=visit.caller)
    if record.practice != ods:
        raise UnknownThing("there is no such action in this list")
    return record


def _rules(records: Iterable[ActionRecord]) -> list[str]:
    return sorted({record.rule for record in records if record.rule is not None})


def row(record: ActionRecord) -> list[object]:
    """An action as a line of a spreadsheet."""
    advice = " | ".join(f"{a.text} ({a.source})" for a in record.advice)
    told = record.model_dump() | {"advice": advice}
    return [told[name] for name in ActionRecord.model_fields]
