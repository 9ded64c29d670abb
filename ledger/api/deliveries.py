"""What was delivered, and what became of it? A practice, or a system paired with it, hands it in."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ledger.api import problems
from ledger.api.asking import MOST_ROWS, Asked, Asking
from ledger.api.saying import LAST_POSITION, PracticeCode, Said
from ledger.api.sheets import CsvText, sheet
from ledger.application.incoming import Incoming
from ledger.application.records import (
    DeliveryLineRecord,
    DeliveryRecord,
    ParcelRecord,
    RefusedRowRecord,
)

router = APIRouter()
_reading = problems.responses(401, 403, 404, 422, 500, 503)
_writing = problems.responses(400, 401, 403, 404, 413, 415, 422, 500, 503)
_ZIP = "application/zip"

# A parcel's id is 24 letters, a delivery's the 64 of its digest.
Id = Annotated[str, Path(pattern=r"^([a-z]{24}|[0-9a-f]{64})$", examples=["9f2c" * 16])]


class DeliveriesPage(Said):
    """Which deliveries: those behind a position, of one practice or of all that may be seen."""

    practice: PracticeCode | None = None
    after: int = Field(default=0, ge=0, le=LAST_POSITION)
    limit: int = Field(default=100, ge=1, le=MOST_ROWS)


class Deliveries(BaseModel):
    """Deliveries in the order in which they became known."""

    deliveries: list[DeliveryLineRecord]
    position: int
    known_at: datetime | None


class HandedIn(BaseModel):
    """The parcel that waits: ask for it by its id what became of it."""

    id: str
    state: Literal["waiting"] = "waiting"


@router.post(
    "/deliveries",
    status_code=202,
    responses=_writing,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def hand_in(asking: Asked) -> HandedIn:
    """Hand in a zip that holds one delivery or several, to be taken in after those before it.

    For a practice's controller, and for a third-party system paired with it. Each delivery in it
    has to be of practices that the token acts for and, for a system, is paired with. `Location`
    says where to ask what became of it. Collections and conversions are not handed in so.
    """
    incoming: Incoming = asking.request.app.state.incoming
    sent = asking.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != _ZIP:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    with await run_in_threadpool(incoming.arriving, asking.by) as arriving:
        try:
            async for block in asking.request.stream():
                await run_in_threadpool(arriving.write, block)
        except ClientDisconnect:
            raise HTTPException(HTTPStatus.BAD_REQUEST) from None
        waiting = await run_in_threadpool(arriving.keep)
    asking.response.headers["Location"] = f"/deliveries/{waiting.id}"
    return HandedIn(id=waiting.id)


@router.get("/deliveries", responses=problems.responses(401, 403, 422, 500, 503))
def deliveries(asked: Annotated[DeliveriesPage, Query()], asking: Asked) -> Deliveries:
    """The deliveries behind a position, oldest first; `Link` leads on while there are more.

    An auditor sees all, a controller those of their practices, a third-party system what it
    handed in.
    """
    at = asking.ledger.reached("deliveries")
    found = asking.ledger.deliveries(
        practice=asked.practice,
        after=asked.after,
        limit=asked.limit + 1,
        newest_first=False,
        by=asking.by,
    )
    rows = found[: asked.limit]
    if len(found) > len(rows):
        asking.link(after=rows[-1].position)
    answer = Deliveries(deliveries=rows, position=at.position, known_at=at.time)
    return asking.answer(answer, count=len(rows))


@router.get("/deliveries/{id}", responses=_reading)
def delivery(id: Id, asking: Asked) -> DeliveryRecord | ParcelRecord:  # noqa: A002  its name
    """What became of a delivery, or of a zip that was handed in, by its id.

    `refused` holds the first 1,000 refused rows and `rows_refused` how many there are; all of
    them are at `/deliveries/{id}/refused.csv`.
    """
    incoming: Incoming = asking.request.app.state.incoming
    found = incoming.what_became_of(id, by=asking.by)
    _speak_of_now(asking)
    return found


@router.get("/deliveries/{id}/refused.csv", responses=_reading, response_class=CsvText)
def refused_rows(id: Id, asking: Asked) -> CsvText:  # noqa: A002  its name
    """Every row of a delivery that cannot be a fact, with file, row, column and reason."""
    rows = asking.ledger.rows_refused(id, by=asking.by)
    _speak_of_now(asking)
    return sheet(RefusedRowRecord, rows)


def _speak_of_now(asking: Asking) -> None:
    asking.request.state.position = asking.ledger.reached("deliveries").position
