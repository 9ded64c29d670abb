"""At which moment does whoever looks want to stand?

The choice is kept in a cookie of its own, so that every page follows it; the banner says so, and
leads back to now. Nothing is done to the ledger while one stands in the past.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Response

from ledger.domain.points import read_point
from ledger.domain.refusals import InTheFuture, NotAPoint, PastTheEnd
from ledger.web.visit import MOMENT_COOKIE, Visit, Visitor

router = APIRouter()


@router.post("/moment", name="moved")
def moved(
    visit: Visitor,
    moment: Annotated[str, Form(max_length=40)] = "",
    to: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Move the pages to a position, a day or a time; with none, back to now."""
    assert visit.caller, "strangers are sent to sign in"
    if not moment.strip():
        answer = _back(visit, to)
        answer.delete_cookie(MOMENT_COOKIE, path=visit.path("start"))
        return answer
    try:
        visit.ledger.known(read_point(moment))
    except (NotAPoint, InTheFuture, PastTheEnd) as refusal:
        return visit.page("moment.html", status_code=422, wrong=str(refusal), to=to)
    answer = _back(visit, to)
    answer.set_cookie(
        MOMENT_COOKIE,
        moment.strip(),
        httponly=True,
        samesite="lax",
        secure=visit.request.url.scheme == "https",
        path=visit.path("start"),
    )
    return answer


def _back(visit: Visit, to: str) -> Response:
    answer = visit.go("start")
    if visit.is_ours(to):
        answer.headers["location"] = to
    return answer
