"""Who was shown what of which patients? Auditors see all, a practice who looked at its patients."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field

from ledger.api import problems
from ledger.api.asking import MOST_ROWS, Asked, Asking, Page
from ledger.api.saying import Line, Number, PracticeCode, Said
from ledger.api.sheets import CsvText, sheet
from ledger.application import Seal
from ledger.application.records import LookRecord
from ledger.domain.looks import Shown

router = APIRouter(responses=problems.responses(401, 403, 422, 500, 503))
_MOST_IN_A_SHEET = 100_000


class WhoLooked(Said):
    """Which looks: at patients of one practice, by one person or program, of one sort."""

    practice: PracticeCode | None = None
    who: Line | None = None
    shown: Shown | None = None


class LooksPage(WhoLooked, Page):
    """The part of the list that is asked for."""


class LooksAtOne(WhoLooked):
    """The looks at one patient. Asking for them is a look as well."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"nhs_number": "9990000018"}]})

    nhs_number: Number
    limit: int = Field(default=MOST_ROWS, ge=1, le=MOST_ROWS)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class Looks(BaseModel):
    """Looks, the newest first, by positions of a log of their own."""

    looks: list[LookRecord]
    position: int


@router.get("/looks")
def looks(asked: Annotated[LooksPage, Query()], asking: Asked) -> Looks:
    """Who looked at whom, the newest first: for auditors, and for a controller at the patients of
    their own practices. Patients stand as random ids.
    """
    found = asking.ledger.looks(
        **asked.model_dump(exclude={"limit", "offset"}),
        limit=asked.limit + 1,
        offset=asked.offset,
        by=asking.by,
    )
    return _told(asking, asking.page(asked, found))


@router.post("/looks", responses=problems.responses(400, 413))
def looks_at_one(asked: LooksAtOne, asking: Asked) -> Looks:
    """Who looked at one patient. A controller may ask of their own patients."""
    return _told(asking, asking.ledger.looks(**asked.model_dump(), by=asking.by))


@router.get("/looks.csv", response_class=CsvText)
def looks_sheet(asked: Annotated[WhoLooked, Query()], asking: Asked) -> CsvText:
    """The newest hundred thousand as a spreadsheet."""
    found = asking.ledger.looks(**asked.model_dump(), limit=_MOST_IN_A_SHEET, by=asking.by)
    asking.request.state.position = asking.ledger.known().position
    asking.request.state.count = len(found)
    return sheet(LookRecord, found)


@router.get(
    "/looks/checkpoint", response_class=PlainTextResponse, responses=problems.responses(404)
)
def checkpoint(request: Request) -> PlainTextResponse:
    """The newest checkpoint of the log of looks, for anybody to keep: `ledger verify --held-looks`."""
    seal: Seal = request.app.state.seal
    return PlainTextResponse(seal.looks_checkpoint(), headers={"Cache-Control": "max-age=2"})


def _told(asking: Asking, found: list[LookRecord]) -> Looks:
    at = asking.ledger.known().position
    return asking.answer(Looks(looks=found, position=at), count=len(found))
