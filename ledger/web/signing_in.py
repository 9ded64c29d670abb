"""How does a person become a caller?

While the ledger is developed, and in a demonstration: by choosing a role and a practice. The
choice becomes a short-lived token, kept in a cookie no script can read. Where tokens come from a
gateway (LEDGER_JWKS_URL is set), choosing is off and the page says how to get in.
"""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Response

from ledger.domain.callers import Caller, Role
from ledger.domain.identifiers import ods_code
from ledger.domain.refusals import UnknownThing
from ledger.web.visit import COOKIE, Visit, Visitor

router = APIRouter()
# More than this is no list to choose from: a code is typed instead.
_TO_CHOOSE_FROM = 200


@router.get("/", name="start")
def start(visit: Visitor) -> Response:
    """Where to? A practice goes home, an auditor to the practices, a stranger to sign in."""
    if visit.who is None:
        return visit.go("sign_in")
    codes = sorted(visit.caller.practices)
    if visit.caller.role is Role.CONTROLLER and len(codes) == 1:
        return visit.go("practice", ods=codes[0])
    return visit.go("practices")


@router.get("/sign-in", name="sign_in")
def sign_in(visit: Visitor, to: Annotated[str, Query(max_length=500)] = "") -> Response:
    """The form to choose with, or how to come in through a gateway."""
    if visit.signing_in.mint is None:
        return visit.page("sign_in_at_gateway.html")
    return _form(visit, to=to)


@router.post("/sign-in", name="signed_in")
def signed_in(
    visit: Visitor,
    role: Annotated[str, Form(max_length=20)] = "",
    practice: Annotated[str, Form(max_length=20)] = "",
    to: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """The choice becomes a token."""
    mint = visit.signing_in.mint
    if mint is None:
        raise UnknownThing("signing in by choice is off here")
    code = ods_code(practice)
    errors = {}
    if role not in (Role.CONTROLLER, Role.AUDITOR):
        errors["role"] = "Choose who you are"
    elif role == Role.CONTROLLER and (code is None or not _is_heard(visit, code)):
        errors["practice"] = "Choose a practice that the ledger hears from"
    if errors:
        return _form(visit, to=to, role=role, practice=practice, errors=errors, status_code=422)
    is_controller = role == Role.CONTROLLER and code is not None
    caller = Caller(
        name=f"{role} {code}" if is_controller else role,
        role=Role(role),
        practices=frozenset({code}) if is_controller and code else frozenset(),
    )
    answer = visit.go("start")
    if visit.is_ours(to):
        answer.headers["location"] = to
    answer.set_cookie(
        COOKIE,
        mint(caller),
        httponly=True,
        samesite="lax",
        secure=visit.request.url.scheme == "https",
        path=visit.path("start"),
    )
    return answer


@router.post("/sign-out", name="sign_out")
def sign_out(visit: Visitor) -> Response:
    """The cookie goes; a gateway's token is the gateway's to end."""
    answer = visit.go("sign_in", {"out": "yes"})
    answer.delete_cookie(COOKIE, path=visit.path("start"))
    return answer


def _form(
    visit: Visitor,
    *,
    to: str,
    role: str = "",
    practice: str = "",
    errors: dict[str, str] | None = None,
    status_code: int = 200,
) -> Response:
    lines = visit.ledger.practices()
    return visit.page(
        "sign_in.html",
        status_code=status_code,
        practices=lines if len(lines) <= _TO_CHOOSE_FROM else [],
        to=to,
        role=role,
        chosen=practice,
        errors=errors or {},
        signed_out="out" in visit.request.query_params,
    )


def _is_heard(visit: Visit, code: str) -> bool:
    return any(line.clinical_system for line in visit.ledger.practices(code=code))
