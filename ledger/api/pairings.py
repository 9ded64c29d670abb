"""Which third-party systems may write for a practice? Its controller says, and takes it back."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict

from ledger.api import problems
from ledger.api.asking import Answer, Asked
from ledger.api.practices import Kept, Ods
from ledger.api.saying import Said
from ledger.application.records import PairingRecord
from ledger.domain.identifiers import SYSTEM_ID_PATTERN, SystemId

router = APIRouter()

System = Annotated[str, Path(pattern=SYSTEM_ID_PATTERN, examples=["acme-triage"])]


class Approved(Said):
    """The system, as the `sub` of its tokens names it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"system": "acme-triage"}]})

    system: SystemId


class Pairings(Answer):
    """The pairings that stand, then those that did, the newest first."""

    pairings: list[PairingRecord]


class Revoked(BaseModel):
    """Where the revocation stands in the log: nothing of the system's comes behind it."""

    position: int


@router.get("/practices/{ods}/pairings", responses=problems.responses(401, 403, 422, 500, 503))
def pairings(ods: Ods, asking: Asked) -> Pairings:
    """The third-party systems paired with a practice, and those that were."""
    at = asking.ledger.reached("pairings")
    found = asking.ledger.pairings(ods, by=asking.by)
    return asking.answer(Pairings(pairings=found, **asking.as_of(at)), count=len(found))


@router.post(
    "/practices/{ods}/pairings",
    status_code=201,
    responses={
        200: {"description": "Known already"},
        **problems.responses(400, 401, 403, 409, 413, 422, 500, 503),
    },
)
def approve_pairing(ods: Ods, approved: Approved, asking: Asked) -> Kept:
    """Let a third-party system write for the practice. For its controller alone."""
    position = asking.ledger.approve_pairing(ods, approved.system, by=asking.by)
    return Kept(position=asking.kept(position))


@router.post(
    "/practices/{ods}/pairings/{system}/revocation",
    status_code=201,
    responses=problems.responses(400, 401, 403, 404, 409, 413, 422, 500, 503),
)
def revoke_pairing(ods: Ods, system: System, asking: Asked) -> Revoked:
    """End a pairing: from this position on the system writes nothing for the practice."""
    position = asking.ledger.revoke_pairing(ods, system, by=asking.by)
    asking.request.state.position = position
    return Revoked(position=position)
