"""The ledger over HTTP: parse, call one thing, answer. One file a noun.

status, policies, objections, practices, findings, actions, letters, looks, pairings, webhooks,
feed, deliveries, releases, differences, suppliers, vocabularies, statistics, events
            what can be asked and told
atom        a practice's notices as feed readers read them
seal        what proves that the log was not altered
health      how the ledger is doing, for operations
saying      what a request may say: days, times, codes and texts, exactly
asking      what a route is given: the ledger, who asks, and what the answer speaks of
problems    why not, as RFC 9457 problems
edge        what holds for every request and answer
sheets      lists of records as spreadsheets
document    the OpenAPI document
logs        lines that tell positions, counts and times, and never of people
"""

from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from ledger.api import (
    actions,
    deliveries,
    differences,
    document,
    events,
    feed,
    findings,
    health,
    letters,
    looks,
    objections,
    pairings,
    policies,
    practices,
    problems,
    releases,
    seal,
    statistics,
    status,
    suppliers,
    vocabularies,
    webhooks,
)
from ledger.api.edge import LARGEST_BODY, BodyLimit, Edge
from ledger.application import Ledger, Seal
from ledger.application.incoming import Incoming
from ledger.application.tokens import TokenVerifier

_ROUTERS = (
    status.router,
    policies.router,
    objections.router,
    practices.reading,
    practices.writing,
    findings.router,
    actions.reading,
    actions.writing,
    letters.router,
    looks.router,
    pairings.router,
    webhooks.router,
    feed.router,
    deliveries.router,
    releases.router,
    differences.router,
    suppliers.router,
    vocabularies.router,
    statistics.router,
    events.router,
    seal.router,
    health.router,
)
__all__ = ["Api", "create_api"]


class Api(FastAPI):
    """FastAPI, whose own answers to what goes wrong pass the edge like any other."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the edge outside everything."""
        return Edge(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = document.document(self)
        return self.openapi_schema


def create_api(
    ledger: Ledger,
    verifier: TokenVerifier,
    *,
    seal: Seal,
    patience: float = 5.0,
    incoming: Incoming | None = None,
) -> Api:
    """The API over a ledger, for callers that `verifier` knows.

    `patience`: how many seconds a request with `Ledger-At-Least` waits. `incoming`: where what is
    handed in waits to be taken in; None takes nothing. Pages can be mounted
    beside the routes as an application of their own: `api.mount("/", pages)`.
    """
    api = Api(
        title=document.TITLE,
        version=document.VERSION,
        description=document.DESCRIPTION,
        # FastAPI's own pages load scripts from elsewhere; docs/api.md is ours.
        docs_url=None,
        redoc_url=None,
        # A redirect would repeat the whole address, the query included.
        redirect_slashes=False,
        # Its telemetry records refused input and whole addresses: both may hold NHS numbers.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        middleware=[Middleware(BodyLimit)],
    )
    api.state.ledger, api.state.verifier, api.state.patience = ledger, verifier, patience
    api.state.incoming = incoming or Incoming(ledger, None, largest=LARGEST_BODY)
    api.state.seal = seal
    problems.tell_on(api)
    for router in _ROUTERS:
        api.include_router(router)
    return api
