"""`ledger actions`: who has to do what by when; and say that it is done."""

from enum import StrEnum
from typing import Annotated

import typer

from ledger.application.records import ActionCountRecord, ActionRecord
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
from ledger.cli.printing import Format, FormatOption, show
from ledger.domain.callers import OPERATOR, on_the_word_of
from ledger.domain.rule import Owner

app = typer.Typer(invoke_without_command=True)

_COLUMNS = (
    "id", "due", "state", "days_open", "owner", "practice", "rule", "standing", "title",
    "ledger_sees",
)  # fmt: skip


class ActionState(StrEnum):
    """Which actions to show; open ones include those overdue."""

    OPEN = "open"
    OVERDUE = "overdue"
    MISSED = "missed"
    TAKEN = "taken"
    NOT_NEEDED = "not-needed"
    CLOSED = "closed"
    ALL = "all"


@app.callback()
def actions(
    context: typer.Context,
    practice: PracticeOption = None,
    rule: RuleOption = None,
    supplier: SupplierOption = None,
    owner: Annotated[Owner | None, typer.Option(help="Only what this owner has to do.")] = None,
    commissioner: Annotated[
        str | None, typer.Option(help="Only practices of this commissioner, as in the register.")
    ] = None,
    state: Annotated[ActionState, typer.Option(help="Which to show.")] = ActionState.OPEN,
    overdue: Annotated[
        bool, typer.Option("--overdue", help="The same as --state overdue: oldest first.")
    ] = False,
    counts: Annotated[
        bool, typer.Option("--counts", help="How many are open, by practice and owner, instead.")
    ] = False,
    at: AtOption = None,
    known_at: KnownAtOption = None,
    policy: PolicyOption = None,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Who has to do what by when, what is overdue first; `take` says that an action is done."""
    if context.invoked_subcommand is not None:
        return
    asked_when = when(at, known_at, policy)
    with the_ledger() as ledger:
        ledger.catch_up()
        if counts:
            counted = ledger.action_counts(
                practice=practice,
                rule=rule,
                supplier=supplier,
                owner=owner,
                commissioner=commissioner,
                when=asked_when,
            )
            columns = tuple(ActionCountRecord.model_fields)
            show(counted, ActionCountRecord, format_, columns=columns, empty="no actions")
            return
        asked = ledger.actions(
            practice=practice,
            rule=rule,
            supplier=supplier,
            owner=owner,
            commissioner=commissioner,
            state=ActionState.OVERDUE if overdue else state,
            when=asked_when,
        )
    show(asked, ActionRecord, format_, columns=_COLUMNS, empty="no actions")


@app.command("take")
def take(
    action: Annotated[str, typer.Argument(metavar="ID", help="The action's id.")],
    note: Annotated[
        str,
        typer.Option(help="What was done, by whom and when; kept for ever, naming no patient."),
    ],
) -> None:
    """Say that an action is done: on the word of the practice's controller, or of NHS Digital."""
    with the_ledger() as ledger:
        ledger.catch_up()
        asked = ledger.action(action)
        own = asked.owner == Owner.PRACTICE and asked.practice is not None
        by = on_the_word_of(asked.practice or "") if own else OPERATOR
        told = ledger.take_action(asked.practice, action, note=note, by=by)
    sees = f"; the ledger sees: {told.ledger_sees}" if told.ledger_sees else ""
    typer.echo(f"{told.state}: {told.title}{sees}")
