"""`ledger webhooks` and `ledger feeds`: who is told of a practice's breaches, on its word."""

from typing import Annotated

import typer

from ledger.application.records import (
    DeadLetterRecord,
    FeedTokenRecord,
    NewFeedTokenRecord,
    NewWebhookRecord,
    WebhookRecord,
)
from ledger.cli.opening import the_ledger
from ledger.cli.printing import Format, FormatOption, show
from ledger.domain.callers import Caller, on_the_word_of
from ledger.domain.identifiers import ods_code

app = typer.Typer(help="The programs that are told of a practice's breaches.", no_args_is_help=True)
feeds = typer.Typer(
    help="The feed readers that follow a practice's breaches.", no_args_is_help=True
)

PracticeOption = Annotated[str, typer.Option(help="The practice, by ODS code.")]
WebhookArgument = Annotated[str, typer.Argument(help="The webhook's id, as `list` tells it.")]
TokenArgument = Annotated[str, typer.Argument(help="The feed token's id, as `list` tells it.")]
_WEBHOOKS = ("webhook", "url", "state", "waiting", "delivered", "dead", "registered_at")
_DEAD = ("webhook", "finding", "rule", "noticed_at", "attempts", "tried_at", "last_error")
_TOKENS = ("token", "state", "issued_at", "issued_by", "revoked_at", "revoked_by")


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(help="An https URL that ends in its path.")],
    practice: PracticeOption,
    format_: FormatOption = Format.TABLE,
) -> None:
    """Have a program told of a practice's breaches to come; prints its secret, this once."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        made = ledger.register_webhook(min(by.practices), url, by=by)
    columns = tuple(NewWebhookRecord.model_fields)
    show([made], NewWebhookRecord, format_, columns=columns, empty="")


@app.command("list")
def list_webhooks(practice: PracticeOption, format_: FormatOption = Format.TABLE) -> None:
    """The webhooks of a practice: those that stand, then those that did."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        ledger.catch_up()
        found = ledger.webhooks(min(by.practices))
    show(found, WebhookRecord, format_, columns=_WEBHOOKS, empty="no webhooks")


@app.command("revoke")
def revoke(webhook: WebhookArgument, practice: PracticeOption) -> None:
    """Send nothing more to a webhook, what waits for it included."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        position = ledger.revoke_webhook(min(by.practices), webhook, by=by)
    typer.echo(f"revoked at position {position}")


@app.command("dead")
def dead(practice: PracticeOption, format_: FormatOption = Format.TABLE) -> None:
    """What could not be told to a practice's webhooks within a day, and why, in a word."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        ledger.catch_up()
        found = ledger.dead_letters(min(by.practices))
    show(found, DeadLetterRecord, format_, columns=_DEAD, empty="no dead letters")


@app.command("retry")
def retry(webhook: WebhookArgument, practice: PracticeOption) -> None:
    """Send a webhook's dead letters again."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        ledger.catch_up()
        retried = ledger.retry_webhook(min(by.practices), webhook, by=by)
    typer.echo(f"{retried} will be sent again")


@feeds.command("add")
def add_feed(practice: PracticeOption, format_: FormatOption = Format.TABLE) -> None:
    """Let a feed reader follow a practice's breaches; prints its password, this once."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        made = ledger.issue_feed_token(min(by.practices), by=by)
    columns = tuple(NewFeedTokenRecord.model_fields)
    show([made], NewFeedTokenRecord, format_, columns=columns, empty="")


@feeds.command("list")
def list_feeds(practice: PracticeOption, format_: FormatOption = Format.TABLE) -> None:
    """The feed tokens of a practice: those that stand, then those that did."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        ledger.catch_up()
        found = ledger.feed_tokens(min(by.practices))
    show(found, FeedTokenRecord, format_, columns=_TOKENS, empty="no feed tokens")


@feeds.command("revoke")
def revoke_feed(token: TokenArgument, practice: PracticeOption) -> None:
    """Tell a feed reader with that token nothing more."""
    by = _for_the_controller_of(practice)
    with the_ledger() as ledger:
        position = ledger.revoke_feed_token(min(by.practices), token, by=by)
    typer.echo(f"revoked at position {position}")


def _for_the_controller_of(practice: str) -> Caller:
    code = ods_code(practice)
    if code is None:
        raise typer.BadParameter("--practice takes an ODS code, such as A81001")
    return on_the_word_of(code)
