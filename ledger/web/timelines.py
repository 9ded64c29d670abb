"""What became known of a practice, or of a patient, event by event, with both times?

A patient is named in a form and never in an address: stepping is a form as well.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Form, Query, Response
from markupsafe import Markup
from pydantic import Field

from ledger.domain.callers import Role
from ledger.domain.events import Kept
from ledger.domain.happening import so_from
from ledger.domain.objections import practice_day
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact, UnknownThing
from ledger.web import charts
from ledger.web.evidence import Line, line_of
from ledger.web.practices import Ods
from ledger.web.visit import Visitor

router = APIRouter()
# What a picture has room for: those before and after the event at hand.
_AROUND = 20

Step = Annotated[int | None, Field(ge=1, le=2**62)]


class Steps(NamedTuple):
    """Where one stands among events, with those around and where to go from there."""

    chosen: Kept
    line: Line
    number: int
    total: int
    before: int | None
    after: int | None
    around: Sequence[tuple[Kept, Line]]
    drawn: Markup

    @property
    def so_from(self) -> date:
        """The day from which what the event tells is so."""
        return so_from(self.chosen)


def steps(events: Sequence[Kept], event: int | None) -> Steps | None:
    """The event asked for, or the last before it; by default the newest. None: there are none."""
    if not events:
        return None
    upto = [number for number, kept in enumerate(events) if event is None or kept.position <= event]
    at = upto[-1] if upto else 0
    around = events[max(0, at - _AROUND) : at + _AROUND + 1]
    spans = [
        charts.Span(kept.position, so_from(kept), practice_day(kept.recorded_at)) for kept in around
    ]
    return Steps(
        chosen=events[at],
        line=line_of(events[at]),
        number=at + 1,
        total=len(events),
        before=events[at - 1].position if at else None,
        after=events[at + 1].position if at + 1 < len(events) else None,
        around=[(kept, line_of(kept)) for kept in around],
        # Altair draws from our own dates and numbers.
        drawn=Markup(charts.both_times(spans, chosen=events[at].position)),  # noqa: S704
    )


@router.get("/practices/{ods}/timeline", name="timeline")
def timeline(visit: Visitor, ods: Ods, event: Annotated[Step, Query()] = None) -> Response:
    """A practice's events, one after the other."""
    events = visit.ledger.practice_timeline(ods, when=visit.when, by=visit.caller)
    return visit.page("timeline.html", practice=visit.practice(ods), steps=steps(events, event))


@router.get("/patient", name="patient")
def patient(visit: Visitor) -> Response:
    """The form that asks whom: for auditors."""
    visit.caller.must_be(Role.AUDITOR)
    return visit.page("patient.html", steps=None, when=visit.when)


@router.post("/patient", name="patient_timeline")
def patient_timeline(
    visit: Visitor,
    nhs_number: Annotated[str, Form(max_length=20)] = "",
    event: Annotated[Step, Form()] = None,
) -> Response:
    """A patient's events, one after the other, with their status as known at each."""
    try:
        events = visit.ledger.patient_timeline(nhs_number, when=visit.when, by=visit.caller)
    except (NotAFact, UnknownThing) as refusal:
        return visit.page("patient.html", status_code=422, steps=None, wrong=str(refusal))
    found = steps(events, event)
    answers = []
    if found is not None:
        answers = [
            visit.ledger.statuses(
                [nhs_number], purpose, known_at=found.chosen.position, by=visit.caller
            )[0]
            for purpose in (Purpose.TYPE_1, Purpose.TYPE_2)
        ]
    return visit.page("patient.html", nhs_number=nhs_number, steps=found, answers=answers)
