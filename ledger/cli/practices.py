"""`ledger practices`: the register of practices, taken in and listed."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.application.practice_lists import practice_record, wanted
from ledger.application.records import PracticeRecord
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show

app = typer.Typer()


class Status(StrEnum):
    """What the register says of a practice."""

    ACTIVE = "active"
    CLOSED = "closed"
    DORMANT = "dormant"
    PROPOSED = "proposed"
    UNKNOWN = "unknown"


@app.command("import")
def import_practices(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="epraccur.csv, JSON of ODS's ORD API, or a list of systems; perhaps gzipped.",
            show_default=False,
        ),
    ] = None,
    systems: Annotated[
        Path | None, typer.Option(help="Who uses which system: header ODSCode,Supplier.")
    ] = None,
) -> None:
    """Take in the register of practices; what is known already adds nothing."""
    if file is None and systems is None:
        raise typer.BadParameter("name a register, a list of systems (--systems), or both")
    with the_ledger() as ledger:
        tally = ledger.import_practices(file, systems=systems)
        ledger.catch_up()
    typer.echo(
        f"{tally.rows_read} practices read, {tally.changed} changed, {tally.unchanged} known"
    )
    for row in tally.refused:
        column = f", {row.column}" if row.column else ""
        typer.echo(f"refused: {row.file}, row {row.row}{column}: {row.reason}")


@app.command("list")
def list_practices(
    system: Annotated[str | None, typer.Option(help="Only users of this system.")] = None,
    supplier: Annotated[str | None, typer.Option(help="Only users of its system.")] = None,
    status: Annotated[Status | None, typer.Option(help="Only those.")] = None,
    commissioner: Annotated[str | None, typer.Option(help="Only its own, by ODS code.")] = None,
    name: Annotated[str | None, typer.Option(help="Part of a name or of a code.")] = None,
    closed_since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Only those closed on that day or later."),
    ] = None,
    gp_practice: Annotated[
        bool, typer.Option("--gp-practice/--all", help="Only GP practices, or whatever is listed.")
    ] = True,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most.")] = 100,
    format_: FormatOption = Format.TABLE,
) -> None:
    """The practices, by code: which system each uses, and who has the patients of closed ones."""
    asked = wanted(
        system=system,
        supplier=supplier,
        status=status,
        commissioner=commissioner,
        name=name,
        closed_since=closed_since.date() if closed_since else None,
        gp_practice=gp_practice,
    )
    with the_ledger() as ledger:
        ledger.catch_up()
        lines = ledger.practices(asked, limit=limit)
        total = len(lines) if len(lines) < limit else len(ledger.practice_codes(asked))
    columns = (
        "code", "name", "status", "clinical_system", "commissioner", "closed_on", "successors",
    )  # fmt: skip
    records = [practice_record(line) for line in lines]
    show(records, PracticeRecord, format_, columns=columns, empty="no practice matches")
    if total > len(lines):
        typer.echo(f"{len(lines):,} of {total:,} practices: --limit shows more", err=True)


@app.callback(invoke_without_command=True)
def practices(context: typer.Context) -> None:
    """The register of practices, and the system each uses. Without a verb: list."""
    if context.invoked_subcommand is None:
        list_practices()
