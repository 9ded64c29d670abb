"""Why not? What the ledger refuses, and what goes wrong, as RFC 9457 problems.

The one place that speaks HTTP of refusals. Nothing a caller sent is repeated, and whatever could
be an NHS number is cut from what is told.
"""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ledger.application.incoming import NoRoom, TooLarge
from ledger.application.tokens import InvalidToken, IssuerSilent
from ledger.domain.identifiers import without_numbers
from ledger.domain.refusals import (
    AlreadyOpen,
    AnotherLog,
    Conflict,
    DeliveryRefused,
    InTheFuture,
    NotAFact,
    NotAllowed,
    NotAPoint,
    NotYet,
    PairingMissing,
    PastTheEnd,
    PastTheTree,
    ProofBroken,
    Refusal,
    SealBroken,
    TreeBroken,
    UnknownPolicy,
    UnknownThing,
)
from ledger.store.engine import UNREACHABLE
from ledger.store.server import ServerUnavailable

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_MOST_FAULTS = 20
_TRY_AGAIN = {"Retry-After": "5"}


class Behind(Exception):
    """The projections did not come to the position asked for in time."""


class UnknownReader(InvalidToken):
    """A feed reader showed no token that stands, and is asked for one as feed readers are."""


class Fault(BaseModel):
    """One thing wrong with a request: where, and what was expected there."""

    where: str
    expected: str


class Problem(BaseModel):
    """Why a request was not answered (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    instance: str
    errors: list[Fault] | None = None


class Kind(NamedTuple):
    """A kind of problem: the last part of its type, its status and its title."""

    name: str
    status: HTTPStatus
    title: str


NOT_AN_ANSWER = Kind(
    "internal", HTTPStatus.INTERNAL_SERVER_ERROR, "The ledger failed to answer: it is not you"
)
UNREADABLE = Kind(
    "invalid-request", HTTPStatus.UNPROCESSABLE_ENTITY, "The request does not say what is expected"
)
TOO_LARGE = Kind("too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large")
AWAY = Kind("unavailable", HTTPStatus.SERVICE_UNAVAILABLE, "The ledger cannot answer now")

# A refusal nearer the root of its tree comes later.
KINDS: Mapping[type[Exception], Kind] = {
    NotAPoint: Kind("not-a-point", HTTPStatus.UNPROCESSABLE_ENTITY, "That names no point in time"),
    InTheFuture: Kind(
        "in-the-future", HTTPStatus.UNPROCESSABLE_ENTITY, "That time has not come yet"
    ),
    PastTheEnd: Kind(
        "past-the-end", HTTPStatus.UNPROCESSABLE_ENTITY, "The ledger has not come to that position"
    ),
    ProofBroken: Kind(
        "proof-broken", HTTPStatus.UNPROCESSABLE_ENTITY, "That is no proof, or it was altered"
    ),
    AnotherLog: Kind(
        "another-log", HTTPStatus.UNPROCESSABLE_ENTITY, "No trusted key has signed that"
    ),
    NotAFact: Kind("not-a-fact", HTTPStatus.UNPROCESSABLE_ENTITY, "That cannot be a fact"),
    DeliveryRefused: Kind(
        "delivery-refused", HTTPStatus.UNPROCESSABLE_ENTITY, "The delivery is refused whole"
    ),
    UnknownPolicy: Kind("unknown-policy", HTTPStatus.NOT_FOUND, "There is no such policy"),
    PastTheTree: Kind(
        "past-the-tree", HTTPStatus.NOT_FOUND, "The signed tree does not reach that position"
    ),
    UnknownThing: Kind("unknown-thing", HTTPStatus.NOT_FOUND, "The ledger holds no such thing"),
    PairingMissing: Kind(
        "pairing-missing", HTTPStatus.FORBIDDEN, "The system is not paired with the practice"
    ),
    NotAllowed: Kind("not-allowed", HTTPStatus.FORBIDDEN, "You may not do or see this"),
    Conflict: Kind("conflict", HTTPStatus.CONFLICT, "Others changed the same record"),
    AlreadyOpen: Kind("already-open", HTTPStatus.CONFLICT, "The ledger is open already"),
    NotYet: Kind("not-yet", HTTPStatus.SERVICE_UNAVAILABLE, "That comes in a moment: ask again"),
    TreeBroken: Kind(
        "tree-broken",
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "The tree over the log is not what was signed",
    ),
    SealBroken: Kind(
        "seal-broken", HTTPStatus.INTERNAL_SERVER_ERROR, "The log is not what was signed"
    ),
    InvalidToken: Kind("not-known", HTTPStatus.UNAUTHORIZED, "It is not known who asks"),
    TooLarge: TOO_LARGE,
    NoRoom: AWAY,
    IssuerSilent: AWAY,
    Behind: Kind("behind", HTTPStatus.SERVICE_UNAVAILABLE, "The ledger has not come that far yet"),
}


def problem(
    request: Request,
    kind: Kind,
    detail: str | None = None,
    *,
    errors: Sequence[Fault] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that says why there is none."""
    told = Problem(
        type=f"/problems/{kind.name}",
        title=kind.title,
        status=kind.status,
        detail=detail and without_numbers(detail),
        instance=without_numbers(request.url.path),
        errors=None if errors is None else list(errors),
    )
    return JSONResponse(
        told.model_dump(exclude_none=True),
        kind.status,
        {"Cache-Control": "no-store", **(headers or {})},
        MEDIA_TYPE,
    )


