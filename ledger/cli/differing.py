"""`ledger diff A B`: what is otherwise at the second point than at the first."""

from enum import StrEnum
from typing import Annotated

import typer

from ledger.application.records import MovedRecord
from ledger.application.scopes import Scope
from ledger.cli.ask import AtOption, KnownAtOption, PolicyOption, PracticeOption, point
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.domain.points import read_day, read_point

_COLUMNS = (
    "what", "practice", "nhs_number", "purpose", "rule", "setting", "organisation", "before",
    "after", "positions",
)  # fmt: skip


class What(StrEnum):
    """Which differences to show."""

    OBJECTION = "objection"
    SETTING = "setting"
    FINDING = "finding"


def diff(
    before: Annotated[str, typer.Argument(metavar="A", help="A position, a day or a time.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The same, later.")],
    effective: Annotated[
        bool,
        typer.Option("--effective", help="A and B are days on which things were so, known alike."),
    ] = False,
    practice: PracticeOption = None,
    region: Annotated[
        str | None, typer.Option(help="Only practices of this commissioner, as in the register.")
    ] = None,
    what: Annotated[What | None, typer.Option(help="Only these differences.")] = None,
    at: AtOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Who objects otherwise, which settings and findings are others, and by which events.

    By default what was known: at A, and at B, of one day (--at). With --effective what was so: on A,
    and on B, as known at one point (--known-at).
    """
    if effective and at is not None:
        raise typer.BadParameter("with --effective A and B are the days: leave --at out")
    if not effective and known_at is not None:
        raise typer.BadParameter("A and B say when it was known: --known-at goes with --effective")
    if practice is not None and region is not None:
        raise typer.BadParameter("name --practice or --region: one of them")
    scope = Scope(practice=practice, region=region)
    with the_ledger() as ledger:
        ledger.catch_up()
        if effective:
            told = ledger.effective_differences(
                read_day(before), read_day(after), scope, known_at=point(known_at), policy=policy
            )
        else:
            told = ledger.known_differences(
                read_point(before),
                read_point(after),
                scope,
                at=None if at is None else at.date(),
                policy=policy,
            )
    lines = [line for line in told.lines if what in (None, line.what)]
    show(lines, MovedRecord, format_, columns=_COLUMNS, empty="nothing differs")
    if format_ is Format.TABLE:
        was, is_ = told.before, told.after
        typer.echo(
            f"from {was.day}, known at position {was.known.position}, to {is_.day}, known at "
            f"position {is_.known.position}; policy {is_.policy}"
        )
