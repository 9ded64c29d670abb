"""What is overdue, at which practices, and whose it is to do: for NHS Digital and for a region."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from ledger.application.records import ActionCountRecord, ActionRecord
from ledger.domain.clinical_systems import Supplier
from ledger.domain.rule import Owner
from ledger.web import actions
from ledger.web.lists import FIRST_PAGE, PER_PAGE, leaf
from ledger.web.sheets import sheet
from ledger.web.visit import Visit, Visitor

router = APIRouter()


class Asked(BaseModel):
    """Which part of the list is asked for; an empty word narrows nothing."""

    state: str = Field(default="overdue", max_length=20)
    owner: str = Field(default="", max_length=20)
    supplier: str = Field(default="", max_length=20)
    commissioner: str = Field(default="", max_length=10)


class AskedPage(Asked):
    """Which page of it, and which action was just marked as done."""

    page: int = FIRST_PAGE
    done: str = Field(default="", max_length=100)


@router.get("/actions", name="all_actions")
def all_actions(visit: Visitor, asked: Annotated[AskedPage, Query()]) -> Response:
    """Whose actions are waiting, counted by practice and owner, and the actions, oldest first."""
    return visit.page(
        "all_actions.html",
        leaf=leaf(_found(visit, asked), asked.page),
        counts=_counted(visit, asked),
        done=visit.ledger.action(asked.done, when=visit.when, by=visit.caller)
        if asked.done
        else None,
        asked=asked.model_dump(include=set(Asked.model_fields)),
        owners=tuple(Owner),
        suppliers=tuple(Supplier),
        shown=PER_PAGE,
    )


@router.get("/actions.csv", name="all_actions_sheet")
def all_actions_sheet(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """The same list as a spreadsheet, whole."""
    header = tuple(ActionRecord.model_fields)
    return sheet("actions.csv", header, map(actions.row, _found(visit, asked)))


@router.get("/action-counts.csv", name="action_counts_sheet")
def action_counts_sheet(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """The counts as a spreadsheet, whole."""
    header = tuple(ActionCountRecord.model_fields)
    rows = ([getattr(count, name) for name in header] for count in _counted(visit, asked))
    return sheet("action_counts.csv", header, rows)


def _found(visit: Visit, asked: Asked) -> list[ActionRecord]:
    return visit.ledger.actions(
        state=asked.state,
        owner=asked.owner or None,
        supplier=asked.supplier or None,
        commissioner=asked.commissioner or None,
        when=visit.when,
        by=visit.caller,
    )


def _counted(visit: Visit, asked: Asked) -> list[ActionCountRecord]:
    return visit.ledger.action_counts(
        owner=asked.owner or None,
        supplier=asked.supplier or None,
        commissioner=asked.commissioner or None,
        when=visit.when,
        by=visit.caller,
    )
