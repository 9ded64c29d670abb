"""`ledger open`, and the ledger every other verb works on."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Annotated

import typer

from ledger.application import Ledger
from ledger.domain.events import Mode
from ledger.settings import Settings, settings
from ledger.store.engine import UNREACHABLE, is_migrated, open_engine
from ledger.store.engine import migrate as bring_up_to_date
from ledger.store.group_commit import GroupCommit
from ledger.store.looks import LooksTogether
from ledger.store.server import is_at, start
from ledger.webhooks.outgoing import Outgoing, hosts


@contextmanager
def database(told: Settings) -> Iterator[str]:
    """The address of the database: the one named, or our own PostgreSQL under LEDGER_HOME."""
    if told.database_url is not None:
        yield told.database_url
        return
    with start(told.home) as server:
        yield server.url


@contextmanager
def the_ledger(*, many_callers: bool = False) -> Iterator[Ledger]:
    """The ledger, its tables up to date. Of `many_callers` the events are committed together."""
    told = settings()
    with database(told) as url:
        if not _is_up_to_date(url):
            bring_up_to_date(url)
        engine = open_engine(url)
        try:
            ledger = partial(
                Ledger, engine, live=told.live, outgoing=outgoing(told), operator=_operator()
            )
            if not many_callers:
                yield ledger()
                return
            with GroupCommit(engine) as together, LooksTogether(engine) as looks:
                yield ledger(together=together, looks=looks)
        finally:
            engine.dispose()


@contextmanager
def ledger_at_hand() -> Iterator[Ledger | None]:
    """The ledger that the environment names, if there is one and anything in it; none is made."""
    told = settings()
    if told.database_url is None and not is_at(told.home):
        yield None
        return
    with the_ledger() as ledger:
        yield ledger if ledger.known().position else None


def _operator() -> str:
    """Who has the machine, as it knows them: their looks are kept under that name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # A container may run under a number that no name belongs to.
        return f"user {os.getuid()}"


def outgoing(told: Settings) -> Outgoing:
    """Where webhooks may be, as the environment tells it."""
    return Outgoing(
        hosts=hosts(told.webhook_hosts),
        private_addresses=told.webhook_private_addresses,
        authorities=told.webhook_authorities,
        timeout=told.webhook_timeout,
        root=told.public_url,
    )


def _is_up_to_date(url: str) -> bool:
    """Whether there is nothing to migrate: then a user who may not migrate will do.

    False where it cannot be told, as in a new database, whose writer's role is not there yet.
    """
    engine = open_engine(url)
    try:
        with engine.connect() as connection:
            return is_migrated(connection)
    except UNREACHABLE:
        return False
    finally:
        engine.dispose()


def migrate() -> None:
    """Bring the database's own tables up to date, as its owner; the other verbs do so if need be."""
    with database(settings()) as url:
        bring_up_to_date(url)
    typer.echo("the tables are up to date")


def open_ledger(
    name: Annotated[str, typer.Argument(help="What the ledger is called.")],
    re_enactment: Annotated[
        bool,
        typer.Option("--re-enactment", help="It loads an archive of the past; sealed for good."),
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day a re-enactment begins on."),
    ] = None,
) -> None:
    """Write position 1: the ledger's name, and whether it is live or a re-enactment."""
    mode = Mode.RE_ENACTMENT if re_enactment else Mode.LIVE
    with the_ledger() as ledger:
        opened = ledger.open(name, mode=mode, as_of=as_of.date() if as_of else None)
        typer.echo(f"opened {opened.name} ({opened.mode}) at {opened.at:%Y-%m-%d %H:%M} UTC")
