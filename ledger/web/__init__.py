"""Pages for people: what a practice manager and an auditor see of the ledger.

visit       who is looking at a page, and how they are answered
signing_in  how a person becomes a caller: in development by choice, else at a gateway
practices   the list of practices, and a practice's home
actions     what a practice has to do, marking it as done
all_actions what is overdue anywhere, for NHS Digital and for a region
letters     which patients have to be written to, and the letters
findings    what is wrong, with its evidence; dismissing it and taking that back
deliveries  what was delivered, and which rows were refused
releases    what left, and who was in it while objecting
pairings    which third-party systems write for a practice
notifications  which programs and feed readers are told of a practice's breaches
suppliers   what practices recorded beside what suppliers transmitted
vocabularies  in which vocabulary they recorded it
policies    by which rules one can ask who objects, and how many they differ on
statistics  how many patients object, as it may be published
looks       who looked at patients
moments     the moment to which whoever looks has moved the pages
timelines   what became known of a practice or a patient, event by event
differences what is otherwise at one point than at another; the incident of 2018
errors      what a person reads when something cannot be done

evidence    events as lines of a timeline with its four times
charts      pictures, drawn on the server
lists       how long lists are cut into pages
sheets      lists as spreadsheets
wording     the words and colours of the pages
sources     who gives a piece of advice
templating  how templates are filled
guarding    what every answer and every form is guarded with

The pages are an application of their own under `/pages`, so that their errors are pages too, and
the paths of the API stay free. `/` leads there. All of it works without JavaScript.
"""

from collections.abc import Callable
from pathlib import Path

from fastapi import Depends, FastAPI
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from ledger.application import Ledger
from ledger.domain.callers import Caller
from ledger.web import (
    actions,
    all_actions,
    deliveries,
    differences,
    errors,
    findings,
    letters,
    looks,
    moments,
    notifications,
    pairings,
    policies,
    practices,
    releases,
    signing_in,
    statistics,
    suppliers,
    timelines,
    vocabularies,
)
from ledger.web.guarding import Guarded, from_our_own_pages
from ledger.web.visit import SigningIn

PAGES = "/pages"
_STATIC = Path(__file__).parent / "static"


class Pages(FastAPI):
    """FastAPI, whose own answers to what goes wrong are guarded like any other."""

    def build_middleware_stack(self) -> ASGIApp:
        """Put the guard outside everything."""
        return Guarded(super().build_middleware_stack())


def add_pages(
    app: FastAPI,
    ledger: Ledger,
    *,
    verify: Callable[[str], Caller],
    mint: Callable[[Caller], str] | None,
) -> None:
    """Put the pages into `app`, under `/pages`, and a way to them at `/`.

    `verify` tells whose a token is, and refuses one it does not trust. `mint` makes a token for
    whoever signs in by choice; None where only a gateway's tokens count (LEDGER_JWKS_URL).
    """
    app.mount(PAGES, create_pages(ledger, verify=verify, mint=mint))

    @app.get("/", include_in_schema=False)
    def start() -> RedirectResponse:
        """A browser at the ledger's door is shown to the pages."""
        return RedirectResponse(f"{PAGES}/", status_code=307)


def create_pages(
    ledger: Ledger, *, verify: Callable[[str], Caller], mint: Callable[[Caller], str] | None
) -> Pages:
    """The pages as an application of their own."""
    pages = Pages(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        # Its telemetry records refused input and whole addresses: both may hold NHS numbers.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
        dependencies=[Depends(from_our_own_pages)],
    )
    pages.state.at = PAGES
    pages.state.ledger = ledger
    pages.state.signing_in = SigningIn(verify, mint)
    groups = (
        signing_in, practices, pairings, notifications, all_actions, actions, letters, findings, deliveries, releases,
        suppliers, vocabularies, statistics, policies, moments, timelines, differences, looks,
    )  # fmt: skip
    for group in groups:
        pages.include_router(group.router)
    pages.mount("/static", StaticFiles(directory=_STATIC), name="static")
    errors.add_error_pages(pages)
    return pages


__all__ = ["PAGES", "add_pages", "create_pages"]
