"""`ledger looks`: who was shown what of which patients."""

from typing import Annotated

import typer

from ledger.application.records import LookRecord
from ledger.cli.ask import PracticeOption
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.domain.looks import Shown

_COLUMNS = ("position", "looked_at", "who", "role", "way", "shown", "practices", "reason")


def looks(
    practice: PracticeOption = None,
    who: Annotated[str | None, typer.Option(help="Only this person's or program's.")] = None,
    shown: Annotated[Shown | None, typer.Option(help="Only where this was shown.")] = None,
    patient: Annotated[
        str | None, typer.Option(help="Only at this patient, by NHS number: which is a look too.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many to list.")] = 50,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Who looked at patients, the newest first; nobody's NHS number is in it."""
    with the_ledger() as ledger:
        ledger.catch_up()
        found = ledger.looks(
            practice=practice, who=who, shown=shown, nhs_number=patient, limit=limit
        )
    show(found, LookRecord, format_, columns=_COLUMNS, empty="nobody has looked")
