"""What left, who was in it while objecting, and whose objections had not arrived?"""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from ledger.application.records import ExposedRecord
from ledger.domain.accounts import WINDOW_BEGINS, WINDOW_ENDS
from ledger.domain.clinical_systems import Supplier
from ledger.web.lists import FIRST_PAGE, PER_PAGE, Leaf, leaf
from ledger.web.sheets import sheet
from ledger.web.visit import Visitor

router = APIRouter()


class Asked(BaseModel):
    """Which part of the list is asked for."""

    page: int = FIRST_PAGE


class Window(BaseModel):
    """Between which days, of which supplier."""

    begin: date = WINDOW_BEGINS
    end: date = WINDOW_ENDS
    # The form sends an empty one where all are meant.
    supplier: Supplier | Literal[""] = ""


@router.get("/releases", name="releases")
def releases(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """The releases, what left last first. For auditors."""
    total = visit.ledger.counted_releases(by=visit.caller)
    records = visit.ledger.releases(
        limit=PER_PAGE, offset=(asked.page - 1) * PER_PAGE, by=visit.caller
    )
    return visit.page("releases.html", leaf=Leaf(records, asked.page, total))


@router.get("/releases/{release}", name="release")
def release(visit: Visitor, release: UUID, asked: Annotated[Asked, Query()]) -> Response:
    """One release: who was in it while objecting, how many and through whose failure."""
    found = visit.ledger.exposure(release, by=visit.caller)
    told = visit.ledger.released(release, by=visit.caller)
    patients = leaf(found.patients or [], asked.page)
    return visit.page("release.html", release=told, exposure=found, leaf=patients)


@router.get("/releases/{release}/exposed.csv", name="exposed_sheet")
def exposed_sheet(visit: Visitor, release: UUID) -> Response:
    """Everybody who was released while objecting, as a spreadsheet."""
    found = visit.ledger.exposure(release, by=visit.caller)
    header = tuple(ExposedRecord.model_fields)
    rows = ([getattr(line, name) for name in header] for line in found.patients or [])
    return sheet(f"exposed_{release}.csv", header, rows)


@router.get("/untransmitted", name="untransmitted")
def untransmitted(visit: Visitor, asked: Annotated[Window, Query()]) -> Response:
    """Whose type 2 stood untransmitted in a window of time, beside the published accounts."""
    found = visit.ledger.window(
        begin=asked.begin, end=asked.end, supplier=asked.supplier or None, by=visit.caller
    )
    return visit.page("untransmitted.html", window=found)
