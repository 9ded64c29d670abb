"""The log itself, which names patients by random ids only."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from ledger.api import problems
from ledger.api.asking import Asked
from ledger.api.saying import LAST_POSITION
from ledger.application.records import EventRecord

router = APIRouter(responses=problems.responses(401, 403, 422, 500, 503))


class Events(BaseModel):
    """Events in the log's order, and where the log ends."""

    events: list[EventRecord]
    position: int
    known_at: datetime | None


@router.get("/events")
def events(
    asking: Asked,
    after: Annotated[int, Query(ge=0, le=LAST_POSITION)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Events:
    """The events behind a position, oldest first; `Link` leads on while there are more."""
    head = asking.ledger.known()
    found = asking.ledger.events(after=after, limit=limit, by=asking.by)
    if found and found[-1].position < head.position:
        asking.link(after=found[-1].position)
    answer = Events(events=found, position=head.position, known_at=head.time)
    return asking.answer(answer, count=len(found))
