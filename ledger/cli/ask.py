"""Questions: `ledger status`, `ledger transmission`, `ledger vocabularies`."""

from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.application.receipts import Receipts, StatusAsked
from ledger.application.records import (
    OutOfLineRecord,
    PracticeTransmissionRecord,
    StatisticsRecord,
    StatusRecord,
    StillOldRecord,
    TransmissionRecord,
    VocabularyRecord,
)
from ledger.application.standpoint import When
from ledger.application.statistics import Level
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.cli.receipts import write_receipt
from ledger.cli.seal import the_seal
from ledger.domain.points import Point, read_point
from ledger.domain.policies import NOT_REGISTERED
from ledger.domain.purposes import Purpose

PracticeOption = Annotated[str | None, typer.Option(help="Only this practice, by ODS code.")]
RuleOption = Annotated[str | None, typer.Option(help="Only this rule, e.g. CO01.")]
SupplierOption = Annotated[
    str | None, typer.Option(help="Only this supplier and the practices that use its system.")
]
AtOption = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The effective day; by default today.")
]
KnownAtOption = Annotated[
    str | None,
    typer.Option(help="A position, a day or an RFC 3339 time: what was known then."),
]
PolicyOption = Annotated[str | None, typer.Option(help="The rule of who counts as objecting.")]


class By(StrEnum):
    """Of whom the board tells."""

    SUPPLIER = "supplier"
    PRACTICE = "practice"


