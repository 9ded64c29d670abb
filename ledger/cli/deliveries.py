"""`ledger deliveries`: what was delivered and what became of it."""

from typing import Annotated

import typer

from ledger.application.records import DeliveryLineRecord, RefusedRowRecord
from ledger.cli.ask import PracticeOption
from ledger.cli.ingest import show_deliveries
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show

_COLUMNS = (
    "id", "recorded_at", "by", "format", "state", "practices", "rows_read", "entries_kept",
    "rows_refused", "reason",
)  # fmt: skip
# As many as the log keeps of one delivery.
_ALL = 100_000


def deliveries(
    delivery: Annotated[
        str | None,
        typer.Argument(metavar="ID", help="One delivery, by its id or that of its parcel."),
    ] = None,
    practice: PracticeOption = None,
    refused: Annotated[
        bool, typer.Option("--refused", help="Only the refused rows of ID, as CSV.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many to list.")] = 50,
    format_: FormatOption = Format.TABLE,
) -> None:
    """The latest deliveries, newest first; or one, with its refused rows and notes."""
    if refused and delivery is None:
        raise typer.BadParameter("--refused shows the rows of one delivery: name its ID")
    with the_ledger() as ledger:
        ledger.catch_up()
        if delivery is None:
            lines = ledger.deliveries(practice=practice, limit=limit)
            show(lines, DeliveryLineRecord, format_, columns=_COLUMNS, empty="no deliveries yet")
            return
        parcel = ledger.parcel(delivery)
        ids = [delivery] if parcel is None else [line.id for line in parcel.deliveries]
        if refused:
            rows = [row for id_ in ids for row in ledger.rows_refused(id_)]
            show(rows, RefusedRowRecord, Format.CSV, columns=(), empty="")
            return
        show_deliveries([ledger.delivery(id_, limit=_ALL) for id_ in ids or [delivery]], format_)
