"""Which third-party systems write for a practice, and how does it take that back?"""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Response

from ledger.domain.identifiers import SYSTEM_ID_PATTERN
from ledger.domain.refusals import NotAFact
from ledger.web.practices import Ods
from ledger.web.visit import Visit, Visitor

router = APIRouter()

System = Annotated[str, Path(pattern=SYSTEM_ID_PATTERN)]


@router.get("/practices/{ods}/pairings", name="pairings")
def pairings(visit: Visitor, ods: Ods) -> Response:
    """The pairings that stand and those that did, with the form to approve one."""
    return _page(visit, ods)


@router.post("/practices/{ods}/pairings", name="pairing_approved")
def pairing_approved(visit: Visitor, ods: Ods, system: Annotated[str, Form()] = "") -> Response:
    """The practice lets a system write for it."""
    visit.caller.must_control(ods)
    try:
        visit.ledger.approve_pairing(ods, system.strip(), by=visit.caller)
    except NotAFact as refusal:
        return _page(visit, ods, error=str(refusal), status_code=422)
    return visit.go("pairings", ods=ods)


@router.post("/practices/{ods}/pairings/{system}/revocation", name="pairing_revoked")
def pairing_revoked(visit: Visitor, ods: Ods, system: System) -> Response:
    """The practice ends a pairing."""
    visit.ledger.revoke_pairing(ods, system, by=visit.caller)
    return visit.go("pairings", ods=ods)


def _page(visit: Visit, ods: str, *, error: str | None = None, status_code: int = 200) -> Response:
    return visit.page(
        "pairings.html",
        status_code=status_code,
        practice=visit.practice(ods),
        pairings=visit.ledger.pairings(ods, by=visit.caller),
        error=error,
    )
