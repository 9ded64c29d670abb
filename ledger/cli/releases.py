"""`ledger release`, `releases` and `exposure`: what left, and who was in it while objecting."""

from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from ledger.application.records import (
    AccountRecord,
    ExposedRecord,
    ExposureCountRecord,
    ExposureRecord,
    RefusedRowRecord,
    ReleaseRecord,
    UntransmittedRecord,
    WindowRecord,
)
from ledger.application.releasing import Told
from ledger.cli.ask import SupplierOption
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, console, show
from ledger.domain.accounts import WINDOW_BEGINS, WINDOW_ENDS
from ledger.domain.identifiers import ods_code
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact
from ledger.readers.cohort import CohortList

_DAY = ["%Y-%m-%d"]
_COLUMNS = (
    "id", "released_at", "recipient", "purpose", "receipt", "relied_on", "max_age", "members",
    "rows_refused",
)  # fmt: skip
_EXPOSED = (
    "nhs_number", "practice", "supplier", "since", "until", "entered_on", "known", "failure",
    "rule", "position",
)  # fmt: skip


def release(
    file: Annotated[
        Path, typer.Argument(help="Whose data left: one NHS number a line, or a column NHSNumber.")
    ],
    recipient: Annotated[str, typer.Option(help="Who was given the data.")],
    purpose: Annotated[Purpose, typer.Option(help="To what an objection would have kept it back.")],
    receipt: Annotated[
        str | None, typer.Option(help="The receipt of the check it relied on.")
    ] = None,
    released_at: Annotated[
        str | None, typer.Option(help="When it left, as 2016-04-20T09:00:00Z; else now.")
    ] = None,
    relied_on: Annotated[
        list[str] | None, typer.Option(help="A practice relied on, by ODS code; may be repeated.")
    ] = None,
    max_age: Annotated[
        int | None,
        typer.Option(min=0, max=36_500, help="How many days old their evidence might be."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Tell what was released: it is kept, and whoever objected to it is found."""
    told = Told(
        recipient=recipient,
        purpose=purpose,
        released_at=None if released_at is None else _moment(released_at),
        receipt=receipt,
        relied_on=frozenset(_codes(relied_on or [])),
        max_age_days=max_age,
    )
    with the_ledger() as ledger:
        try:
            with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
                record, position = ledger.release(told, CohortList(file.name, lines))
        except OSError as why:
            raise NotAFact(f"{file.name}: expected a file that can be read") from why
    show([record], ReleaseRecord, format_, columns=_COLUMNS, empty="")
    if format_ is not Format.TABLE:
        return
    if position is None:
        typer.echo("known already: the same release again adds nothing")
    _show_refused(record)


def releases(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many to list.")] = 50,
    format_: FormatOption = Format.TABLE,
) -> None:
    """What was released, what left last first."""
    with the_ledger() as ledger:
        ledger.catch_up()
        found = ledger.releases(limit=limit)
    show(found, ReleaseRecord, format_, columns=_COLUMNS, empty="no releases yet")


def exposure(
    release: Annotated[
        str | None, typer.Argument(help="One release, by its id; without it, a window of time.")
    ] = None,
    from_: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, help="Objections entered from then.")
    ] = None,
    to: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, help="Objections entered until then.")
    ] = None,
    window: Annotated[
        tuple[datetime, datetime] | None,
        typer.Option(
            formats=_DAY,
            help="Whose type 2 stood untransmitted between two days; those of the TPP type 2 issue.",
        ),
    ] = None,
    supplier: SupplierOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Who was released while objecting, since when, and through whose failure."""
    if release is not None and (window or supplier):
        raise typer.BadParameter("--window and --supplier are of no release: leave RELEASE out")
    if release is None and (from_ or to):
        raise typer.BadParameter("--from and --to are of a release: name it, or say --window")
    begin, end = (window[0].date(), window[1].date()) if window else (WINDOW_BEGINS, WINDOW_ENDS)
    with the_ledger() as ledger:
        ledger.catch_up()
        if release is None:
            _show_window(ledger.window(begin=begin, end=end, supplier=supplier), format_)
            return
        record = ledger.exposure(
            _id(release),
            entered_from=from_.date() if from_ else None,
            entered_to=to.date() if to else None,
        )
    _show_exposure(record, format_)


def _show_exposure(record: ExposureRecord, format_: Format) -> None:
    patients = record.patients or []
    if format_ is Format.JSON:
        typer.echo(record.model_dump_json(indent=2))
    elif format_ is Format.CSV:
        show(patients, ExposedRecord, format_, columns=(), empty="")
    else:
        told = record.release
        typer.echo(
            f"{record.exposed} of {told.members} patients were released to {told.recipient} on "
            f"{told.released_at:%Y-%m-%d} while objecting ({told.purpose})"
        )
        counts = tuple(ExposureCountRecord.model_fields)
        show(record.counts, ExposureCountRecord, format_, columns=counts, empty="nobody")
        if patients:
            show(patients, ExposedRecord, format_, columns=_EXPOSED, empty="")
        if not record.cohort_holds:
            typer.echo("DOES NOT HOLD: the members kept are not those that were told", err=True)


def _show_window(record: WindowRecord, format_: Format) -> None:
    if format_ is Format.JSON:
        typer.echo(record.model_dump_json(indent=2))
        return
    columns = tuple(UntransmittedRecord.model_fields)
    show(record.untransmitted, UntransmittedRecord, format_, columns=columns, empty="nobody")
    if format_ is Format.TABLE:
        typer.echo(f"\nFrom {record.window_from} to {record.window_to}, beside what was published:")
        accounts = tuple(AccountRecord.model_fields)
        show(record.accounts, AccountRecord, format_, columns=accounts, empty="")


def _show_refused(record: ReleaseRecord) -> None:
    out = console()
    for row in record.refused:
        out.print(f"refused: {_where(row)}: {row.reason}", markup=False)
    more = record.rows_refused - len(record.refused)
    if more:
        out.print(f"and {more} rows more")


def _where(row: RefusedRowRecord) -> str:
    return f"{row.file}, row {row.row}, {row.column}"


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter("expected a release's id: `ledger releases` lists them") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter("--released-at is a time such as 2016-04-20T09:00:00Z")
    return moment


def _codes(told: list[str]) -> list[str]:
    codes = [ods_code(one) for text in told for one in text.replace(",", " ").split()]
    known = [code for code in codes if code is not None]
    if len(known) < len(codes):
        raise typer.BadParameter("--relied-on is an ODS code: three to ten letters and digits")
    return known
