"""`ledger ingest`: take in deliveries, in the order of the dates they bear."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ledger.application import Ledger
from ledger.application.records import DeliveryRecord
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, console, progress, show, table
from ledger.domain.refusals import DeliveryRefused
from ledger.readers import finding
from ledger.readers.delivery import Found

_COLUMNS = (
    "path", "format", "state", "rows_read", "entries_kept", "unchanged", "removed", "unmatched",
    "left_out", "refused",
)  # fmt: skip


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Folders, zips or files.", show_default=False)
    ],
    format_: FormatOption = Format.TABLE,
) -> None:
    """Find the deliveries under each PATH and take them in; print what became of each."""
    with tempfile.TemporaryDirectory(prefix="ledger-") as scratch, the_ledger() as ledger:
        found, left, problems = look(paths, Path(scratch))
        records = take(ledger, found)
        ledger.catch_up()
        show_deliveries(records, format_)
        for line in [*left, *problems]:
            typer.echo(f"ledger: {line}", err=True)
        if problems or any(record.state == "refused" for record in records):
            raise typer.Exit(2)


def look(paths: Sequence[Path], scratch: Path) -> tuple[list[Found], list[str], list[str]]:
    """The deliveries under these paths in the order they are to be taken, what else lay beside
    them and was left, and which paths are no use: not there, or without any delivery.
    """
    found: list[Found] = []
    left: list[str] = []
    problems: list[str] = []
    for number, path in enumerate(paths):
        try:
            here, others = finding.find(path, scratch=scratch / str(number))
        except DeliveryRefused as refusal:
            problems.append(str(refusal))
            continue
        found += here
        left += [f"{other.path}: not taken: {other.reason}" for other in others]
        if not here:
            problems.append(f"{path}: holds no delivery")
    return sorted(found, key=finding.order), left, problems


def take(ledger: Ledger, found: Sequence[Found]) -> list[DeliveryRecord]:
    """Take in deliveries, telling how far it has come."""
    records = []
    with progress("taking in", len(found)) as step:
        for one in found:
            record = ledger.ingest(one)
            records.append(record)
            step.done(f"{one.path.name}: {record.state}, {record.entries_kept} kept")
    return records


def show_deliveries(records: Sequence[DeliveryRecord], format_: Format) -> None:
    """What became of each delivery, and below it each refused row and each note."""
    if format_ is not Format.TABLE:
        show(records, DeliveryRecord, format_, columns=_COLUMNS, empty="")
        return
    told = [
        {**dict(record), "path": Path(record.path).name, "refused": len(record.refused)}
        for record in records
    ]
    table(_COLUMNS, [[row[name] for name in _COLUMNS] for row in told])
    out = console()
    for record in records:
        name = Path(record.path).name
        if record.reason:
            out.print(f"{name}: refused whole: {record.reason}", markup=False)
        for row in record.refused:
            where = f"{row.file}, row {row.row}, {row.column}"
            out.print(f"{name}: refused: {where}: {row.reason}", markup=False)
        for note in record.notes:
            out.print(f"{name}: note: {note}", markup=False)
