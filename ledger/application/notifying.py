"""Telling a practice's programs and feed readers of its breaches: what was noticed, and for whom.

Findings are compared with what was noticed before whenever they have come further. So what opened
and closed between two looks is told to nobody: there is nothing left to do about it
(docs/adr/0030).
"""

import hmac
import secrets
import string
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from ledger import projector
from ledger.application.following import Following
from ledger.application.records import (
    DeadLetterRecord,
    FeedTokenRecord,
    NoticeRecord,
    WebhookRecord,
)
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.refusals import UnknownThing
from ledger.projections import findings as found_findings
from ledger.projections.subscriptions import (
    Subscription,
    feed_tokens_of,
    standing_webhooks,
    subscription,
    webhooks_of,
)
from ledger.store import outbox
from ledger.store.keys import notification_key
from ledger.store.outbox import Notice
from ledger.webhooks.signing import feed_password, told_secret

_ID_LETTERS = 20


def a_notifier_id() -> str:
    """A random id of a webhook or feed token: letters alone, so that none looks like a number."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(_ID_LETTERS))


class Notifying(Following):
    """What was noticed, and questions about who is told."""

    def take_notices(self, *, again: bool = False) -> int:
        """Notice what has become a breach since the last time; how many webhooks are to be told.

        `again`: though no event came, since a day may have.
        """
        # Notices bear the clock's time even in a re-enactment: they are told now.
        now = datetime.now(UTC)
        with self.engine.begin() as connection:
            return outbox.take_notices(
                connection,
                position=projector.position_of(connection, found_findings.FINDINGS),
                again=again,
                breaches=found_findings.breaches(),
                webhooks=standing_webhooks(),
                now=now,
            )

    def notices(
        self,
        practice: str,
        *,
        before: int | None = None,
        limit: int,
        by: Caller = OPERATOR,
    ) -> list[NoticeRecord]:
        """What a practice was told, the newest first."""
        self.acting_for(by).must_see(practice)
        ledger = self.opened()
        with self.engine.connect() as connection:
            told = outbox.notices_of(connection, practice, before=before, limit=limit)
        space = uuid5(NAMESPACE_URL, f"{ledger.name} {ledger.at.isoformat()}")
        return [
            NoticeRecord(**_told(notice), number=notice.number, id=_id(space, notice))
            for notice in told
        ]

    def feed_id(self, practice: str) -> UUID:
        """What tells a practice's feed from all others."""
        ledger = self.opened()
        return uuid5(NAMESPACE_URL, f"{ledger.name} {ledger.at.isoformat()} {practice}")

    def webhooks(self, practice: str, *, by: Caller = OPERATOR) -> list[WebhookRecord]:
        """The webhooks of a practice, those that stand first, and how far they have been told."""
        self.acting_for(by).must_see(practice)
        with self.engine.connect() as connection:
            found = webhooks_of(connection, practice)
            counts = outbox.counts_of(connection, [each.id for each in found])
        return [
            WebhookRecord(
                practice=practice,
                webhook=each.id,
                url=each.url or "",
                waiting=counts[each.id].get(outbox.WAITING, 0),
                delivered=counts[each.id].get(outbox.DELIVERED, 0),
                dead=counts[each.id].get(outbox.DEAD, 0),
                state="standing" if each.stands else "revoked",
                registered_at=each.begun_at,
                registered_by=each.begun_by,
                revoked_at=each.revoked_at,
                revoked_by=each.revoked_by,
                positions=_positions(each),
            )
            for each in found
        ]

    def feed_tokens(self, practice: str, *, by: Caller = OPERATOR) -> list[FeedTokenRecord]:
        """The feed tokens of a practice, those that stand first."""
        self.acting_for(by).must_see(practice)
        with self.engine.connect() as connection:
            return [
                FeedTokenRecord(
                    practice=practice,
                    token=each.id,
                    state="standing" if each.stands else "revoked",
                    issued_at=each.begun_at,
                    issued_by=each.begun_by,
                    revoked_at=each.revoked_at,
                    revoked_by=each.revoked_by,
                    positions=_positions(each),
                )
                for each in feed_tokens_of(connection, practice)
            ]

    def dead_letters(
        self, practice: str, *, limit: int = 1_000, offset: int = 0, by: Caller = OPERATOR
    ) -> list[DeadLetterRecord]:
        """What was given up of what a practice's standing webhooks were to be told, newest first."""
        self.acting_for(by).must_see(practice)
        with self.engine.connect() as connection:
            hooks = _standing(webhooks_of(connection, practice))
            dead = outbox.dead_letters(connection, hooks, limit=limit, offset=offset)
        return [
            DeadLetterRecord(
                **_told(each.notice),
                webhook=each.webhook,
                attempts=each.attempts,
                tried_at=each.tried_at,
                last_error=each.last_error or "",
            )
            for each in dead
        ]

    def retry_webhook(self, practice: str, webhook: str, *, by: Caller) -> int:
        """Have what was given up of a webhook sent again; how much that is."""
        self.acting_for(by).must_control(practice)
        with self.engine.begin() as connection:
            if webhook not in _standing(webhooks_of(connection, practice)):
                raise UnknownThing("no webhook of the practice with that id stands")
            return outbox.send_again(connection, webhook, now=datetime.now(UTC))

    def feed_reader(self, practice: str, token: str, password: str) -> Caller | None:
        """Whoever reads a practice's feed with a token of its controller's; None: nobody knows.

        The token is good for that feed alone, so nothing else may be asked with this caller.
        """
        with self.engine.begin() as connection:
            key = notification_key(connection)
            known = subscription(connection, token)
        # Worked out even for a token that is not there: how long it takes tells nothing.
        right = hmac.compare_digest(feed_password(token, key).encode(), password.encode())
        is_token = known is not None and known.url is None and known.practice == practice
        if known is None or not (right and is_token and known.stands):
            return None
        return Caller(f"feed reader {token}", Role.CONTROLLER, frozenset({practice}))

    def _secret(self, webhook: str) -> str:
        with self.engine.begin() as connection:
            return told_secret(webhook, notification_key(connection))

    def _password(self, token: str) -> str:
        with self.engine.begin() as connection:
            return feed_password(token, notification_key(connection))


def message_id(notice: Notice) -> str:
    """What a receiver knows a message by, however often it comes: the finding and its turn."""
    return f"msg_{notice.finding}_{notice.turn}"


def _told(notice: Notice) -> dict[str, Any]:
    return {
        "finding": notice.finding,
        "turn": notice.turn,
        "practice": notice.practice,
        "rule": notice.rule,
        "severity": notice.severity,
        "since": notice.since,
        "found_at": notice.found_at,
        "noticed_at": notice.noticed_at,
    }


def _id(space: UUID, notice: Notice) -> UUID:
    return uuid5(space, f"{notice.finding} {notice.turn}")


def _standing(found: Sequence[Subscription]) -> list[str]:
    return [each.id for each in found if each.stands]


def _positions(each: Subscription) -> list[int]:
    return [each.position, *([] if each.revoked_position is None else [each.revoked_position])]
