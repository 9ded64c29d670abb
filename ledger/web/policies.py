"""By which rules may be asked who objects, and how many does another rule answer differently?"""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from ledger.application.comparing import TwoPolicies
from ledger.application.records import PracticeDifferenceRecord
from ledger.domain.callers import Role
from ledger.domain.points import Point
from ledger.domain.policies import PRECEDENCE_1
from ledger.domain.purposes import Purpose
from ledger.web.lists import FIRST_PAGE, leaf
from ledger.web.sheets import sheet
from ledger.web.visit import Visitor

router = APIRouter()


class Compared(BaseModel):
    """Which two, of type 1, the one purpose that all of them answer for; `b` is empty where nothing
    is compared, `at` where today is meant.
    """

    a: str = PRECEDENCE_1.name
    b: str = ""
    at: date | Literal[""] = ""

    def two(self, known_at: Point | None) -> TwoPolicies:
        """What the ledger is asked."""
        return TwoPolicies(self.a, self.b, Purpose.TYPE_1, self.at or None, known_at)


class Asked(Compared):
    """And which part of the list of practices."""

    page: int = FIRST_PAGE


@router.get("/policies", name="policies")
def policies(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """Every policy in words, and two of them compared. For auditors."""
    visit.caller.must_be(Role.AUDITOR)
    told = (
        visit.ledger.compared(asked.two(visit.when.known_at), by=visit.caller) if asked.b else None
    )
    return visit.page(
        "policies.html",
        policies=visit.ledger.policies(at=asked.at or None, by=visit.caller),
        asked=asked,
        told=told,
        leaf=leaf(told.practices if told else [], asked.page),
    )


@router.get("/policies.csv", name="policies_sheet")
def policies_sheet(visit: Visitor, asked: Annotated[Compared, Query()]) -> Response:
    """The numbers of every practice as a spreadsheet; it names nobody."""
    told = visit.ledger.compared(asked.two(visit.when.known_at), by=visit.caller)
    header = tuple(PracticeDifferenceRecord.model_fields)
    rows = ([getattr(line, name) for name in header] for line in told.practices)
    return sheet("policies.csv", header, rows)
