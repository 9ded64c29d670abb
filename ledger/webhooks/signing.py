"""How does a receiver know that a message is ours, and new? By Standard Webhooks
(https://www.standardwebhooks.com): HMAC-SHA256 over its id, its time and its bytes.

A webhook's secret is derived from its id with the ledger's own key each time it is needed: shown
once, and kept nowhere.
"""

import base64
import hashlib
import hmac
from datetime import datetime

_SECRET_PREFIX = "whsec_"  # noqa: S105  what such secrets begin with, and no secret


def secret_of(webhook: str, key: bytes) -> bytes:
    """The 32 bytes with which messages to a webhook are signed."""
    return _derived(key, f"webhook {webhook}")


def told_secret(webhook: str, key: bytes) -> str:
    """The secret as whoever registered the webhook is shown it."""
    return _SECRET_PREFIX + base64.b64encode(secret_of(webhook, key)).decode()


def feed_password(token: str, key: bytes) -> str:
    """What a feed reader shows beside the id of its token."""
    return base64.urlsafe_b64encode(_derived(key, f"feed {token}")).rstrip(b"=").decode()


def signed(message: str, body: bytes, *, secret: bytes, now: datetime) -> dict[str, str]:
    """The headers of a message: its id, the moment it is sent and the signature over all three."""
    sent_at = str(int(now.timestamp()))
    content = b".".join([message.encode(), sent_at.encode(), body])
    signature = base64.b64encode(hmac.digest(secret, content, hashlib.sha256)).decode()
    return {
        "webhook-id": message,
        "webhook-timestamp": sent_at,
        "webhook-signature": f"v1,{signature}",
    }


def _derived(key: bytes, name: str) -> bytes:
    return hmac.digest(key, name.encode(), hashlib.sha256)
