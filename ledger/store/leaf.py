"""Which bytes does a proof of one event cover?

    position, stream, version, topic, recorded_at     as text, a newline after each
    state                                             as it is

with recorded_at in microseconds since 1970, and RFC 6962's leaf prefix before the hash. No field
but the last can hold a newline, so no two events have the same bytes. The same in SQL:
`migrations/sql/0001/leaf_hash.sql`; a test holds the two together.
"""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from ledger.store.log import KeptEvent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAF_PREFIX = b"\x00"


def leaf_bytes(event: KeptEvent) -> bytes:
    """Everything an event says, in one fixed form."""
    microseconds = (event.recorded_at - _EPOCH) // timedelta(microseconds=1)
    head = f"{event.position}\n{event.stream}\n{event.version}\n{event.topic}\n{microseconds}\n"
    return head.encode() + event.state


def leaf_hash(event: KeptEvent) -> bytes:
    """RFC 6962's hash of a leaf, made anew: an event says the truth if it is its `leaf_hash`."""
    return sha256(_LEAF_PREFIX + leaf_bytes(event)).digest()
