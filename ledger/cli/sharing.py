"""`ledger sharing`: a practice's sharing settings on a day, as known then."""

from typing import Annotated

import typer

from ledger.application.records import ChangeRecord, SharingRecord
from ledger.cli.ask import AtOption, KnownAtOption, PolicyOption, point
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show, table


def sharing(
    practice: Annotated[str, typer.Argument(help="The practice, by ODS code.")],
    at: AtOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """A practice's sharing settings on a day, and every change of them that was known."""
    with the_ledger() as ledger:
        ledger.catch_up()
        told = ledger.sharing(
            practice.upper(),
            at=None if at is None else at.date(),
            known_at=point(known_at),
            policy=policy,
        )
    match format_:
        case Format.JSON:
            typer.echo(told.model_dump_json(indent=2))
        case Format.CSV:
            show(told.history, ChangeRecord, format_, columns=(), empty="")
        case Format.TABLE:
            _table(told)


def _table(told: SharingRecord) -> None:
    lists = (("allowed", told.allowed), ("prohibited", told.prohibited))
    rows = [(one.setting, one.value or "never set") for one in told.settings]
    table(("setting", "value"), [*rows, *((name, ", ".join(on) or "nobody") for name, on in lists)])
    typer.echo(f"{len(told.history)} changes known; at {told.at}, position {told.position}")
