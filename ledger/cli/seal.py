"""`ledger seal`, `verify`, `prove` and `export`: the proof that history was not altered."""

from pathlib import Path
from typing import Annotated

import typer

from ledger.application import Ledger, Seal
from ledger.application.records import SealRecord, VerificationRecord
from ledger.application.sealing import signer
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.domain.refusals import NotAFact
from ledger.settings import settings

_NOT_WHAT_WAS_SIGNED = 1


def the_seal(ledger: Ledger) -> Seal:
    """The seal over this ledger, with the key under LEDGER_HOME."""
    told = settings()
    return Seal(ledger.engine, signer(told.home, told.origin))


def seal(format_: FormatOption = Format.TABLE) -> None:
    """Bring the tree over the log up to its head, sign it and print the checkpoint."""
    with the_ledger() as ledger:
        ledger.ensure_open()
        sealed = the_seal(ledger).follow()
    if format_ is Format.TABLE:
        typer.echo(sealed.checkpoint, nl=False)
    else:
        show([sealed], SealRecord, format_, columns=(), empty="")


def verify(
    held: Annotated[Path | None, typer.Option(help="A checkpoint that was kept elsewhere.")] = None,
    keys: Annotated[
        Path | None,
        typer.Option(help="The public keys to trust, one a line; else those the ledger kept."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Go through the whole log; exit with 1 and name the first position that is not as signed."""
    with the_ledger() as ledger:
        found = the_seal(ledger).verify(
            held=None if held is None else _text(held),
            keys=None if keys is None else _text(keys).split(),
        )
    if format_ is not Format.TABLE:
        show([found], VerificationRecord, format_, columns=(), empty="")
    elif found.holds:
        typer.echo(f"{found.events} events are what was signed, in {found.checkpoints} checkpoints")
    else:
        where = "" if found.position is None else f"position {found.position}: "
        typer.echo(f"DOES NOT HOLD: {where}{found.reason}")
    if not found.holds:
        raise typer.Exit(_NOT_WHAT_WAS_SIGNED)


def prove(
    position: Annotated[int, typer.Argument(min=1, help="The position of the event.")],
) -> None:
    """Print a proof that the event stands in the signed log: it needs nothing else to be checked."""
    with the_ledger() as ledger:
        typer.echo(the_seal(ledger).prove(position), nl=False)


def export(
    folder: Annotated[Path, typer.Argument(help="An empty folder, or one to be made.")],
) -> None:
    """Write the signed log, its tiles and keys, for `verify_ledger.py` to go through elsewhere."""
    with the_ledger() as ledger:
        events = the_seal(ledger).export(folder)
    typer.echo(f"{events} events in {folder}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        reason = "cannot be read as text"
        raise NotAFact(f"{path.name}: {reason}") from why
