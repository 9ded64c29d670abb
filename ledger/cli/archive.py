"""`ledger archive`: the sealed log as Parquet, for questions about everybody and for keeping."""

from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from ledger.application.archiving import archive as write
from ledger.application.records import ArchiveRecord
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.store.archive.manifest import Range


def archive(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="An empty folder, one to be made, or an archive.")
    ],
    format_: FormatOption = Format.TABLE,
) -> None:
    """Write the log up to its newest checkpoint as Parquet, or what is new since the last time.

    `ledger verify --archive DIR` goes through it, `ledger replay --from-archive DIR` asks it.
    Ends with 1: an event is not what was signed, and nothing of its range was written. 6: the
    folder has another ledger's archive.
    """

    def tell(held: Range, size: int) -> None:
        typer.echo(f"{held.name}: position {held.last:,} of {size:,}", err=True)

    with the_ledger() as ledger:
        written = write(ledger, folder, told=tell)
    if format_ is Format.TABLE:
        typer.echo(
            f"{written.events:,} events in {written.files} files of {decimal(written.bytes)}, "
            f"{written.written} of them written now"
        )
    else:
        show([written], ArchiveRecord, format_, columns=(), empty="")
