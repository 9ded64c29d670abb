"""Who is looking at a page, and how are they answered?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from ledger.application import Known, Ledger, Opened
from ledger.application.records import ActionRecord
from ledger.application.standpoint import NOW, When
from ledger.application.tokens import InvalidToken
from ledger.domain.callers import Caller, Role
from ledger.domain.looks import Errand, Way
from ledger.domain.points import Point, read_point
from ledger.domain.refusals import InTheFuture, NotAllowed, NotAPoint, PastTheEnd
from ledger.domain.rule import Owner
from ledger.projections.practices import PracticeLine
from ledger.web.templating import rendered

COOKIE = "ledger_session"
# The point to which whoever looks has moved the pages; without it they tell of now.
MOMENT_COOKIE = "ledger_moment"


class NotSignedIn(Exception):
    """Somebody asked for a page who has not said who they are."""


@dataclass(frozen=True, slots=True)
class SigningIn:
    """How a person becomes a caller; `mint` is None where a gateway does it."""

    verify: Callable[[str], Caller]
    mint: Callable[[Caller], str] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Of which ledger a page speaks, and up to where it is known; shown on each.

    `moved` is the point it was moved to, None: it tells of now; `follows`, whether it did.
    """

    opened: Opened
    known: Known
    behind: int
    moved: Known | None = None
    follows: bool = True


@dataclass(frozen=True)
class Visit:
    """One request of one person."""

    request: Request

    @property
    def ledger(self) -> Ledger:
        """The ledger the pages are about."""
        ledger: Ledger = self.request.app.state.ledger
        return ledger

    @property
    def signing_in(self) -> SigningIn:
        """How people sign in here."""
        how: SigningIn = self.request.app.state.signing_in
        return how

    @cached_property
    def who(self) -> Caller | None:
        """Whoever the token speaks for; None: nobody, or a token that is not trusted (any more)."""
        token = self._token()
        if token is None:
            return None
        try:
            who = self.signing_in.verify(token)
        except InvalidToken:
            return None
        return replace(who, errand=Errand(Way.PAGE, self.request.state.request_id))

    @property
    def caller(self) -> Caller:
        """Whoever is signed in; pages are for practices and auditors, not for systems."""
        if self.who is None:
            raise NotSignedIn
        if self.who.role not in (Role.CONTROLLER, Role.AUDITOR):
            raise NotAllowed("the pages are for practices and auditors")
        return self.who

    @cached_property
    def acting(self) -> Caller:
        """Whoever is signed in, with the practices that theirs took over."""
        return self.ledger.acting_for(self.caller)

    @cached_property
    def when(self) -> When:
        """The point to which the pages were moved. A page that asks for it moves with them."""
        return NOW if self._moved is None else When(known_at=self._moved)

    @cached_property
    def _moved(self) -> Point | None:
        try:
            told = read_point(self.request.cookies.get(MOMENT_COOKIE, ""))
            self.ledger.known(told)
        except (NotAPoint, InTheFuture, PastTheEnd):
            # Nobody moved the pages, or it was another ledger's point.
            return None
        return told

    def practice(self, ods: str) -> PracticeLine:
        """The practice of a page, as far as this caller may see it."""
        self.acting.must_see(ods)
        lines = self.ledger.practices(code=ods, when=self.when, by=self.caller)
        # A practice may sign in before its system has ever sent anything.
        return lines[0] if lines else PracticeLine(ods, ods, "unknown", None)

    def acts_for(self, ods: str | None) -> bool:
        """Whether this caller may answer for the practice: mark actions, dismiss findings."""
        now = self._moved is None
        return now and self.acting.role is Role.CONTROLLER and ods in self.acting.practices

    def may_take(self, action: ActionRecord) -> bool:
        """Whether this caller may say that an action is done: theirs to do, and not done yet."""
        if action.state in ("taken", "not-needed") or self._moved is not None:
            return False
        if action.owner == Owner.PRACTICE:
            return self.acts_for(action.practice)
        return self.acting.role is Role.AUDITOR

    @property
    def here(self) -> str:
        """The page at hand, to come back to, without what was typed in its query."""
        return self.request.url.path if self.request.method == "GET" else self.path("start")

    def path(self, route: str, /, query: Mapping[str, object] | None = None, **params: str) -> str:
        """The path of a page, with its query."""
        # Of the pages' own routes: `url_for` would ask all that are served beside them, some of
        # which have the same names.
        scope, pages = self.request.scope, self.request.app
        path = (
            f"{scope.get('app_root_path', '')}{pages.state.at}{pages.url_path_for(route, **params)}"
        )
        asked = {key: value for key, value in (query or {}).items() if value not in (None, "")}
        return f"{path}?{urlencode(asked)}" if asked else path

    def page(self, template: str, *, status_code: int = 200, **told: object) -> HTMLResponse:
        """A page, filled in."""
        text = rendered(template, visit=self, standing=self._standing(), path=self.path, **told)
        return HTMLResponse(text, status_code=status_code)

    def bare_page(self, template: str, *, status_code: int, **told: object) -> HTMLResponse:
        """A page that asks the ledger for nothing, for when it cannot answer."""
        text = rendered(template, visit=None, standing=None, path=self.path, **told)
        return HTMLResponse(text, status_code=status_code)

    def is_ours(self, to: str) -> bool:
        """Whether it is one of our own pages, and not another site made to look like one."""
        ours = to.startswith(self.path("start"))
        return ours and "//" not in to and "\\" not in to

    def go(
        self, route: str, /, query: Mapping[str, object] | None = None, **params: str
    ) -> RedirectResponse:
        """Send them to another page after what they posted is done."""
        return RedirectResponse(self.path(route, query, **params), status_code=303)

    def _token(self) -> str | None:
        scheme, _, token = self.request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token:
            return token.strip()
        # The cookie is development's: where a gateway vouches for people, it counts for nothing.
        return self.request.cookies.get(COOKIE) if self.signing_in.mint else None

    def _standing(self) -> Standing:
        known = self.ledger.known()
        reached = min(self.ledger.positions().values())
        behind = max(0, known.position - reached)
        moved = None if self._moved is None else self.ledger.known(self._moved)
        return Standing(
            self.ledger.opened(), moved or known, behind, moved, follows="when" in self.__dict__
        )


def _visit(request: Request) -> Visit:
    return Visit(request)


Visitor = Annotated[Visit, Depends(_visit)]
