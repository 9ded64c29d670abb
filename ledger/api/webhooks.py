"""Which programs does a practice have told of its breaches? Its controller says, and takes it back."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, StringConstraints

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Page
from ledger.api.practices import Ods
from ledger.api.saying import Said, Text
from ledger.application.records import DeadLetterRecord, NewWebhookRecord, WebhookRecord
from ledger.domain.identifiers import NOTIFIER_ID_PATTERN

router = APIRouter()

_READ = problems.responses(401, 403, 422, 500, 503)
_WRITTEN = problems.responses(400, 401, 403, 404, 409, 413, 422, 500, 503)
Webhook = Annotated[str, Path(pattern=NOTIFIER_ID_PATTERN, examples=["abcdefghijklmnopqrst"])]


class Registered(Said):
    """Where breaches are to be told: an https URL that ends in its path, on a host that is listed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"url": "https://receiver.example/breaches"}]}
    )

    url: Annotated[Text, StringConstraints(max_length=500)]


class Webhooks(Answer):
    """The webhooks that stand, then those that did, the newest first; how much was sent to each."""

    webhooks: list[WebhookRecord]


class DeadLetters(Answer):
    """What was given up of what standing webhooks were to be told, the newest first."""

    dead_letters: list[DeadLetterRecord]


class Revoked(BaseModel):
    """Where the revocation stands in the log."""

    position: int


class Retried(BaseModel):
    """How many dead letters will be sent again."""

    retried: int


@router.get("/practices/{ods}/webhooks", responses=_READ)
def webhooks(ods: Ods, asking: Asked) -> Webhooks:
    """The programs that a practice has told of its breaches, and those it had."""
    at = asking.ledger.reached("subscriptions")
    found = asking.ledger.webhooks(ods, by=asking.by)
    return asking.answer(Webhooks(webhooks=found, **asking.as_of(at)), count=len(found))


@router.post("/practices/{ods}/webhooks", status_code=201, responses=_WRITTEN)
def register_webhook(ods: Ods, registered: Registered, asking: Asked) -> NewWebhookRecord:
    """Have a program told of the breaches to come, by Standard Webhooks. For its controller alone.

    The `secret` that messages are signed with is told in this answer and never again. A message is
    `{"type": "finding.opened", "timestamp": …, "data": {finding, turn, practice, rule, severity,
    since, link, mode}}`; it may come twice, with the same `webhook-id`.
    """
    made = asking.ledger.register_webhook(ods, registered.url, by=asking.by)
    asking.request.state.position = made.position
    return made


@router.delete("/practices/{ods}/webhooks/{webhook}", responses=_WRITTEN)
def revoke_webhook(ods: Ods, webhook: Webhook, asking: Asked) -> Revoked:
    """Send nothing more to a webhook, what waits for it included. For its controller alone."""
    position = asking.ledger.revoke_webhook(ods, webhook, by=asking.by)
    asking.request.state.position = position
    return Revoked(position=position)


@router.get("/practices/{ods}/dead-letters", responses=_READ)
def dead_letters(ods: Ods, asked: Annotated[Page, Query()], asking: Asked) -> DeadLetters:
    """What could not be told to a practice's webhooks within a day, and why, in a word."""
    at = asking.ledger.reached("subscriptions")
    found = asking.ledger.dead_letters(
        ods, limit=asked.limit + 1, offset=asked.offset, by=asking.by
    )
    rows = asking.page(asked, found)
    return asking.answer(DeadLetters(dead_letters=rows, **asking.as_of(at)), count=len(rows))


@router.post("/practices/{ods}/webhooks/{webhook}/retry", responses=_WRITTEN)
def retry_webhook(ods: Ods, webhook: Webhook, asking: Asked) -> Retried:
    """Send a webhook's dead letters again. For the practice's controller."""
    retried = asking.ledger.retry_webhook(ods, webhook, by=asking.by)
    return Retried(retried=retried)
