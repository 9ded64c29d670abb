"""Who is told of a practice's breaches without looking here: which programs, which feed readers?"""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Response

from ledger.application.records import NewFeedTokenRecord, NewWebhookRecord
from ledger.domain.identifiers import NOTIFIER_ID_PATTERN
from ledger.domain.refusals import NotAFact
from ledger.web.practices import Ods
from ledger.web.visit import Visit, Visitor

router = APIRouter()

_DEAD_LETTERS = 100
NotifierId = Annotated[str, Path(pattern=NOTIFIER_ID_PATTERN)]


@router.get("/practices/{ods}/notifications", name="notifications")
def notifications(visit: Visitor, ods: Ods) -> Response:
    """Webhooks, feed tokens and dead letters, with the forms to change them."""
    return _page(visit, ods)


@router.post("/practices/{ods}/webhooks", name="webhook_registered")
def webhook_registered(visit: Visitor, ods: Ods, url: Annotated[str, Form()] = "") -> Response:
    """The practice has a program told; this answer alone shows its secret."""
    visit.acting.must_control(ods)
    try:
        made = visit.ledger.register_webhook(ods, url, by=visit.caller)
    except NotAFact as refusal:
        return _page(visit, ods, error=str(refusal), status_code=422)
    return _page(visit, ods, webhook=made)


@router.post("/practices/{ods}/webhooks/{webhook}/revocation", name="webhook_revoked")
def webhook_revoked(visit: Visitor, ods: Ods, webhook: NotifierId) -> Response:
    """Nothing more is sent to a webhook."""
    visit.ledger.revoke_webhook(ods, webhook, by=visit.caller)
    return visit.go("notifications", ods=ods)


@router.post("/practices/{ods}/webhooks/{webhook}/retry", name="webhook_retried")
def webhook_retried(visit: Visitor, ods: Ods, webhook: NotifierId) -> Response:
    """A webhook's dead letters are sent again."""
    visit.ledger.retry_webhook(ods, webhook, by=visit.caller)
    return visit.go("notifications", ods=ods)


@router.post("/practices/{ods}/feed-tokens", name="feed_token_issued")
def feed_token_issued(visit: Visitor, ods: Ods) -> Response:
    """The practice lets a feed reader follow; this answer alone shows its password."""
    visit.acting.must_control(ods)
    try:
        made = visit.ledger.issue_feed_token(ods, by=visit.caller)
    except NotAFact as refusal:
        return _page(visit, ods, error=str(refusal), status_code=422)
    return _page(visit, ods, feed_token=made)


@router.post("/practices/{ods}/feed-tokens/{token}/revocation", name="feed_token_revoked")
def feed_token_revoked(visit: Visitor, ods: Ods, token: NotifierId) -> Response:
    """A feed reader is told nothing more."""
    visit.ledger.revoke_feed_token(ods, token, by=visit.caller)
    return visit.go("notifications", ods=ods)


def _page(
    visit: Visit,
    ods: str,
    *,
    webhook: NewWebhookRecord | None = None,
    feed_token: NewFeedTokenRecord | None = None,
    error: str | None = None,
    status_code: int = 200,
) -> Response:
    root = visit.ledger.outgoing.root or str(visit.request.base_url).removesuffix("pages/")
    return visit.page(
        "notifications.html",
        status_code=status_code,
        practice=visit.practice(ods),
        webhooks=visit.ledger.webhooks(ods, by=visit.caller),
        feed_tokens=visit.ledger.feed_tokens(ods, by=visit.caller),
        dead_letters=visit.ledger.dead_letters(ods, limit=_DEAD_LETTERS, by=visit.caller),
        hosts=sorted(visit.ledger.outgoing.hosts),
        feed=f"{root.rstrip('/')}/practices/{ods}/notifications.atom",
        new_webhook=webhook,
        new_feed_token=feed_token,
        error=error,
    )
