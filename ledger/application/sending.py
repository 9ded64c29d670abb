"""Sending notices to webhooks: again where that may help, for about a day, and then no more.

One try is one transaction that holds the webhook's lock: of two senders one goes on to the next, and
who is killed leaves what was under way waiting. So a notice may come twice, always under the same
`webhook-id`, and never not at all.
"""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random

from ledger.application.commands import Ledger
from ledger.application.notifying import message_id
from ledger.domain.events import Mode
from ledger.projections.subscriptions import Subscription, subscription
from ledger.store import outbox
from ledger.store.keys import notification_key
from ledger.store.outbox import Notice, Sending
from ledger.webhooks.client import Client, Outcome
from ledger.webhooks.signing import secret_of, signed

logger = logging.getLogger(__name__)

# After the first failure, four times as long after each that follows, and never longer than that.
FIRST_PAUSE, TIMES, LONGEST_PAUSE = timedelta(seconds=5), 4, timedelta(hours=4)
# What still fails so long after it was first to be sent is given up.
GIVEN_UP_AFTER = timedelta(hours=24)
# A pause is up to a fifth longer, so that not all come at once when a receiver is up again.
_JITTER = 0.2
# To one webhook before the next has its turn.
_IN_A_ROW = 50
_LOOK_AGAIN = 1.0
_PAUSE_ON_FAILURE = 10.0


class Sender:
    """Sends what is due; `clock` and `random` are handed in: tests have their own."""

    def __init__(
        self,
        ledger: Ledger,
        client: Client,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Random | None = None,
    ) -> None:
        self._ledger = ledger
        self._engine = ledger.engine
        self._client = client
        self._clock = clock
        self._random = random or Random()  # noqa: S311  it spreads tries, and guards nothing

    def follow(self, stop: threading.Event) -> None:
        """Send what is due, again and again, until told to stop."""
        while not stop.is_set():
            pause = _LOOK_AGAIN
            try:
                tried = self.send_due(stop)
            except Exception as error:  # noqa: BLE001  a sender outlives its database's restart
                tried, pause = 0, _PAUSE_ON_FAILURE
                logger.warning("sending failed", extra={"error": type(error).__name__})
            if not tried:
                stop.wait(pause)

    def send_due(self, stop: threading.Event | None = None) -> int:
        """Give each webhook with something due its turn; how many tries were made."""
        with self._engine.connect() as connection:
            webhooks = outbox.webhooks_due(connection, self._clock())
        tried = 0
        for webhook in webhooks:
            for _ in range(_IN_A_ROW):
                if stop is not None and stop.is_set():
                    return tried
                outcome = self._send_one(webhook)
                tried += outcome is not None
                if outcome is None or outcome.error is not None:
                    break
        return tried

    def _send_one(self, webhook: str) -> Outcome | None:
        """Try one sending; None: there was none, or somebody else is at it."""
        with self._engine.begin() as connection:
            if not outbox.lock_webhook(connection, webhook):
                return None
            sending = outbox.next_sending(connection, webhook, self._clock())
            if sending is None:
                return None
            hook = subscription(connection, webhook)
            if hook is None or not hook.stands:
                outbox.end_waiting(connection, webhook, state=outbox.DROPPED, error="revoked")
                return None
            key = notification_key(connection)
            outcome = self._send(sending, hook, secret_of(webhook, key))
            now = self._clock()
            state, next_try = self._what_next(sending, outcome, now)
            outbox.keep_outcome(
                connection, sending, state=state, error=outcome.error, now=now, next_try=next_try
            )
            if outcome.gone:
                outbox.end_waiting(connection, webhook, state=outbox.DEAD, error=outcome.error)
            elif outcome.error is not None:
                outbox.hold_back(connection, webhook, until=now + self._jittered(FIRST_PAUSE))
        told = {"webhook": webhook, "practice": hook.practice, "attempts": sending.attempts + 1}
        logger.info("sent" if state == outbox.DELIVERED else "not sent", extra=told | _why(outcome))
        return outcome

    def _send(self, sending: Sending, hook: Subscription, secret: bytes) -> Outcome:
        assert hook.url is not None, "only webhooks are sent to"
        mode = self._ledger.opened().mode
        link = self._ledger.outgoing.link(f"/pages/findings/{sending.notice.finding}")
        body = payload(sending.notice, mode=mode, link=link)
        headers = signed(message_id(sending.notice), body, secret=secret, now=self._clock())
        return self._client.send(hook.url, body, headers)

    def _what_next(self, sending: Sending, outcome: Outcome, now: datetime) -> tuple[str, datetime]:
        if outcome.error is None:
            return outbox.DELIVERED, now
        if outcome.gone or now - sending.began_at >= GIVEN_UP_AFTER:
            return outbox.DEAD, now
        pause = self._jittered(pause_after(sending.attempts + 1))
        return outbox.WAITING, now + max(pause, min(outcome.after or pause, LONGEST_PAUSE))

    def _jittered(self, pause: timedelta) -> timedelta:
        return pause * (1 + _JITTER * self._random.random())


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures, at least."""
    # No more than is needed to come to the longest: a power of a large number is no timedelta.
    return min(FIRST_PAUSE * int(TIMES ** min(failures - 1, 10)), LONGEST_PAUSE)


def payload(notice: Notice, *, mode: Mode, link: str) -> bytes:
    """What a webhook is told: that there is a breach and where to look, and nobody's data."""
    told = {
        "type": "finding.opened",
        "timestamp": notice.noticed_at.astimezone(UTC).isoformat(),
        "data": {
            "finding": notice.finding,
            "turn": notice.turn,
            "practice": notice.practice,
            "rule": notice.rule,
            "severity": notice.severity,
            "since": notice.since.isoformat(),
            "link": link,
            # So that nobody takes a re-enactment for live evidence.
            "mode": mode.value,
        },
    }
    return json.dumps(told, separators=(",", ":")).encode()


def _why(outcome: Outcome) -> dict[str, str]:
    return {} if outcome.error is None else {"error": outcome.error}
