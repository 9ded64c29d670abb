"""What is every answer, and every form sent to us, guarded with?

No script, style, picture or form target of anybody else's; no page in a frame; nothing kept in a
shared cache. A form counts only if it was sent from one of our own pages.
"""

from urllib.parse import urlsplit
from uuid import uuid4

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.domain.refusals import NotAllowed

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: with it browsers send forms from an origin they call null.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guarded:
    """Adds the headers to whatever the pages answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, with the headers added."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        static = "/static/" in scope["path"]
        # Behind the API the request has its id already.
        scope.setdefault("state", {}).setdefault("request_id", str(uuid4()))

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers["Cache-Control"] = "max-age=3600" if static else "no-store"
            await send(message)

        await self._app(scope, receive, guarded)


def from_our_own_pages(request: Request) -> None:
    """Refuse a form that another site's page made a browser send.

    The cookie is SameSite=Lax already; this holds for browsers that do not keep to it. Only the
    host is compared: where a proxy ends TLS, we see http and the browser https.
    """
    if request.method in _SAFE:
        return
    sent_from = request.headers.get("origin") or request.headers.get("referer") or ""
    if urlsplit(sent_from).netloc != request.headers.get("host"):
        raise NotAllowed("the form was not sent from a page of the ledger: open the page again")
