"""`ledger ingest`: take in deliveries, in the order of the dates they bear."""

import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from ledger.application import Ledger
from ledger.application.records import DeliveryRecord, FoundRecord
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, console, progress, show, table
from ledger.domain.refusals import DeliveryRefused
from ledger.readers import finding
from ledger.readers.delivery import Found
from ledger.readers.engines import POLARS, EngineName, EngineUnavailable, ScanEngine, opened
from ledger.settings import settings

_COLUMNS = (
    "path", "format", "state", "rows_read", "entries_kept", "unchanged", "removed", "unmatched",
    "left_out", "refused",
)  # fmt: skip


def ingest(
    paths: Annotated[
        list[Path], typer.Argument(help="Folders, zips or files.", show_default=False)
    ],
    explain: Annotated[
        bool, typer.Option("--explain", help="Say what each file is taken for, and read none.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would become of each, and keep nothing.")
    ] = False,
    engine: Annotated[
        EngineName | None,
        typer.Option(help="What scans the files; LEDGER_ENGINE says what if this does not."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Find the deliveries under each PATH and take them in; print what became of each."""
    if explain:
        with tempfile.TemporaryDirectory(prefix="ledger-") as scratch:
            found, left, problems = look(paths, Path(scratch))
            show_found(found, format_)
        well = _well(left, problems)
    else:
        with opened(engine or _told(), master=settings().spark_master) as scanning:
            well = take_in(paths, format_, dry_run=dry_run, scanning=scanning)
    if not well:
        raise typer.Exit(2)


def take_in(
    paths: Sequence[Path],
    format_: Format,
    *,
    dry_run: bool = False,
    scanning: ScanEngine = POLARS,
) -> bool:
    """Take in what lies under these paths, and print it; whether all of it was of use."""
    with tempfile.TemporaryDirectory(prefix="ledger-") as scratch, the_ledger() as ledger:
        found, left, problems = look(paths, Path(scratch))
        records = take(ledger, found, dry_run=dry_run, scanning=scanning)
        if not dry_run:
            ledger.catch_up()
    show_deliveries(records, format_)
    well = _well(left, problems)
    if dry_run:
        typer.echo("ledger: nothing was kept: this was a dry run", err=True)
    return well and all(record.state != "refused" for record in records)


def _well(left: Sequence[str], problems: Sequence[str]) -> bool:
    """Tell what was left, and what is no use; whether there was none of the latter."""
    for line in [*left, *problems]:
        typer.echo(f"ledger: {line}", err=True)
    return not problems


def _told() -> EngineName:
    try:
        return EngineName(settings().engine)
    except ValueError:
        raise EngineUnavailable("expected polars or spark in LEDGER_ENGINE") from None


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


def take(
    ledger: Ledger,
    found: Sequence[Found],
    *,
    dry_run: bool = False,
    scanning: ScanEngine = POLARS,
) -> list[DeliveryRecord]:
    """Take in deliveries, or try what would become of them, telling how far it has come."""
    records: list[DeliveryRecord] = []
    taking = (
        ledger.try_out(found, scanning=scanning)
        if dry_run
        else (ledger.ingest(one, scanning=scanning) for one in found)
    )
    began = time.monotonic()
    with progress("taking in", len(found)) as step:
        for one in found:
            size = sum(file.stat().st_size for file in one.files)
            step.begun(f"{one.path.name}: {one.format}, {decimal(size)}")
            this_began = time.monotonic()
            record = next(taking)
            records.append(record)
            speed = _rows_a_second(record.rows_read, time.monotonic() - this_began)
            step.done(f"{one.path.name}: {record.state}, {record.entries_kept} kept, {speed}")
    if found:
        states = Counter(record.state for record in records)
        told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        speed = _rows_a_second(sum(r.rows_read for r in records), time.monotonic() - began)
        typer.echo(f"{told}; {speed}", err=True)
    return records


def _rows_a_second(rows: int, seconds: float) -> str:
    return f"{rows:,} rows in {seconds:.1f} s, {rows / max(seconds, 0.001):,.0f} a second"


def show_found(found: Sequence[Found], format_: Format) -> None:
    """What lies under the paths, in the order in which it would be taken, and why it counts."""
    records = [
        FoundRecord(
            order=number,
            path=str(one.path),
            format=one.format,
            dated=one.dated,
            files=[file.name for file in one.files],
            because=finding.because(one),
        )
        for number, one in enumerate(found, start=1)
    ]
    columns = ("order", "path", "format", "dated", "files", "because")
    show(records, FoundRecord, format_, columns=columns, empty="No delivery was found.")


def show_deliveries(records: Sequence[DeliveryRecord], format_: Format) -> None:
    """What became of each delivery, and below it each refused row and each note."""
    if format_ is not Format.TABLE:
        show(records, DeliveryRecord, format_, columns=_COLUMNS, empty="")
        return
    told = [
        {**dict(record), "path": Path(record.path).name, "refused": record.rows_refused}
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
