"""What is wrong, how is it known, and what may a practice say to it?"""

from typing import Annotated, Protocol

from fastapi import APIRouter, Form, Path, Query, Response
from pydantic import BaseModel, Field

from ledger.application.records import FindingRecord
from ledger.domain.callers import Caller
from ledger.domain.policies import DISMISSIBLE
from ledger.domain.refusals import NotAFact, UnknownThing
from ledger.projections.practices import PracticeLine
from ledger.web.evidence import timeline
from ledger.web.lists import FIRST_PAGE, PER_PAGE, Leaf
from ledger.web.practices import Ods
from ledger.web.visit import Visit, Visitor

router = APIRouter()
_LONGEST_REASON = 2000

FindingId = Annotated[str, Path(max_length=100)]


class Say(Protocol):
    """What a practice may say of its finding."""

    def __call__(self, practice: str, finding_id: str, *, reason: str, by: Caller) -> FindingRecord:
        """Say it; the finding as it stands then."""
        ...


class Asked(BaseModel):
    """Which part of the list is asked for."""

    severity: str = Field(default="", max_length=20)
    rule: str = Field(default="", max_length=10)
    state: str = Field(default="open", max_length=20)
    page: int = FIRST_PAGE


@router.get("/findings", name="all_findings")
def all_findings(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """Everything found, at every practice and supplier: for auditors."""
    return _list(visit, None, asked)


@router.get("/practices/{ods}/findings", name="findings")
def findings(visit: Visitor, ods: Ods, asked: Annotated[Asked, Query()]) -> Response:
    """What was found at one practice."""
    return _list(visit, visit.practice(ods), asked)


@router.get("/findings/{finding}", name="finding")
def finding(visit: Visitor, finding: FindingId) -> Response:
    """One finding, with the evidence for it in the order in which it happened."""
    return _page(visit, finding)


@router.post("/findings/{finding}/dismissal", name="finding_dismissed")
def finding_dismissed(
    visit: Visitor, finding: FindingId, reason: Annotated[str, Form()] = ""
) -> Response:
    """The practice says why it is no error."""
    return _answer(visit, finding, reason, say=visit.ledger.dismiss_finding, said="dismissed")


@router.post("/findings/{finding}/reopening", name="finding_reopened")
def finding_reopened(
    visit: Visitor, finding: FindingId, reason: Annotated[str, Form()] = ""
) -> Response:
    """The practice takes its dismissal back, and says why."""
    return _answer(visit, finding, reason, say=visit.ledger.reopen_finding, said="reopened")


def _answer(visit: Visit, finding: str, reason: str, *, say: Say, said: str) -> Response:
    """Keep what a practice says of its finding, or show what is wrong with it."""
    practice = visit.ledger.practice_of_finding(finding, by=visit.caller)
    if practice is None:
        raise UnknownThing("only a finding about a practice can be dismissed")
    wrong = None
    if len(reason) > _LONGEST_REASON:
        wrong = f"Use {_LONGEST_REASON:,} characters or fewer"
    else:
        try:
            say(practice, finding, reason=reason.strip(), by=visit.caller)
        except NotAFact as refusal:
            wrong = str(refusal)
    if wrong is not None:
        return _page(visit, finding, reason=reason, error=wrong, status_code=422)
    return visit.go("finding", {said: "yes"}, finding=finding)


def _page(
    visit: Visit,
    finding: str,
    *,
    reason: str = "",
    error: str | None = None,
    status_code: int = 200,
) -> Response:
    # Another practice's is refused here as such; over HTTP there is no such finding.
    visit.ledger.practice_of_finding(finding, when=visit.when, by=visit.caller)
    proved = visit.ledger.proved(finding, when=visit.when, by=visit.caller)
    found = proved.finding
    return visit.page(
        "finding.html",
        status_code=status_code,
        finding=found,
        practice=visit.practice(found.practice) if found.practice else None,
        lines=timeline(found.rule, proved.events),
        deliveries_seen={one.delivery for one in found.evidence if one.delivery_path is not None},
        actions=visit.ledger.actions(
            practice=found.practice,
            finding_id=finding,
            state="all",
            when=visit.when,
            by=visit.caller,
        ),
        said=visit.ledger.said(finding, when=visit.when, by=visit.caller),
        may_dismiss=found.state == "open" and visit.acts_for(found.practice),
        may_reopen=found.state == "dismissed" and visit.acts_for(found.practice),
        changes_status=found.rule in DISMISSIBLE,
        reason=reason,
        error=error,
        longest=_LONGEST_REASON,
        dismissed="dismissed" in visit.request.query_params and found.state == "dismissed",
        reopened="reopened" in visit.request.query_params and found.state != "dismissed",
    )


def _list(visit: Visit, practice: PracticeLine | None, asked: Asked) -> Response:
    ods = practice.code if practice else None
    rule, severity = asked.rule or None, asked.severity or None
    counts = visit.ledger.counted(
        practice=ods, rule=rule, state=asked.state, when=visit.when, by=visit.caller
    )
    records = visit.ledger.findings(
        practice=ods,
        rule=rule,
        state=asked.state,
        severity=severity,
        when=visit.when,
        limit=PER_PAGE,
        offset=(asked.page - 1) * PER_PAGE,
        by=visit.caller,
    )
    total = sum(counts.values()) if severity is None else counts.get(severity, 0)
    return visit.page(
        "findings.html",
        practice=practice,
        leaf=Leaf(records, asked.page, total),
        asked=asked.model_dump(exclude={"page"}),
    )
