"""Questions: `ledger status`, `ledger transmission`, `ledger vocabularies`."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from ledger.application.records import (
    StatusRecord,
    StillOldRecord,
    TransmissionRecord,
    VocabularyRecord,
)
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.domain.purposes import Purpose

PracticeOption = Annotated[str | None, typer.Option(help="Only this practice, by ODS code.")]
RuleOption = Annotated[str | None, typer.Option(help="Only this rule, e.g. CO01.")]
SupplierOption = Annotated[
    str | None, typer.Option(help="Only this supplier and the practices that use its system.")
]


def status(
    nhs_number: Annotated[str, typer.Argument(help="Ten digits.", show_default=False)],
    purpose: Annotated[Purpose, typer.Option(help="What the data would be used for.")],
    at: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The effective day; today.")
    ] = None,
    known_at: Annotated[
        str | None, typer.Option(help="A position, or an RFC 3339 time: what was known then.")
    ] = None,
    policy: Annotated[str | None, typer.Option(help="The rule of who counts as objecting.")] = None,
    practice: Annotated[
        str | None, typer.Option(help="The practice whose evidence has to be new enough.")
    ] = None,
    max_age: Annotated[
        int | None, typer.Option(min=0, help="How many days old that evidence may be.")
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """May this person's data be used? `cannot-tell` counts as objecting."""
    with the_ledger() as ledger:
        ledger.catch_up()
        [answer] = ledger.statuses(
            [nhs_number],
            purpose,
            at=at.date() if at else None,
            known_at=_point(known_at),
            policy=policy,
            practice=practice,
            max_age=None if max_age is None else timedelta(days=max_age),
        )
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
    format_: FormatOption = Format.TABLE,
) -> None:
    """Recorded beside transmitted, by collection, supplier and code system."""
    with the_ledger() as ledger:
        ledger.catch_up()
        lines = ledger.transmission(supplier=supplier)
    columns = tuple(TransmissionRecord.model_fields)
    show(lines, TransmissionRecord, format_, columns=columns, empty="no collections yet")


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


def _point(text: str | None) -> int | datetime | None:
    if text is None:
        return None
    if text.isdigit():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise typer.BadParameter("--known-at is a position or a time such as 2018-06-25T00:00:00Z")
    return moment


def _explain(answer: StatusRecord) -> None:
    because = answer.because
    if answer.withheld_by:
        typer.echo(
            f"practice {', '.join(answer.withheld_by)} withheld the record when asked, so an "
            f"objection in it cannot be seen; rule {answer.rule}"
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
