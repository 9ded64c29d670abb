"""The log itself, which names patients by random ids only."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ledger.api import problems
from ledger.api.asking import MOST_ROWS, Asked
from ledger.api.saying import LAST_POSITION, Said
from ledger.application.records import EventRecord

router = APIRouter(responses=problems.responses(401, 403, 422, 500, 503))


class EventsPage(Said):
    """Which events: those behind a position, so many at a time."""

    after: int = Field(default=0, ge=0, le=LAST_POSITION)
    limit: int = Field(default=100, ge=1, le=MOST_ROWS)


class Events(BaseModel):
    """Events in the log's order, and where the log ends."""

    events: list[EventRecord]
    position: int
    known_at: datetime | None


@router.get("/events")
def events(asked: Annotated[EventsPage, Query()], asking: Asked) -> Events:
    """The events behind a position, oldest first; `Link` leads on while there are more."""
    head = asking.ledger.known()
    found = asking.ledger.events(after=asked.after, limit=asked.limit, by=asking.by)
    if found and found[-1].position < head.position:
        asking.link(after=found[-1].position)
    answer = Events(events=found, position=head.position, known_at=head.time)
    return asking.answer(answer, count=len(found))
