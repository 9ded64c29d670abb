"""`ledger practices`: the register of practices."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.cli.opening import the_ledger
from ledger.cli.printing import table

app = typer.Typer(help="The register of practices, and the system each uses.", no_args_is_help=True)


@app.command("import")
def import_practices(
    file: Annotated[
        Path | None, typer.Argument(help="epraccur.csv, or the same gzipped.", show_default=False)
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
        typer.echo(f"refused: {row.file}, row {row.row}, {row.column}: {row.reason}")


@app.command("list")
def list_practices() -> None:
    """The practices the ledger hears from."""
    with the_ledger() as ledger:
        ledger.catch_up()
        lines = ledger.practices()
    table(
        ("code", "name", "system", "status"),
        [
            (
                line.code,
                line.name,
                line.clinical_system.full_name if line.clinical_system else None,
                line.status,
            )
            for line in lines
        ],
    )
