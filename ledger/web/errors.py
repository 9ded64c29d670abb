"""What does a person read when something cannot be done?

Each page says what happened, whether anything was lost, and what to do. What was typed is never
repeated: it may hold an NHS number.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from ledger.application.tokens import IssuerSilent
from ledger.domain.refusals import (
    AlreadyOpen,
    Conflict,
    InTheFuture,
    NotAFact,
    NotAllowed,
    NotAPoint,
    PastTheEnd,
    UnknownThing,
)
from ledger.store.engine import UNREACHABLE
from ledger.web.visit import NotSignedIn, Visit


class Trouble(NamedTuple):
    """What happened, and what to do now."""

    heading: str
    sentences: tuple[str, ...]


_NOT_HERE = Trouble(
    "Page not found",
    (
        "If you typed the address, check that it is right.",
        "If you followed a link, what it led to may not be in the ledger.",
    ),
)
_NOT_ALLOWED = Trouble(
    "You cannot see or do this",
    (
        "It belongs to another practice, or is for another role than the one you signed in with.",
        "If you need it, sign out and sign in again as somebody who may.",
    ),
)
_NOT_UNDERSTOOD = Trouble(
    "The ledger could not use what was sent",
    (
        "Something in the form or in the address is not as the ledger expects it.",
        "Nothing was changed. Go back, check it and try again.",
    ),
)
_CHANGED_MEANWHILE = Trouble(
    "Somebody else changed this at the same time",
    ("Your change was not kept. Open the page again, look at what it says now, and try again.",),
)
_BROKEN = Trouble(
    "Something went wrong",
    (
        "This is our fault, not yours. Nothing that the ledger keeps was lost.",
        "Try again later. If it happens again, tell whoever runs the ledger what you were doing.",
    ),
)
_NOT_NOW = Trouble(
    "The ledger cannot answer just now",
    (
        "It cannot reach what it needs to. Nothing that it keeps was lost.",
        "Try again in a few minutes. While it cannot answer, count everybody as objecting.",
    ),
)
_BY_STATUS = {
    403: _NOT_ALLOWED,
    404: _NOT_HERE,
    409: _CHANGED_MEANWHILE,
    422: _NOT_UNDERSTOOD,
    503: _NOT_NOW,
}
_REFUSALS = {
    NotAllowed: 403,
    UnknownThing: 404,
    Conflict: 409,
    AlreadyOpen: 409,
    NotAFact: 422,
    NotAPoint: 422,
    InTheFuture: 422,
    PastTheEnd: 422,
    RequestValidationError: 422,
}
_TRY_AGAIN_AFTER = "30"
# Neither who asks nor what is known can be told.
_NOBODY_ANSWERS = (*UNREACHABLE, IssuerSilent)


def add_error_pages(pages: FastAPI) -> None:
    """Answer what is refused, or fails, with a page."""
    for refusal, status in _REFUSALS.items():
        pages.add_exception_handler(refusal, _refused(status))
    for failure in _NOBODY_ANSWERS:
        pages.add_exception_handler(failure, _unavailable)
    pages.add_exception_handler(NotSignedIn, _sign_in_first)
    pages.add_exception_handler(HTTPException, _http)
    pages.add_exception_handler(Exception, _broken)


# `def` as the routes are: asking the ledger for its name and position would stop the event loop.


def _refused(status: int) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, error: Exception) -> Response:
        del error
        return _page(request, status, _BY_STATUS[status])

    return answer


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for it"
    status = 404 if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED else error.status_code
    return _page(request, status, _BY_STATUS.get(status, _NOT_UNDERSTOOD))


def _unavailable(request: Request, error: Exception) -> Response:
    del error
    answer = Visit(request).bare_page("error.html", status_code=503, trouble=_NOT_NOW)
    answer.headers["Retry-After"] = _TRY_AGAIN_AFTER
    return answer


def _broken(request: Request, error: Exception) -> Response:
    del error
    return Visit(request).bare_page("error.html", status_code=500, trouble=_BROKEN)


def _sign_in_first(request: Request, error: Exception) -> Response:
    del error
    visit = Visit(request)
    to = request.url.path if request.method == "GET" else ""
    if to and request.url.query:
        to = f"{to}?{request.url.query}"
    return visit.go("sign_in", {"to": to})


def _page(request: Request, status: int, trouble: Trouble) -> Response:
    try:
        return Visit(request).page("error.html", status_code=status, trouble=trouble)
    except _NOBODY_ANSWERS:
        return Visit(request).bare_page("error.html", status_code=status, trouble=trouble)
