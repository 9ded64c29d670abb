"""What came, when and from whom, and what of it could not be taken in?"""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from ledger.application.records import RefusedRowRecord
from ledger.domain.identifiers import ods_code
from ledger.web.lists import FIRST_PAGE, PER_PAGE, Leaf
from ledger.web.sheets import sheet
from ledger.web.visit import Visitor

router = APIRouter()
# More is no list to read: it is downloaded.
_ROWS_SHOWN = 200

DeliveryId = Annotated[str, Path(pattern="^([a-z]{24}|[0-9a-f]{64})$")]


class Asked(BaseModel):
    """Which part of the list is asked for."""

    practice: str = Field(default="", max_length=20)
    page: int = FIRST_PAGE


@router.get("/deliveries", name="deliveries")
def deliveries(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """The deliveries, newest first: an auditor sees all, a practice its own."""
    code = ods_code(asked.practice)
    practice = visit.practice(code) if code else None
    total = visit.ledger.counted_deliveries(practice=code, by=visit.caller)
    records = visit.ledger.deliveries(
        practice=code, limit=PER_PAGE, offset=(asked.page - 1) * PER_PAGE, by=visit.caller
    )
    return visit.page(
        "deliveries.html",
        practice=practice,
        leaf=Leaf(records, asked.page, total),
        asked=asked.model_dump(exclude={"page"}),
    )


@router.get("/deliveries/{delivery}", name="delivery")
def delivery(visit: Visitor, delivery: DeliveryId) -> Response:
    """One delivery: its counts, its refused rows, and what there was to say of it."""
    found = visit.ledger.delivery(delivery, limit=_ROWS_SHOWN, by=visit.caller)
    return visit.page("delivery.html", delivery=found)


@router.get("/deliveries/{delivery}/refused.csv", name="refused_sheet")
def refused_sheet(visit: Visitor, delivery: DeliveryId) -> Response:
    """All of its refused rows, as a spreadsheet for whoever mends them."""
    rows = visit.ledger.rows_refused(delivery, by=visit.caller)
    header = tuple(RefusedRowRecord.model_fields)
    cells = ([getattr(row, name) for name in header] for row in rows)
    return sheet(f"refused_{delivery[:12]}.csv", header, cells)
