"""Who has what to do at every practice and about every supplier, and what of it is overdue?"""

from typing import Annotated

from fastapi import APIRouter, Query

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Page, Viewed
from ledger.api.practices import ActionAnswer, Actions, ActionsPage, Id, Taken
from ledger.api.saying import Line, PracticeCode
from ledger.application.records import ActionCountRecord
from ledger.domain.rule import Owner

reading = APIRouter(responses=problems.responses(400, 401, 403, 404, 422, 500, 503))
writing = APIRouter(responses=problems.responses(400, 401, 403, 404, 409, 413, 422, 500, 503))


class AllActionsPage(ActionsPage):
    """Which actions, of which practices; `supplier` goes by any name it is known by."""

    supplier: Line | None = None
    commissioner: PracticeCode | None = None


class CountsPage(Page, Viewed):
    """Whose actions are counted."""

    supplier: Line | None = None
    commissioner: PracticeCode | None = None
    owner: Owner | None = None


class Counts(Answer):
    """How much each owner has to do at each practice, who has most overdue first."""

    counts: list[ActionCountRecord]


@reading.get("/actions")
def all_actions(asked: Annotated[AllActionsPage, Query()], asking: Asked) -> Actions:
    """What anybody has to do, at any practice, the oldest overdue first. For auditors."""
    view = asking.view(asked, "findings")
    found = asking.ledger.actions(
        **asked.model_dump(exclude={"limit", "offset", *Viewed.model_fields}),
        when=asked.when,
        limit=asked.limit + 1,
        offset=asked.offset,
        by=asking.by,
    )
    rows = asking.page(asked, found)
    return asking.answer(Actions(actions=rows, **asking.seen(view)), count=len(rows))


@reading.get("/actions/counts")
def action_counts(asked: Annotated[CountsPage, Query()], asking: Asked) -> Counts:
    """How many actions are open and overdue, by practice and owner. For auditors."""
    view = asking.view(asked, "findings")
    found = asking.ledger.action_counts(
        **asked.model_dump(exclude={"limit", "offset", *Viewed.model_fields}),
        when=asked.when,
        by=asking.by,
    )
    rows = asking.page(asked, found[asked.offset : asked.offset + asked.limit + 1])
    return asking.answer(Counts(counts=rows, **asking.seen(view)), count=len(rows))


@writing.post("/actions/{action}")
def take_any_action(action: Id, taken: Taken, asking: Asked) -> ActionAnswer:
    """Say that an action is taken, whoever's list it stands on: what is asked of NHS Digital or of
    a supplier stands on no practice's. For whoever may do so there.
    """
    asked = asking.ledger.action(action, by=asking.by)
    told = asking.ledger.take_action(asked.practice, action, note=taken.note, by=asking.by)
    now = asking.as_of(asking.ledger.reached("findings"))
    return asking.answer(ActionAnswer(**dict(told), **now))
