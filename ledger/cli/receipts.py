"""`ledger receipt check`, and the file that `ledger status --receipt` writes."""

import os
from pathlib import Path
from typing import Annotated

import typer

from ledger.application.receipts import Receipts
from ledger.application.records import ReceiptCheckRecord, ReceiptRecord
from ledger.cli.exits import ANSWER_DIFFERS
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.cli.seal import KeysOption, keys_in, text_of, the_seal
from ledger.domain.refusals import NotAFact

app = typer.Typer(no_args_is_help=True, help="Receipts: does the ledger still answer the same?")


@app.callback()
def receipt() -> None:
    """Answers that the ledger signed, with the history they were given from."""


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="What `ledger status --receipt` wrote.")],
    keys: KeysOption = None,
    quick: Annotated[
        bool,
        typer.Option(
            "--quick", help="Hash only the events the answer rests on, not the whole log."
        ),
    ] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Ask the same again at the receipt's position: does the same answer come out?

    Ends with 0: the same. 1: an event is not what was signed, and its position is named. 2: the
    file cannot be read. 3: the ledger ends before the receipt's position. 4: no such policy.
    5: the tree over the log is not what was signed. 6: no trusted key signed the receipt: it is
    another log's. 7: it is no receipt, or was altered. 8: the answer differs, and where.
    """
    text = text_of(file)
    with the_ledger() as ledger:
        found = Receipts(ledger, the_seal(ledger)).check(text, keys=keys_in(keys), whole=not quick)
    if format_ is not Format.TABLE:
        show([found], ReceiptCheckRecord, format_, columns=(), empty="")
    elif found.same:
        typer.echo(
            f"the same answer comes out, in {found.rows} of {found.rows} rows, at position "
            f"{found.position} by {found.policy}; {found.events} events are what was signed"
        )
    else:
        for each in found.differences:
            typer.echo(f"row {each.row}, {each.field}: was {each.was}, is now {each.now}")
        typer.echo(f"DIFFERS: {len({each.row for each in found.differences})} of {found.rows}")
    if not found.same:
        raise typer.Exit(ANSWER_DIFFERS)


def write_receipt(path: Path, receipt: ReceiptRecord) -> None:
    """Keep it for its owner's eyes: it holds NHS numbers."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as why:
        reason = "is there already" if path.exists() else "cannot be written"
        raise NotAFact(f"--receipt {path.name}: {reason}: expected the name of a new file") from why
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(receipt.model_dump_json(indent=2) + "\n")
