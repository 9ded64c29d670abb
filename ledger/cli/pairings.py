"""`ledger pairings`: which third-party systems may write for a practice."""

from typing import Annotated

import typer

from ledger.application.records import PairingRecord
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.domain.callers import Caller, on_the_word_of
from ledger.domain.identifiers import ods_code

app = typer.Typer(
    help="The third-party systems that may write for a practice.", no_args_is_help=True
)

PracticeOption = Annotated[str, typer.Option(help="The practice, by ODS code.")]
SystemArgument = Annotated[str, typer.Argument(help="The system's id, as its tokens name it.")]
_COLUMNS = ("system", "state", "approved_at", "approved_by", "revoked_at", "revoked_by")


@app.command("approve")
def approve(system: SystemArgument, practice: PracticeOption) -> None:
    """Let a third-party system write for a practice, on the word of its controller."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        position = ledger.approve_pairing(min(by.practices), system, by=by)
    typer.echo("known already" if position is None else f"approved at position {position}")


@app.command("revoke")
def revoke(system: SystemArgument, practice: PracticeOption) -> None:
    """End a pairing: whatever the system writes from now on is refused."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        position = ledger.revoke_pairing(min(by.practices), system, by=by)
    typer.echo(f"revoked at position {position}")


@app.command("list")
def list_pairings(practice: PracticeOption, format_: FormatOption = Format.TABLE) -> None:
    """The pairings of a practice: those that stand, then those that did."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        ledger.catch_up()
        found = ledger.pairings(min(by.practices))
    show(found, PairingRecord, format_, columns=_COLUMNS, empty="no pairings")


def _for_the_controller_of(practice: str) -> Caller:
    code = ods_code(practice)
    if code is None:
        raise typer.BadParameter("--practice takes an ODS code, such as A81001")
    return on_the_word_of(code)
