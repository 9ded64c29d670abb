"""`ledger policies`: the rules of who counts as objecting, listed and compared."""

from typing import Annotated

import typer

from ledger.application.comparing import TwoPolicies
from ledger.application.records import (
    ComparisonRecord,
    DifferenceRecord,
    PolicyRecord,
    PracticeDifferenceRecord,
)
from ledger.cli.ask import AtOption, KnownAtOption, point
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show, table
from ledger.domain.purposes import Purpose

app = typer.Typer()

_COLUMNS = ("name", "whose", "in_force", "entries", "withdrawals", "same_day", "undated", "silence")


@app.callback(invoke_without_command=True)
def policies(context: typer.Context, format_: FormatOption = Format.TABLE) -> None:
    """Every rule of who counts as objecting, and what it does: the ledger's own first."""
    if context.invoked_subcommand is None:
        list_policies(format_)


@app.command("list")
def list_policies(format_: FormatOption = Format.TABLE) -> None:
    """The same."""
    with the_ledger() as ledger:
        listed = ledger.policies()
    show(listed, PolicyRecord, format_, columns=_COLUMNS, empty="no policies")


@app.command("compare")
def compare(
    a: Annotated[str, typer.Argument(help="A policy, by name.", show_default=False)],
    b: Annotated[str, typer.Argument(help="Another.", show_default=False)],
    purpose: Annotated[
        Purpose, typer.Option(help="What the data would be used for.")
    ] = Purpose.TYPE_1,
    at: AtOption = None,
    known_at: KnownAtOption = None,
    practice: Annotated[
        str | None, typer.Option(help="Only patients with an entry at this practice.")
    ] = None,
    whom: Annotated[
        bool, typer.Option("--whom", help="List the patients, with their NHS numbers.")
    ] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Of how many patients, and of whom, two policies say something else."""
    where = (at.date() if at else None, point(known_at), practice and practice.upper())
    two = TwoPolicies(a, b, purpose, *where)
    with the_ledger() as ledger:
        ledger.catch_up()
        if whom:
            found = ledger.answered_differently(two)
            columns = tuple(DifferenceRecord.model_fields)
            show(found, DifferenceRecord, format_, columns=columns, empty="nobody")
            return
        told = ledger.compared(two)
    match format_:
        case Format.JSON:
            typer.echo(told.model_dump_json(indent=2))
        case Format.CSV:
            show(told.practices, PracticeDifferenceRecord, format_, columns=(), empty="")
        case Format.TABLE:
            _tell(told)


def _tell(told: ComparisonRecord) -> None:
    typer.echo(
        f"{told.different:,} of {told.compared:,} patients answered differently for {told.purpose} "
        f"at {told.at}, known at position {told.position}"
    )
    for name, in_force in ((told.a, told.a_in_force), (told.b, told.b_in_force)):
        if not in_force:
            typer.echo(f"{name} was not in force on that day")
    rows = [[line.a, line.b, line.patients] for line in told.answers]
    table((told.a, told.b, "patients"), rows)
    if told.practices:
        by_practice = [[p.practice or "none", p.a, p.b, p.patients] for p in told.practices]
        table(("practice", told.a, told.b, "patients"), by_practice)
