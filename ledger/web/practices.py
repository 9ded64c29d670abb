"""What does a practice see first, and an auditor?

A practice: what is wrong, what to do next, its sharing state, who objects, what was delivered.
An auditor: every practice with what was found there.
"""

from datetime import date, timedelta
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field

from ledger.application.practice_lists import wanted
from ledger.application.records import SharingRecord
from ledger.domain.clinical_systems import ClinicalSystem, Supplier
from ledger.domain.identifiers import ODS_CODE_PATTERN
from ledger.domain.rule import Owner, Severity
from ledger.domain.sharing import GDPR_APPLIED_ON
from ledger.domain.vocabularies import SNOMED_CT_FROM
from ledger.projections.practices import PracticeLine, Wanted
from ledger.web.lists import FIRST_PAGE, Leaf, leaf
from ledger.web.visit import Visit, Visitor

router = APIRouter()
_NEXT_ACTIONS = 5
_LATEST_DELIVERIES = 5
_LATEST_MONTHS = 6
_ADOPT_SNOMED_CT = "SA15"

# The code of a practice, in a page's path.
Ods = Annotated[str, Path(pattern=ODS_CODE_PATTERN)]


class SharingThen(NamedTuple):
    """The sharing state on a day worth comparing, and how the day is called."""

    called: str
    state: SharingRecord


class Asked(BaseModel):
    """Which part of the list is asked for; an empty word narrows nothing."""

    q: str = Field(default="", max_length=100)
    system: ClinicalSystem | Literal[""] = ""
    supplier: Supplier | Literal[""] = ""
    status: Literal["", "active", "closed", "dormant", "proposed", "unknown"] = ""
    commissioner: str = Field(default="", max_length=10)
    closed_since: str = Field(default="", max_length=10)
    kind: Literal["gp", "all"] = "gp"
    page: int = FIRST_PAGE


@router.get("/practices", name="practices")
def practices(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """The practices, those with most breaches first, then by code."""
    counts = visit.ledger.counted_by_practice(when=visit.when, by=visit.caller)
    since, wrong = _day(asked.closed_since)
    narrowed = wanted(
        system=asked.system,
        supplier=asked.supplier,
        status=asked.status,
        commissioner=asked.commissioner,
        name=asked.q,
        closed_since=since,
        gp_practice=asked.kind == "gp",
    )
    codes = visit.ledger.practice_codes(narrowed, when=visit.when, by=visit.caller)
    codes.sort(key=lambda code: [-counts.get(code, {}).get(severity, 0) for severity in Severity])
    shown = leaf(codes, asked.page).records
    lines = visit.ledger.practices(Wanted(codes=shown), when=visit.when, by=visit.caller)
    lines.sort(key=lambda line: shown.index(line.code))
    return visit.page(
        "practices.html",
        status_code=422 if wrong else 200,
        leaf=Leaf(lines, asked.page, len(codes)),
        counts=counts,
        asked=asked.model_dump(exclude={"page"}),
        wrong=wrong,
        narrowed=asked.model_dump(exclude={"page"}) != Asked().model_dump(exclude={"page"}),
    )


@router.get("/practices/{ods}", name="practice")
def practice(visit: Visitor, ods: Ods) -> Response:
    """A practice's home."""
    line = visit.practice(ods)
    actions = visit.ledger.actions(
        practice=ods, owner=Owner.PRACTICE, when=visit.when, by=visit.caller
    )
    return visit.page(
        "practice.html",
        practice=line,
        others=_others(visit, line),
        counts_there=_counts_there(visit, line),
        counts=visit.ledger.counted(practice=ods, when=visit.when, by=visit.caller),
        actions=actions,
        began=SNOMED_CT_FROM,
        still_old=visit.ledger.still_old(practice=ods, by=visit.caller),
        vocabularies=visit.ledger.vocabularies(practice=ods, by=visit.caller)[:_LATEST_MONTHS],
        adopting=next((one for one in actions if one.standing == _ADOPT_SNOMED_CT), None),
        shown=_NEXT_ACTIONS,
        objecting=visit.ledger.objecting(ods, when=visit.when, by=visit.caller),
        sharing=_sharing(visit, line),
        pairings=visit.ledger.pairings(ods, by=visit.caller),
        deliveries=visit.ledger.deliveries(practice=ods, limit=_LATEST_DELIVERIES, by=visit.caller),
    )


@router.get("/practices/{ods}/sharing", name="sharing")
def sharing(visit: Visitor, ods: Ods) -> Response:
    """Every change of a practice's sharing settings that the ledger knows of, newest first."""
    state = _shared(visit, ods)
    history = sorted(state.history, key=lambda change: change.changed_at, reverse=True)
    return visit.page(
        "sharing.html",
        practice=visit.practice(ods),
        state=state,
        history=history,
        gdpr_applied_on=GDPR_APPLIED_ON,
    )


def _shared(visit: Visit, ods: str) -> SharingRecord:
    """The state on the day that the pages were moved to, or today."""
    day = visit.ledger.view(visit.when, by=visit.caller).day
    return visit.ledger.sharing(ods, at=day, known_at=visit.when.known_at, by=visit.caller)


def _sharing(visit: Visit, line: PracticeLine) -> list[SharingThen]:
    """The state now; of SystmOne also around the day from which silence was no consent."""
    now = _shared(visit, line.code)
    then = []
    if line.clinical_system is ClinicalSystem.SYSTMONE and now.at > GDPR_APPLIED_ON:
        then = [
            _state_on(visit, line, "The day before GDPR", GDPR_APPLIED_ON - timedelta(days=1)),
            _state_on(visit, line, "The day GDPR applied", GDPR_APPLIED_ON),
        ]
    return [*then, SharingThen("Now", now)]


def _state_on(visit: Visit, line: PracticeLine, called: str, at: date) -> SharingThen:
    return SharingThen(
        called,
        visit.ledger.sharing(line.code, at=at, known_at=visit.when.known_at, by=visit.caller),
    )


def _others(visit: Visit, line: PracticeLine) -> dict[str, PracticeLine]:
    """The practices whose patients this one has, or that have its own, by code.

    Whoever looks: who took over whom stands in a public register; what is wrong there does not.
    """
    codes = [*line.successors, *line.predecessors]
    return {
        other.code: other for other in visit.ledger.practices(Wanted(codes=codes), when=visit.when)
    }


def _counts_there(visit: Visit, line: PracticeLine) -> dict[str, dict[str, int]]:
    """What is still open at the practices this one took over."""
    return (
        visit.ledger.counted_by_practice(when=visit.when, by=visit.caller)
        if line.predecessors
        else {}
    )


def _day(told: str) -> tuple[date | None, str | None]:
    """A day as a date field sends it, or what was expected."""
    try:
        return (date.fromisoformat(told) if told else None), None
    except ValueError:
        return None, "Write the day as 2018-03-31"
