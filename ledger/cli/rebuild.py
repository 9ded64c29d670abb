"""`ledger rebuild`: read models again from the log."""

from typing import Annotated

import typer

from ledger.cli.opening import the_ledger


def rebuild(
    projection: Annotated[
        str | None, typer.Argument(help="One projection; all of them if none is named.")
    ] = None,
) -> None:
    """Build projections anew from the log into fresh tables, and swap them in; reads go on."""
    with the_ledger() as ledger:
        for name, events in ledger.rebuild(projection).items():
            typer.echo(f"{name}: {events} events")
