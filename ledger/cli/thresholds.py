"""`ledger thresholds`: the numbers that rules compare with, listed and changed."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.application.records import ThresholdRecord
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.readers.thresholds_file import read_thresholds

app = typer.Typer()


@app.callback(invoke_without_command=True)
def thresholds(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Every number that a rule compares with, in what unit, why, and in which version."""
    if context.invoked_subcommand is not None:
        return
    with the_ledger() as ledger:
        listed = ledger.thresholds()
    columns = ("name", "value", "unit", "version", "reason")
    show(listed, ThresholdRecord, format_, columns=columns, empty="no thresholds")


@app.command("adopt")
def adopt(
    file: Annotated[
        Path, typer.Argument(help="TOML: the version's name, and the values it changes.")
    ],
    reason: Annotated[str, typer.Option(help="Why they change; kept for good.")],
) -> None:
    """Judge everybody by other numbers from now on. `ledger findings --compare FILE` shows first
    what that does.
    """
    told = read_thresholds(file)
    with the_ledger() as ledger:
        ledger.ensure_open()
        wanted = ledger.proposed_thresholds(told)
        position = ledger.adopt_thresholds(wanted, reason=reason)
    typer.echo(f"{wanted.version} is in force from position {position} on")
