"""Whom does a practice want told of its breaches: which webhooks and feed tokens stand?

Only the practice's controller says so, and takes it back. What is signed with, and what a feed
reader shows, are derived from these ids (`ledger/webhooks/signing.py`): no secret stands in the log.
"""

from collections.abc import Sized
from urllib.parse import urlsplit

from ledger.domain.events import (
    Event,
    FeedTokenIssued,
    FeedTokenRevoked,
    WebhookRegistered,
    WebhookRevoked,
)
from ledger.domain.identifiers import holds_nhs_number
from ledger.domain.practices import Practice
from ledger.domain.refusals import NotAFact, UnknownThing

# Every breach is told to each of them; nobody has needed more.
MOST_OF_A_PRACTICE = 10
_LONGEST_URL = 500


def register_webhook(practice: Practice, *, webhook: str, url: str, by: str) -> list[Event]:
    """The practice has a program told of its breaches, from now on."""
    url = webhook_url(url)
    if url in practice.webhooks.values():
        raise NotAFact(
            "that URL is registered already: revoke the webhook first to have a new secret"
        )
    _must_have_room(practice.webhooks, "webhooks")
    return [WebhookRegistered(webhook=webhook, url=url, by=by)]


def revoke_webhook(practice: Practice, webhook: str, *, by: str) -> list[Event]:
    """From now on nothing is sent there."""
    if webhook not in practice.webhooks:
        raise UnknownThing("no webhook of the practice with that id stands: nothing to revoke")
    return [WebhookRevoked(webhook=webhook, by=by)]


def issue_feed_token(practice: Practice, *, token: str, by: str) -> list[Event]:
    """The practice lets a feed reader follow its breaches."""
    _must_have_room(practice.feed_tokens, "feed tokens")
    return [FeedTokenIssued(token=token, by=by)]


def revoke_feed_token(practice: Practice, token: str, *, by: str) -> list[Event]:
    """From now on a feed reader with that token is told nothing."""
    if token not in practice.feed_tokens:
        raise UnknownThing("no feed token of the practice with that id stands: nothing to revoke")
    return [FeedTokenRevoked(token=token, by=by)]


def webhook_url(told: str) -> str:
    """The URL, trimmed; refused where nothing may be sent to it, or what it holds would be kept.

    It stands in the log for ever, so it can hold neither a password nor a query.
    """
    url = told.strip()
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    printable = url.isascii() and url.isprintable() and " " not in url
    if not host or parts.scheme != "https" or not printable or len(url) > _LONGEST_URL:
        raise NotAFact(
            f"expected an https URL of at most {_LONGEST_URL} characters, as "
            "https://host/path, found another"
        )
    if "@" in parts.netloc or parts.query or parts.fragment or url.endswith(("?", "#")):
        raise NotAFact(
            "expected a URL that ends in its path, without a password, a query or a fragment: "
            "it stands in the log for ever, and what is sent is signed"
        )
    if holds_nhs_number(url):
        raise NotAFact("a URL may not hold an NHS number: give the program another path")
    return url


def _must_have_room(standing: Sized, what: str) -> None:
    if len(standing) >= MOST_OF_A_PRACTICE:
        raise NotAFact(
            f"expected at most {MOST_OF_A_PRACTICE} {what} of a practice: revoke one first"
        )
