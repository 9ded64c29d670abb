"""What is otherwise at one point than at another; and of 2018, what was so beside what was known?"""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from ledger.application.differing import Differences
from ledger.application.scopes import Scope
from ledger.application.standpoint import When
from ledger.domain.callers import Role
from ledger.domain.points import read_day, read_point
from ledger.domain.refusals import InTheFuture, NotAPoint, PastTheEnd
from ledger.web import charts
from ledger.web.lists import FIRST_PAGE, leaf
from ledger.web.visit import Visit, Visitor

router = APIRouter()
# The day before the supplier diagnosed the fault, and one on which what had waited had arrived (B3).
INCIDENT = (date(2018, 6, 25), date(2018, 7, 3))


class Asked(BaseModel):
    """Between which points, in which time, of which practice, and which kind of difference."""

    before: str = Field(default="", max_length=40)
    after: str = Field(default="", max_length=40)
    effective: bool = False
    practice: str = Field(default="", max_length=10)
    what: str = Field(default="", max_length=10)


class AskedPage(Asked):
    """Which page of it."""

    page: int = FIRST_PAGE


@router.get("/differences", name="differences")
def differences(visit: Visitor, asked: Annotated[AskedPage, Query()]) -> Response:
    """The form, and what differs between the two points; for a practice, of its own."""
    told, wrong = None, None
    visit.acting.must_be(Role.AUDITOR, Role.CONTROLLER)
    by_default = visit.caller.role is Role.CONTROLLER and len(visit.caller.practices) == 1
    practice = asked.practice.strip().upper() or (
        next(iter(visit.caller.practices)) if by_default else ""
    )
    if asked.before or asked.after:
        try:
            told = _differences(visit, asked, Scope(practice=practice or None))
        except (NotAPoint, InTheFuture, PastTheEnd) as refusal:
            wrong = str(refusal)
            # What was typed is not repeated.
            asked = asked.model_copy(update={"before": "", "after": ""})
    lines = [] if told is None else [one for one in told.lines if asked.what in ("", one.what)]
    return visit.page(
        "differences.html",
        status_code=422 if wrong else 200,
        asked=asked.model_dump(exclude={"page"}) | {"practice": practice},
        told=told,
        wrong=wrong,
        leaf=leaf(lines, asked.page),
        counts={what: sum(one.what == what for one in told.lines) for what in _KINDS}
        if told
        else {},
    )


@router.get("/incident", name="incident")
def incident(visit: Visitor) -> Response:
    """Two days of 2018: who objected on each, whom NHS Digital knew of, and what came in between.
    For auditors.
    """
    points = []
    for day in INCIDENT:
        try:
            stood = visit.ledger.stood(when=When(at=day, known_at=day), by=visit.caller)
        except InTheFuture:
            stood = []
        points.append(charts.Then(day, stood))
    drawn = all(point.lines for point in points)
    return visit.page(
        "incident.html",
        points=points,
        # Altair draws from our own numbers and escapes their labels.
        drawn=Markup(charts.true_and_known(points)) if drawn else None,  # noqa: S704
    )


_KINDS = ("objection", "setting", "finding")


def _differences(visit: Visit, asked: Asked, scope: Scope) -> Differences:
    if asked.effective:
        days = (read_day(asked.before), read_day(asked.after))
        return visit.ledger.effective_differences(
            *days, scope, known_at=visit.when.known_at, by=visit.caller
        )
    points = (read_point(asked.before), read_point(asked.after))
    return visit.ledger.known_differences(*points, scope, by=visit.caller)
