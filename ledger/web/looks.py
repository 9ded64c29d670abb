"""Who looked at patients? For auditors, and for a practice at its own."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response
from pydantic import BaseModel, Field

from ledger.application.records import LookRecord
from ledger.domain.looks import Shown
from ledger.domain.refusals import NotAFact, NotAllowed
from ledger.web.lists import FIRST_PAGE, PER_PAGE
from ledger.web.sheets import sheet
from ledger.web.visit import Visit, Visitor

router = APIRouter()
_MOST_IN_A_SHEET = 100_000
# More is no list to read.
_MOST_OF_ONE = 200


class Asked(BaseModel):
    """Which looks are asked for; an empty word narrows nothing."""

    practice: str = Field(default="", max_length=10)
    who: str = Field(default="", max_length=64)
    shown: str = Field(default="", max_length=20)


class AskedPage(Asked):
    """Which page of them."""

    page: int = FIRST_PAGE


@router.get("/looks", name="looks")
def looks(visit: Visitor, asked: Annotated[AskedPage, Query()]) -> Response:
    """The looks, the newest first."""
    first = (asked.page - 1) * PER_PAGE
    # One more than is shown tells whether there is another page: a long log is not counted.
    found = _found(visit, asked, limit=PER_PAGE + 1, offset=first)
    return _page(visit, asked, found[:PER_PAGE], more=len(found) > PER_PAGE)


@router.post("/looks", name="looks_at_one")
def looks_at_one(visit: Visitor, nhs_number: Annotated[str, Form()] = "") -> Response:
    """Who looked at one patient, by a number that stands in no address."""
    asked = AskedPage()
    try:
        found = visit.ledger.looks(nhs_number=nhs_number, limit=_MOST_OF_ONE, by=visit.caller)
    except (NotAFact, NotAllowed) as refusal:
        return _page(visit, asked, [], more=False, error=str(refusal), status_code=422)
    return _page(visit, asked, found, more=False, of_one=True)


@router.get("/looks.csv", name="looks_sheet")
def looks_sheet(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """The newest of them as a spreadsheet."""
    header = tuple(LookRecord.model_fields)
    found = _found(visit, asked, limit=_MOST_IN_A_SHEET, offset=0)
    told = (record.model_dump(mode="json") for record in found)
    rows = ([", ".join(v) if isinstance(v, list) else v for v in row.values()] for row in told)
    return sheet("looks.csv", header, rows)


def _found(visit: Visit, asked: Asked, *, limit: int, offset: int) -> list[LookRecord]:
    return visit.ledger.looks(
        practice=asked.practice.strip().upper() or None,
        who=asked.who.strip() or None,
        shown=asked.shown or None,
        limit=limit,
        offset=offset,
        by=visit.caller,
    )


def _page(
    visit: Visit,
    asked: AskedPage,
    found: list[LookRecord],
    *,
    more: bool,
    of_one: bool = False,
    error: str | None = None,
    status_code: int = 200,
) -> Response:
    return visit.page(
        "looks.html",
        status_code=status_code,
        looks=found,
        asked=asked.model_dump(exclude={"page"}),
        page=asked.page,
        more=more,
        of_one=of_one,
        error=error,
        sorts=tuple(Shown),
    )
