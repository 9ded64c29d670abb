"""`ledger serve`, `ledger work` and `ledger token`: the one place where routes and pages meet."""

import logging
import logging.config
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
import uvicorn
from fastapi import FastAPI

from ledger.api import create_api
from ledger.api.logs import LOGGING
from ledger.application import Ledger
from ledger.application.incoming import Incoming
from ledger.application.sending import Sender
from ledger.application.tokens import development_key, mint_token, own_verifier, token_verifier
from ledger.cli.opening import the_ledger
from ledger.cli.seal import the_seal
from ledger.domain.callers import Caller, Role
from ledger.domain.identifiers import ods_code, system_id
from ledger.settings import Settings, settings
from ledger.web import add_pages
from ledger.webhooks.client import Client

logger = logging.getLogger(__name__)

# How long a follower of the log sleeps when it has seen everything.
_PAUSE = 0.5
# Of its time it looks for new breaches in one part of so many: where there are many, that takes long.
_LOOKING = 10
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")

PortOption = Annotated[int, typer.Option(min=1, max=65535, help="Where to listen.")]
HostOption = Annotated[str, typer.Option(help="The address to listen on.")]


def serve(
    port: PortOption = 8000,
    host: HostOption = "127.0.0.1",
    work_too: Annotated[
        bool, typer.Option("--work/--no-work", help="Follow the log here, or leave it to `work`.")
    ] = True,
) -> None:
    """Serve the API and the pages."""
    with the_ledger(many_callers=True) as ledger:
        ledger.ensure_open()
        # Whoever opens a page at once finds the tables there.
        ledger.catch_up()
        run(ledger, host=host, port=port, work_too=work_too)


def run(ledger: Ledger, *, host: str, port: int, work_too: bool) -> None:
    """Serve this ledger until somebody stops it."""
    logging.config.dictConfig(LOGGING)
    if settings().jwks_url is None and host not in _THIS_MACHINE:
        logger.warning("anybody who reaches this address may sign in: set LEDGER_JWKS_URL")
    told = settings()
    incoming = Incoming(ledger, told.home / "incoming", largest=told.largest_delivery)
    server = uvicorn.Server(
        uvicorn.Config(
            application(ledger, told, incoming),
            host=host,
            port=port,
            log_config=None,
            # Its lines hold addresses; the API's own hold what may be logged.
            access_log=False,
            server_header=False,
        )
    )
    stop = threading.Event()
    # What was handed in lies on this machine, so it is taken in here in any case.
    threads = [threading.Thread(target=incoming.follow, args=(stop,), daemon=True)]
    if work_too:
        threads.append(threading.Thread(target=follow, args=(ledger, stop), daemon=True))
        sender = Sender(ledger, Client(ledger.outgoing))
        threads.append(threading.Thread(target=sender.follow, args=(stop,), daemon=True))
        threads.append(threading.Thread(target=keep_sealed, args=(ledger, stop), daemon=True))
    for thread in threads:
        thread.start()
    try:
        server.run()
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=10)


def application(ledger: Ledger, told: Settings, incoming: Incoming) -> FastAPI:
    """Routes and pages as one application."""
    if told.jwks_url is not None:
        verifier = token_verifier(
            home=told.home,
            jwks_url=told.jwks_url,
            issuer=told.jwt_issuer,
            audience=told.jwt_audience,
        )
        app = create_api(ledger, verifier, seal=the_seal(ledger), incoming=incoming)
        add_pages(app, ledger, verify=verifier.caller, mint=None)
        return app
    key = development_key(told.home)
    verifier = own_verifier(key)
    app = create_api(ledger, verifier, seal=the_seal(ledger), incoming=incoming)
    add_pages(
        app,
        ledger,
        verify=verifier.caller,
        mint=lambda caller: mint_token(caller, key=key, now=datetime.now(UTC)),
    )
    return app


def work() -> None:
    """Follow the log: bring read models up to date as events come and tell webhooks, until stopped."""
    logging.config.dictConfig(LOGGING)
    with the_ledger() as ledger:
        ledger.ensure_open()
        stop = threading.Event()
        threading.Thread(target=keep_sealed, args=(ledger, stop), daemon=True).start()
        sender = Sender(ledger, Client(ledger.outgoing))
        sending = threading.Thread(target=sender.follow, args=(stop,), daemon=True)
        sending.start()
        try:
            follow(ledger, stop)
        finally:
            stop.set()
            sending.join(timeout=10)


def follow(ledger: Ledger, stop: threading.Event) -> None:
    """Catch up and notice, again and again."""
    day = turned = None
    look_at = 0.0

    def step() -> bool:
        nonlocal day, turned, look_at
        today = ledger.today()
        if today != day:
            # What becomes true because a day came is asked again when it has come.
            ledger.turn_day()
            day = today
        applied = ledger.catch_up()
        began = time.monotonic()
        if began >= look_at:
            # What a day brought is noticed though no event came with it.
            ledger.take_notices(again=turned != day)
            turned = day
            look_at = began + _LOOKING * (time.monotonic() - began)
        return bool(applied)

    _again_and_again(step, stop, failed="following the log failed, trying again")


def keep_sealed(ledger: Ledger, stop: threading.Event) -> None:
    """Seal what comes, again and again: in a thread of its own, because catching up with a large
    delivery takes long, and what comes meanwhile is to be sealed within two seconds.
    """
    seal = the_seal(ledger)

    def step() -> bool:
        seal.follow()
        return False

    _again_and_again(step, stop, failed="sealing the log failed, trying again")


def _again_and_again(step: Callable[[], bool], stop: threading.Event, *, failed: str) -> None:
    """Take steps, at once while there is more; what fails once is tried again, a little later."""
    pause = _PAUSE
    while not stop.is_set():
        try:
            more = step()
            pause = _PAUSE
        except Exception as error:  # noqa: BLE001  a follower outlives its database's restart
            more = False
            pause = min(pause * 2, 30.0)
            told = {"seconds": pause, "error": type(error).__name__}
            logger.warning(failed, extra=told)
        if not more:
            stop.wait(pause)


def token(
    role: Annotated[Role, typer.Option(help="What the bearer is to the ledger.")],
    practice: Annotated[
        list[str] | None, typer.Option(help="An ODS code the bearer acts for; may be repeated.")
    ] = None,
    name: Annotated[str, typer.Option(help="Who the bearer is.")] = "developer",
) -> None:
    """Print a development token, alone on standard output."""
    told = settings()
    if told.jwks_url is not None:
        raise typer.BadParameter("LEDGER_JWKS_URL is set: only its issuer's tokens count")
    codes = [ods_code(code) for code in practice or []]
    if None in codes:
        raise typer.BadParameter("--practice takes an ODS code, such as A81001")
    if role in (Role.CONTROLLER, Role.SYSTEM) and not codes:
        raise typer.BadParameter(f"a {role} acts for a practice: name it with --practice")
    if role is Role.SYSTEM and system_id(name) is None:
        raise typer.BadParameter(
            "--name is the system's id, as practices pair with it: acme-triage"
        )
    caller = Caller(name, role, frozenset(code for code in codes if code))
    told.home.mkdir(parents=True, exist_ok=True)
    typer.echo(mint_token(caller, key=development_key(told.home), now=datetime.now(UTC)))
