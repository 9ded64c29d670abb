"""`ledger replay`: the state of objections at a point in both times."""

import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, TypedDict

import typer

from ledger.application.archive_engines import ArchiveEngine
from ledger.application.archived import replayed
from ledger.application.records import ReplayRecord
from ledger.application.replaying import Replay
from ledger.application.scopes import Scope
from ledger.cli.ask import AtOption, KnownAtOption, PolicyOption, PracticeOption, point
from ledger.cli.files import save
from ledger.cli.opening import ledger_at_hand, the_ledger
from ledger.cli.printing import Format, show
from ledger.domain.points import Point
from ledger.domain.purposes import Purpose
from ledger.settings import settings

_COLUMNS = (
    "nhs_number", "purpose", "status", "practice", "counts_on", "rule", "entry", "superseded",
)  # fmt: skip
# What fits on a terminal that somebody reads.
_MOST_LINES = 1_000


class ReplayFormat(StrEnum):
    """How the lines are told."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


class _Asked(TypedDict):
    """What is asked, whoever answers."""

    at: date | None
    known_at: Point | None
    policy: str | None
    purpose: Purpose | None


OutOption = Annotated[
    Path | None, typer.Option(help="Write to this file, which must not be there yet.")
]


def replay(
    nhs_number: Annotated[
        str | None,
        typer.Argument(help="One patient's; - reads it from standard input.", show_default=False),
    ] = None,
    practice: PracticeOption = None,
    region: Annotated[
        str | None, typer.Option(help="Only practices of this commissioner, as in the register.")
    ] = None,
    everybody: Annotated[
        bool, typer.Option("--everybody", help="All patients of all practices.")
    ] = False,
    purpose: Annotated[Purpose | None, typer.Option(help="Only this purpose.")] = None,
    at: AtOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    from_log: Annotated[
        bool, typer.Option("--from-log", help="Fold the log itself: slower, and the same answer.")
    ] = False,
    from_archive: Annotated[
        Path | None,
        typer.Option(help="Ask this archive; with no ledger at hand lines bear random ids."),
    ] = None,
    engine: Annotated[
        ArchiveEngine, typer.Option(help="What reads the archive.")
    ] = ArchiveEngine.DUCKDB,
    format_: Annotated[
        ReplayFormat, typer.Option("--format", help="How lines are told.")
    ] = ReplayFormat.TABLE,
    out: OutOption = None,
) -> None:
    """What was known, at a point, of who objects on a day: of one patient, practice, region or all.

    Ends with 3 at a position past the end of the ledger, with 4 where there is no such policy, with
    10 at a time to come; of an archive with 1 where a file was altered, 6 where it is another ledger's.
    """
    scopes = (nhs_number, practice, region, everybody or None)
    if sum(scope is not None for scope in scopes) != 1:
        raise typer.BadParameter("name a patient, --practice, --region or --everybody: one of them")
    if format_ is ReplayFormat.PARQUET and out is None:
        raise typer.BadParameter("--format parquet writes a file: name it with --out")
    if out is not None and format_ is ReplayFormat.TABLE:
        raise typer.BadParameter("--out goes with --format json, csv or parquet")
    if from_archive is not None and (from_log or nhs_number is not None):
        raise typer.BadParameter("--from-archive goes with --practice, --region or --everybody")
    if nhs_number == "-":
        nhs_number = sys.stdin.readline().strip()
    asked: _Asked = {
        "at": None if at is None else at.date(),
        "known_at": point(known_at),
        "policy": policy,
        "purpose": purpose,
    }
    scope = Scope(nhs_number, practice, region)
    if from_archive is None:
        with the_ledger() as ledger:
            ledger.catch_up()
            _tell(ledger.replay(scope, **asked, from_log=from_log), format_, out)
        return
    with ledger_at_hand() as named:
        told = replayed(
            from_archive,
            scope,
            **asked,
            now=datetime.now(UTC),
            ledger=named,
            engine=engine,
            master=settings().spark_master,
        )
        with told as answer:
            _tell(answer, format_, out)


def _tell(told: Replay, format_: ReplayFormat, out: Path | None) -> None:
    if out is not None:
        lines = save(told.lines, ReplayRecord, out, format_=format_)
        typer.echo(f"{lines:,} lines in {out}")
    elif format_ is ReplayFormat.TABLE:
        _table(told)
    else:
        show(list(told.lines), ReplayRecord, Format(format_), columns=(), empty="")


def _table(told: Replay) -> None:
    lines = iter(told.lines)
    shown = list(islice(lines, _MOST_LINES))
    columns = ("patient", *_COLUMNS[1:]) if any(line.patient for line in shown) else _COLUMNS
    show(shown, ReplayRecord, Format.TABLE, columns=columns, empty="nobody has any entry")
    rest = sum(1 for _ in lines)
    if rest:
        typer.echo(f"and {rest:,} more: ask for --format csv or parquet")
    typer.echo(
        f"at {told.at}, known at position {told.known.position} "
        f"({told.known.time or 'before the first'}), policy {told.policy}"
    )
