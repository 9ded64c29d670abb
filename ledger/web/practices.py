"""What does a practice see first, and an auditor?

A practice: what is wrong, what to do next, its sharing state, who objects, what was delivered.
An auditor: every practice with what was found there.
"""

from datetime import date, timedelta
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from ledger.application.records import SharingRecord
from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.identifiers import ODS_CODE_PATTERN
from ledger.domain.rule import Owner, Severity
from ledger.domain.sharing import GDPR_APPLIED_ON
from ledger.projections.practices import PracticeLine
from ledger.web.lists import FIRST_PAGE, leaf
from ledger.web.visit import Visit, Visitor

router = APIRouter()
_NEXT_ACTIONS = 5
_LATEST_DELIVERIES = 5

# The code of a practice, in a page's path.
Ods = Annotated[str, Path(pattern=ODS_CODE_PATTERN)]


class SharingThen(NamedTuple):
    """The sharing state on a day worth comparing, and how the day is called."""

    called: str
    state: SharingRecord


class Asked(BaseModel):
    """Which part of the list is asked for."""

    q: str = Field(default="", max_length=100)
    system: str = Field(default="", max_length=20)
    page: int = FIRST_PAGE


@router.get("/practices", name="practices")
def practices(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """The practices, those with most breaches first."""
    counts = visit.ledger.counted_by_practice(by=visit.caller)
    lines = [line for line in visit.ledger.practices(by=visit.caller) if _matches(line, asked)]
    lines.sort(
        key=lambda line: [-counts.get(line.code, {}).get(severity, 0) for severity in Severity]
    )
    return visit.page(
        "practices.html",
        leaf=leaf(lines, asked.page),
        counts=counts,
        asked=asked.model_dump(exclude={"page"}),
    )


@router.get("/practices/{ods}", name="practice")
def practice(visit: Visitor, ods: Ods) -> Response:
    """A practice's home."""
    line = visit.practice(ods)
    return visit.page(
        "practice.html",
        practice=line,
        counts=visit.ledger.counted(practice=ods, by=visit.caller),
        actions=visit.ledger.actions(practice=ods, owner=Owner.PRACTICE, by=visit.caller),
        shown=_NEXT_ACTIONS,
        objecting=visit.ledger.objecting(ods, by=visit.caller),
        sharing=_sharing(visit, line),
        deliveries=visit.ledger.deliveries(practice=ods, limit=_LATEST_DELIVERIES, by=visit.caller),
    )


@router.get("/practices/{ods}/sharing", name="sharing")
def sharing(visit: Visitor, ods: Ods) -> Response:
    """Every change of a practice's sharing settings that the ledger knows of, newest first."""
    state = visit.ledger.sharing(ods, by=visit.caller)
    history = sorted(state.history, key=lambda change: change.changed_at, reverse=True)
    return visit.page(
        "sharing.html",
        practice=visit.practice(ods),
        state=state,
        history=history,
        gdpr_applied_on=GDPR_APPLIED_ON,
    )


def _sharing(visit: Visit, line: PracticeLine) -> list[SharingThen]:
    """The state now; of SystmOne also around the day from which silence was no consent."""
    now = visit.ledger.sharing(line.code, by=visit.caller)
    then = []
    if line.clinical_system is ClinicalSystem.SYSTMONE and now.at > GDPR_APPLIED_ON:
        then = [
            _state_on(visit, line, "The day before GDPR", GDPR_APPLIED_ON - timedelta(days=1)),
            _state_on(visit, line, "The day GDPR applied", GDPR_APPLIED_ON),
        ]
    return [*then, SharingThen("Now", now)]


def _state_on(visit: Visit, line: PracticeLine, called: str, at: date) -> SharingThen:
    return SharingThen(called, visit.ledger.sharing(line.code, at=at, by=visit.caller))


def _matches(line: PracticeLine, asked: Asked) -> bool:
    wanted, system = asked.q.strip().casefold(), clinical_system(asked.system)
    named = wanted in line.code.casefold() or wanted in line.name.casefold()
    return named and system in (None, line.clinical_system)
