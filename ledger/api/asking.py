"""What is a route given? The ledger, who asks it, and a way to say what the answer speaks of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Protocol, TypedDict, TypeVar

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from ledger.api.problems import Behind
from ledger.api.saying import LAST_POSITION, CalendarDay, KnownAtInQuery, Line, Said
from ledger.application import Known, Ledger
from ledger.application.receipts import Receipts
from ledger.application.standpoint import View, When
from ledger.application.tokens import InvalidToken, TokenVerifier
from ledger.domain.callers import Caller
from ledger.domain.looks import LONGEST_REASON, Errand, Way, reason_for_looking
from ledger.domain.policies import policy_on

MOST_ROWS = 1_000

_bearer = HTTPBearer(
    auto_error=False,
    bearerFormat="JWT",
    description="scope: one of controller, auditor, extract, system; ods: the practices' codes",
)


class AsOf(TypedDict):
    """The point in time of an answer about state."""

    position: int
    known_at: datetime | None
    policy: str


class Answer(BaseModel):
    """An answer about state: what it speaks of, and the policy in force on that day."""

    position: int
    known_at: datetime | None
    policy: str


class _Positioned(Protocol):
    @property
    def position(self) -> int: ...


class Viewed(Said):
    """Of which day, as known at which point, by which policy: by default of today, as known now, by
    the policy in force. Where only `known_at` is told, of the day of that point.
    """

    at: CalendarDay | None = None
    known_at: KnownAtInQuery | None = None
    policy: Line | None = None

    @property
    def when(self) -> When:
        """The same as a question has it."""
        return When(self.at, self.known_at, self.policy)


class Page(Said):
    """The part of a list that is asked for; a `Link` header with rel="next" leads to the rest."""

    limit: int = Field(default=MOST_ROWS, ge=1, le=MOST_ROWS)
    offset: int = Field(default=0, ge=0, le=1_000_000)


PositionedAnswer = TypeVar("PositionedAnswer", bound=_Positioned)
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Asking:
    """One request of a caller who is known."""

    ledger: Ledger
    by: Caller
    request: Request
    response: Response

    @property
    def receipts(self) -> Receipts:
        """What gives receipts for this ledger's answers."""
        return Receipts(self.ledger, self.request.app.state.seal)

    def answer(self, answer: PositionedAnswer, *, count: int | None = None) -> PositionedAnswer:
        """The answer, with its position told in the header and both, with its count, in the log."""
        self.request.state.position = answer.position
        self.request.state.count = count
        return answer

    def kept(self, position: int | None) -> int | None:
        """Where something new was kept (201), or None where it was known already (200)."""
        self.response.status_code = HTTPStatus.OK if position is None else HTTPStatus.CREATED
        if position is not None:
            self.request.state.position = position
        return position

    def seen(self, view: View) -> AsOf:
        """The point in time that an answer speaks of, and the policy."""
        return {
            "position": view.known.position,
            "known_at": view.known.time,
            "policy": view.policy,
        }

    def as_of(self, point: Known) -> AsOf:
        """The point in time that an answer with this position speaks of."""
        policy = policy_on(self.ledger.today()).name
        return {"position": point.position, "known_at": point.time, "policy": policy}

    def view(self, asked: "Viewed", *projections: str) -> View:
        """What an answer from these read models speaks of; refuses a point they have not come to."""
        view = self.ledger.view(asked.when, reached=projections, by=self.by)
        if view.position is not None and projections:
            reached = self.ledger.reached_by_all(*projections).position
            if reached < view.position:
                raise Behind(f"the projections have come to position {reached}: ask again later")
        return view

    def page(self, page: Page, rows: Sequence[Row]) -> list[Row]:
        """A page's rows, of one more than it holds; the one more is what `Link` leads to."""
        if len(rows) > page.limit:
            self.link(offset=page.offset + page.limit)
        return list(rows[: page.limit])

    def link(self, **changed: int) -> None:
        """Tell where the list goes on."""
        url = self.request.url.include_query_params(**changed)
        self.response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'


def bearer_of(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller | None:
    """Whose bearer token is shown; None: none is. One that is not trusted is refused."""
    verifier: TokenVerifier = request.app.state.verifier
    if bearer is None:
        return None
    errand = Errand(Way.API, request.state.request_id)
    return replace(verifier.caller(bearer.credentials), errand=errand)


def _asking(
    request: Request,
    response: Response,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    at_least: Annotated[
        int | None,
        Header(
            alias="Ledger-At-Least",
            ge=0,
            le=LAST_POSITION,
            description="Answer only once every projection has come to this position.",
        ),
    ] = None,
    reason: Annotated[
        str | None,
        Header(
            alias="Ledger-Reason",
            max_length=LONGEST_REASON,
            description="What the caller looks at patients for, as the log of looks will tell.",
        ),
    ] = None,
) -> Asking:
    ledger: Ledger = request.app.state.ledger
    by = bearer_of(request, bearer)
    if by is None:
        raise InvalidToken("send a token: Authorization: Bearer …")
    by = replace(by, errand=Errand(Way.API, request.state.request_id, reason_for_looking(reason)))
    # A refusal, too, says what it speaks of.
    request.state.position = ledger.known().position
    if at_least is not None and not ledger.wait_for(at_least, seconds=request.app.state.patience):
        raise Behind(f"the projections have not come to position {at_least}: ask again later")
    return Asking(ledger, by, request, response)


Asked = Annotated[Asking, Depends(_asking)]
