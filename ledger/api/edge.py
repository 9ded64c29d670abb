"""What holds for every request and answer, whatever the route: a limit on what is sent, headers
that protect what is answered, and one line in the log.
"""

import logging
import time
from collections.abc import Awaitable
from uuid import uuid4

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ledger.api import problems

logger = logging.getLogger("ledger.api")

LARGEST_BODY = 1024 * 1024
# What goes to the disk as it comes, and is limited by a setting.
_TO_DISK = {("POST", "/deliveries"): "application/zip", ("POST", "/releases"): "text/csv"}
# None of them would hurt a page that is served beside the API.
_PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Edge:
    """The outermost layer. Plain functions that pass on what the layers within await."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        began = time.perf_counter()
        # Under which the log of looks keeps what this request showed of patients.
        scope.setdefault("state", {})["request_id"] = str(uuid4())

        def send_on(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                _protect(message, scope)
                _note(message, scope, seconds=time.perf_counter() - began)
            return send(message)

        # What does not say its length is counted as it comes (BodyLimit).
        largest = _largest(scope)
        app = _too_large(scope, largest) if _length(scope) > largest else self.app
        return app(scope, receive, send_on)


class BodyLimit:
    """Counts the bytes of a body as they come, whatever length was said."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Pass on at most so many bytes as the route takes."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        limited = RequestBodyLimitMiddleware(self.app, max_body_size=_largest(scope))
        return limited(scope, receive, send)


def _largest(scope: Scope) -> int:
    sent = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if sent != _TO_DISK.get((scope["method"], scope["path"])):
        return LARGEST_BODY
    largest: int = scope["app"].state.incoming.largest
    return largest


def _length(scope: Scope) -> int:
    length = Headers(scope=scope).get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _too_large(scope: Scope, largest: int) -> ASGIApp:
    detail = f"a request may be {largest // 1024:,} KiB long: ask in parts"
    return problems.problem(Request(scope), problems.TOO_LARGE, detail)


def _protect(message: Message, scope: Scope) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _PROTECTION.items():
        headers.setdefault(name, value)
    headers["Ledger-Request"] = scope["state"]["request_id"]
    position = scope["state"].get("position")
    if position is not None:
        headers["Ledger-Position"] = str(position)
        headers.setdefault("Cache-Control", "no-store")


def _note(message: Message, scope: Scope, *, seconds: float) -> None:
    """One line a request: the route's pattern and not the address, which may hold anything."""
    state = scope.get("state", {})
    logger.info(
        "answered",
        extra={
            "method": scope["method"],
            "route": getattr(scope.get("route"), "path", None),
            "status": message["status"],
            "position": state.get("position"),
            "request": state.get("request_id"),
            "practice": scope.get("path_params", {}).get("ods"),
            "count": state.get("count"),
            "ms": round(seconds * 1000, 1),
        },
    )
