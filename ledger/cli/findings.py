"""`ledger findings`: what is wrong; and on a controller's word, dismiss a finding or re-open it."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ledger.application import Ledger
from ledger.application.records import (
    ExplainedFindingRecord,
    FindingRecord,
    ThresholdsChangeRecord,
)
from ledger.cli.ask import (
    AtOption,
    KnownAtOption,
    PolicyOption,
    PracticeOption,
    RuleOption,
    SupplierOption,
    when,
)
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show, table
from ledger.domain.callers import Caller, on_the_word_of
from ledger.domain.objections import practice_day
from ledger.domain.refusals import UnknownThing
from ledger.domain.rule import Severity
from ledger.domain.wording import in_words
from ledger.readers.thresholds_file import read_thresholds

app = typer.Typer(invoke_without_command=True)

# What of the evidence a terminal has room for; `--format json` tells all of it.
_EVIDENCE = (
    "position",
    "known_at",
    "said",
    "practice",
    "code",
    "effective_on",
    "entered_at",
    "file",
    "row",
    "delivery_path",
)

IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The finding's id.")]
ReasonOption = Annotated[
    str, typer.Option(help="Why; kept for ever, so without anybody's NHS number.")
]


class FindingState(StrEnum):
    """Which findings to show."""

    OPEN = "open"
    CLOSED = "closed"
    DISMISSED = "dismissed"
    ALL = "all"


@app.callback()
def findings(
    context: typer.Context,
    practice: PracticeOption = None,
    rule: RuleOption = None,
    supplier: SupplierOption = None,
    state: Annotated[FindingState, typer.Option(help="Which to show.")] = FindingState.OPEN,
    at_position: Annotated[
        int | None, typer.Option(min=1, help="The same as --known-at with a position.")
    ] = None,
    at: AtOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    fail_on: Annotated[
        Severity | None, typer.Option(help="Exit with 1 if any shown is as grave as this.")
    ] = None,
    compare: Annotated[
        Path | None,
        typer.Option(help="Instead: what the thresholds in this file would open and close."),
    ] = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """What is wrong in the records, gravest first; `show` explains a finding, `dismiss` and `reopen`
    answer it.
    """
    if context.invoked_subcommand is not None:
        return
    if at_position is not None:
        if known_at is not None:
            raise typer.BadParameter("--at-position and --known-at are the same: leave one out")
        known_at = str(at_position)
    told = None if compare is None else read_thresholds(compare)
    with the_ledger() as ledger:
        ledger.catch_up()
        if told is not None:
            changes = ledger.compare_thresholds(ledger.proposed_thresholds(told))
            names = tuple(ThresholdsChangeRecord.model_fields)
            show(changes, ThresholdsChangeRecord, format_, columns=names, empty="nothing changes")
            return
        found = ledger.findings(
            practice=practice,
            rule=rule,
            supplier=supplier,
            state=state,
            when=when(at, known_at, policy),
        )
    columns = ("rule", "severity", "state", "practice", "supplier", "since", "summary")
    show(found, FindingRecord, format_, columns=columns, empty="no findings")
    grave = list(Severity)
    if fail_on is not None and any(
        grave.index(Severity(f.severity)) <= grave.index(fail_on) for f in found
    ):
        raise typer.Exit(1)


@app.command("show")
def explain(
    finding: IdArgument, known_at: KnownAtOption = None, format_: FormatOption = Format.TABLE
) -> None:
    """One finding: what was seen and expected, what closes it, and what proves it, event by event."""
    with the_ledger() as ledger:
        ledger.catch_up()
        told = ledger.explained(finding, when=when(None, known_at, None))
    if format_ is not Format.TABLE:
        show([told], ExplainedFindingRecord, format_, columns=(), empty="")
        return
    for what, words in _explained(told):
        typer.echo(f"{what + ':':10} {words}")
    typer.echo("")
    rows = [one.model_dump(mode="json") for one in told.evidence]
    table(_EVIDENCE, [[row[name] for name in _EVIDENCE] for row in rows])


@app.command("dismiss")
def dismiss(finding: IdArgument, reason: ReasonOption) -> None:
    """Say, on the word of the practice's controller, why a finding is no error."""
    with the_ledger() as ledger:
        practice, by = _whose(ledger, finding)
        told = ledger.dismiss_finding(practice, finding, reason=reason, by=by)
    typer.echo(f"{told.rule} at practice {practice} is {told.state}")


@app.command("reopen")
def reopen(finding: IdArgument, reason: ReasonOption) -> None:
    """Take a dismissal back, on the word of the practice's controller."""
    with the_ledger() as ledger:
        practice, by = _whose(ledger, finding)
        told = ledger.reopen_finding(practice, finding, reason=reason, by=by)
    typer.echo(f"{told.rule} at practice {practice} is {told.state}")


def _explained(told: ExplainedFindingRecord) -> Iterator[tuple[str, str]]:
    """What there is to say of a finding, line by line."""
    yield "Finding", f"{told.rule} {told.name}, {told.severity}, {told.state}"
    yield "About", told.practice or told.supplier or "no practice"
    yield "Seen", told.summary
    yield "Expected", told.expected
    yield "Since", in_words(told.since)
    if told.closed_at is not None:
        yield "Closed", in_words(practice_day(told.closed_at))
    if told.meanwhile is not None:
        yield "Meanwhile", told.meanwhile
    yield "Closes", told.closes_when


def _whose(ledger: Ledger, finding: str) -> tuple[str, Caller]:
    ledger.catch_up()
    practice = ledger.practice_of_finding(finding)
    if practice is None:
        raise UnknownThing("only a finding about a practice can be dismissed")
    return practice, on_the_word_of(practice)
