"""Events to bytes and back: canonical JSON, and yesterday's bytes brought up to date.

Canonical: keys sorted, no blanks, UTF-8, what is absent left out, so that the same event always has
the same bytes and a leaf of the Merkle log something exact to hash. The version of the event's own
form travels as `v`.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import cast

from ledger.domain.events import EVENTS, Event

Json = dict[str, object]
# (topic, version) -> what turns that version's JSON into the next version's. Each has a test that
# holds the bytes as they were written (tests/contract/yesterday/).
Upcasts = Mapping[tuple[str, int], Callable[[Json], Json]]
UPCASTS: Upcasts = {}

_BY_TOPIC = {event.TOPIC: event for event in EVENTS}
assert len(_BY_TOPIC) == len(EVENTS), "two events share a topic"


class UnknownTopic(Exception):
    """The log holds an event this version of the ledger has never heard of."""


def to_bytes(event: Event) -> bytes:
    """The event's state as it is stored and hashed."""
    state = event.model_dump(mode="json", exclude_none=True)
    return json.dumps(
        {**state, "v": event.VERSION}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


# The version among the other keys, with the comma that parts it from one of them. A quotation mark
# inside a text is escaped, so no text can hold this.
_VERSION = re.compile(rb',"v":\d+|"v":\d+,')


def _is_current(kind: type[Event], state: bytes) -> bool:
    found = _VERSION.search(state)
    return found is not None and int(found[0].strip(b',"v:')) == kind.VERSION


def from_bytes(topic: str, state: bytes, *, upcasts: Upcasts = UPCASTS) -> Event:
    """The event these bytes hold, brought up to date.

    Not strict: JSON has neither dates nor enumerations, and the bytes were strict when written.
    """
    kind = _BY_TOPIC.get(topic)
    if kind is None:
        raise UnknownTopic(f"the log holds a {topic!r} event: a newer ledger wrote it")
    if _is_current(kind, state):
        return kind.model_validate_json(_VERSION.sub(b"", state, count=1), strict=False)
    told = cast(Json, json.loads(state))
    version = cast(int, told.pop("v"))
    while version < kind.VERSION:
        told = upcasts[topic, version](told)
        version += 1
    return kind.model_validate_json(json.dumps(told), strict=False)