def status(
    nhs_number: Annotated[str, typer.Argument(help="Ten digits.", show_default=False)],
    purpose: Annotated[Purpose, typer.Option(help="What the data would be used for.")],
    at: AtOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    practice: Annotated[
        str | None, typer.Option(help="The practice whose evidence has to be new enough.")
    ] = None,
    max_age: Annotated[
        int | None, typer.Option(min=0, help="How many days old that evidence may be.")
    ] = None,
    receipt: Annotated[
        Path | None,
        typer.Option(help="A new file for the answer, signed: `ledger receipt check` asks again."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """May this person's data be used? `cannot-tell` counts as objecting.

    Ends with 3 at a position past the end of the ledger, with 4 where there is no such policy, with
    10 at a time to come.
    """
    with the_ledger() as ledger:
        ledger.catch_up()
        question: StatusAsked = {
            "at": at.date() if at else None,
            "known_at": point(known_at),
            "policy": policy,
            "practice": practice,
            "max_age": None if max_age is None else timedelta(days=max_age),
        }
        if receipt is None:
            [answer] = ledger.statuses([nhs_number], purpose, **question)
        else:
            receipts = Receipts(ledger, the_seal(ledger))
            [answer], signed = receipts.statuses([nhs_number], purpose, **question)
            write_receipt(receipt, signed)
    match format_:
        case Format.JSON:
            typer.echo(answer.model_dump_json(indent=2))
        case Format.CSV:
            show([answer], StatusRecord, format_, columns=(), empty="")
        case Format.TABLE:
            typer.echo(answer.status)
            _explain(answer)


def transmission(
    supplier: SupplierOption = None,
    collection: Annotated[
        str | None, typer.Option(help="With --by practice: only this collection, by its id.")
    ] = None,
    by: Annotated[
        By, typer.Option(help="By supplier and code system, or by practice: who was missing?")
    ] = By.SUPPLIER,
    out_of_line: Annotated[
        bool,
        typer.Option("--out-of-line", help="From which collection new dissents stayed away."),
    ] = False,
    at: AtOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Recorded beside transmitted and how long it took, by collection, supplier and code system."""
    if collection is not None and by is not By.PRACTICE:
        raise typer.BadParameter("--collection goes with --by practice")
    if out_of_line and by is not By.SUPPLIER:
        raise typer.BadParameter("--out-of-line is told by supplier: leave out --by")
    empty = "no collections yet"
    asked = when(at, known_at, policy)
    with the_ledger() as ledger:
        ledger.catch_up()
        if out_of_line:
            lapses = ledger.out_of_line(supplier=supplier, when=asked)
            columns = tuple(OutOfLineRecord.model_fields)
            show(lapses, OutOfLineRecord, format_, columns=columns, empty="nobody fell out of line")
            return
        if by is By.PRACTICE:
            found = ledger.practices_transmission(
                supplier=supplier, collection=collection, when=asked
            )
            columns = tuple(PracticeTransmissionRecord.model_fields)
            show(found, PracticeTransmissionRecord, format_, columns=columns, empty=empty)
            return
        lines = ledger.transmission(supplier=supplier, when=asked)
    columns = tuple(TransmissionRecord.model_fields)
    show(lines, TransmissionRecord, format_, columns=columns, empty=empty)


def statistics(
    level: Annotated[Level, typer.Option(help="Who is told apart besides all.")] = Level.ALL,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m", "%Y-%m-%d"],
            help="From this month on; by default the latest that is over.",
        ),
    ] = None,
    at: AtOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """How many patients objected at the end of each month, as it may be published: * is 1 to 7."""
    with the_ledger() as ledger:
        ledger.catch_up()
        told = ledger.statistics(
            level=level,
            since=None if since is None else since.date(),
            when=when(at, known_at, policy),
        )
    columns = tuple(name for name in StatisticsRecord.model_fields if name != "name")
    show(told, StatisticsRecord, format_, columns=columns, empty="no month is over yet")


def vocabularies(
    practice: PracticeOption = None,
    system: Annotated[str | None, typer.Option(help="Only this clinical system.")] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m"], help="From this month on.")
    ] = None,
    still_old: Annotated[
        bool,
        typer.Option(
            "--still-old", help="The practices that have entered Read v2 or CTV3 since April 2018."
        ),
    ] = False,
    format_: FormatOption = Format.TABLE,
) -> None:
    """How many entries stand in Read v2, CTV3 and SNOMED CT, the newest month first."""
    day = None if since is None else since.date()
    with the_ledger() as ledger:
        ledger.catch_up()
        if still_old:
            practices = ledger.still_old(practice=practice, system=system, since=day)
            old = tuple(StillOldRecord.model_fields)
            show(practices, StillOldRecord, format_, columns=old, empty="no such practice")
            return
        lines = ledger.vocabularies(practice=practice, system=system, since=day)
    columns = tuple(VocabularyRecord.model_fields)
    show(lines, VocabularyRecord, format_, columns=columns, empty="no entries")


def point(text: str | None) -> Point | None:
    """The point that an option names, if it was given."""
    return None if text is None else read_point(text)


def when(at: datetime | None, known_at: str | None, policy: str | None) -> When:
    """Of which day, as known when, by which policy the options ask."""
    return When(None if at is None else at.date(), point(known_at), policy)


def _explain(answer: StatusRecord) -> None:
    because = answer.because
    if answer.withheld_by:
        typer.echo(
            f"practice {', '.join(answer.withheld_by)} withheld the record when asked, so an "
            f"objection in it cannot be seen; rule {answer.rule}"
        )
    elif because is None and answer.rule == NOT_REGISTERED:
        typer.echo(
            "registered nowhere that the policy looks, so an objection elsewhere cannot be seen; "
            f"rule {answer.rule}"
        )
    elif because is None:
        typer.echo(f"no {answer.purpose} entry is known")
    else:
        typer.echo(
            f"because of position {because.position}: code {because.code} ({because.code_system}) "
            f"at practice {because.practice}, effective {because.effective_on or 'undated'}, "
            f"entered {because.entered_at or 'unknown'}; rule {because.rule}"
        )
    for against in answer.conflicts:
        typer.echo(f"against it stands position {against.position} of the same day")
    typer.echo(
        f"at {answer.at}, known at position {answer.position}, policy {answer.policy}, "
        f"evidence of {answer.evidence_at or 'no delivery'}"
    )
