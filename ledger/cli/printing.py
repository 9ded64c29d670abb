"""Records on a terminal, as JSON or as CSV; progress as a bar on a terminal and plain lines else."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated

import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from ledger.application.spreadsheets import flat, unformula

# Wide enough for a summary where nobody watches: a file has no right margin.
_FILE_WIDTH = 200
# What of a step's line fits beside the bar.
_DESCRIPTION = 60


class Format(StrEnum):
    """How records are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


FormatOption = Annotated[Format, typer.Option("--format", help="How records are printed.")]


def console(*, stderr: bool = False) -> Console:
    """Where to print; as wide as the terminal, or wide enough for a file."""
    terminal = sys.stderr.isatty() if stderr else sys.stdout.isatty()
    return Console(stderr=stderr, width=None if terminal else _FILE_WIDTH, highlight=False)


def show(
    records: Sequence[BaseModel],
    kind: type[BaseModel],
    format_: Format,
    *,
    columns: Sequence[str],
    empty: str,
) -> None:
    """Print records: all their fields as JSON or CSV, the named columns as a table."""
    match format_:
        case Format.JSON:
            typer.echo(json.dumps([r.model_dump(mode="json") for r in records], indent=2))
        case Format.CSV:
            typer.echo(as_csv(records, kind), nl=False)
        case Format.TABLE if not records:
            typer.echo(empty)
        case Format.TABLE:
            told = [record.model_dump(mode="json") for record in records]
            table(columns, [[row[name] for name in columns] for row in told])


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table of these columns."""
    drawn = Table(*(name.replace("_", " ") for name in columns), box=None, pad_edge=False)
    for row in rows:
        # What a delivery wrote is text, never mark-up.
        drawn.add_row(*(escape(_cell(value)) for value in row))
    console().print(drawn)


def as_csv(records: Iterable[BaseModel], kind: type[BaseModel]) -> str:
    """Records as CSV, their field names as the header."""
    out = io.StringIO()
    names = list(kind.model_fields)
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    for record in records:
        told = record.model_dump(mode="json")
        writer.writerow({name: unformula(flat(told[name])) for name in names})
    return out.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(flat(item) for item in value)
    return flat(value)


@contextmanager
def progress(what: str, total: int) -> Iterator["Step"]:
    """Tell how far long work has come."""
    out = console(stderr=True)
    if not out.is_terminal:
        yield Step(out, None, total)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=out, transient=True) as bar:
        bar.add_task(what, total=total)
        yield Step(out, bar, total)


class Step:
    """Long work, one step at a time."""

    def __init__(self, out: Console, bar: Progress | None, total: int) -> None:
        self._out = out
        self._bar = bar
        self._total = total
        self._done = 0

    def begun(self, line: str) -> None:
        """A step has begun that may take long."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=line[:_DESCRIPTION])

    def done(self, line: str) -> None:
        """One more step is done; the line is for whoever reads a file instead of a bar."""
        self._done += 1
        if self._bar is None:
            self._out.print(f"[{self._done}/{self._total}] {line}", markup=False)
        else:
            self._bar.update(self._bar.task_ids[0], advance=1, description=line[:_DESCRIPTION])