def tell_on(api: FastAPI) -> None:
    """Have everything that is raised told as a problem."""
    for refusal in (Refusal, InvalidToken, IssuerSilent, Behind, TooLarge, NoRoom):
        api.add_exception_handler(refusal, _refused)
    for away in (*UNREACHABLE, ServerUnavailable):
        api.add_exception_handler(away, _away)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _failed)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These problems, as a route's part of the OpenAPI document tells them."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def _refused(request: Request, refusal: Exception) -> JSONResponse:
    kind = next(kind for refused, kind in KINDS.items() if isinstance(refusal, refused))
    headers: dict[str, str] = {}
    if kind.status is HTTPStatus.UNAUTHORIZED:
        sent = "Authorization" in request.headers
        headers["WWW-Authenticate"] = "Bearer" + (' error="invalid_token"' if sent else "")
        if isinstance(refusal, UnknownReader):
            headers["WWW-Authenticate"] = 'Basic realm="notifications", charset="UTF-8"'
    if kind.status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers |= _TRY_AGAIN
    return problem(request, kind, str(refusal), headers=headers)


def _away(request: Request, error: Exception) -> JSONResponse:
    # The message names machines and folders: it is for the log.
    logger.error("database away", exc_info=error)
    return problem(request, AWAY, "the database cannot be reached, or is busy", headers=_TRY_AGAIN)


def _invalid(request: Request, error: Exception) -> JSONResponse:
    faults = [_fault(each) for each in cast("RequestValidationError", error).errors()]
    detail = f"{len(faults)} things are wrong with the request" if len(faults) > 1 else None
    return problem(request, UNREADABLE, detail, errors=faults[:_MOST_FAULTS])


def _fault(error: Mapping[str, Any]) -> Fault:
    place = [str(part) for part in error["loc"]]
    if error["type"] == "extra_forbidden":
        # The last part is the name of what was not expected: the caller's word, not ours.
        place[-1] = "…"
    expected = error["msg"].removeprefix("Value error, ")
    return Fault(where="/".join(place), expected=without_numbers(expected))


def _http(request: Request, error: Exception) -> JSONResponse:
    """What the framework refuses by itself: a route or method there is not, an unreadable body."""
    refused = cast("HTTPException", error)
    status = HTTPStatus(refused.status_code)
    kind = Kind(status.phrase.lower().replace(" ", "-"), status, status.phrase)
    if status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        kind = TOO_LARGE
    return problem(request, kind, headers=refused.headers)


def _failed(request: Request, _error: Exception) -> JSONResponse:
    return problem(request, NOT_AN_ANSWER)
