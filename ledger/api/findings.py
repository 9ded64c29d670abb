"""What is one finding about, what proves it, and what would close it?"""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Viewed
from ledger.api.saying import Line
from ledger.application.records import ExplainedFindingRecord

router = APIRouter(responses=problems.responses(401, 403, 404, 422, 500, 503))

Id = Annotated[Line, Path(description="The finding's id")]


class ExplainedFinding(ExplainedFindingRecord, Answer):
    """One finding as it stood at the point asked for, with each event that proves it."""


@router.get("/findings/{finding}")
def explained_finding(
    finding: Id, asked: Annotated[Viewed, Query()], asking: Asked
) -> ExplainedFinding:
    """One finding, explained: for auditors, and for the practice's controller. Another practice's
    is answered like one there is not.
    """
    view = asking.view(asked, "findings")
    found = asking.ledger.explained(finding, when=asked.when, by=asking.by)
    return asking.answer(ExplainedFinding(**dict(found), **asking.seen(view)))
