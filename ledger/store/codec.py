"""Events to bytes and back: canonical JSON, and yesterday's bytes brought up to date.

Canonical: keys sorted, no blanks, UTF-8, what is absent left out, so that the same event always has
the same bytes and a leaf of the Merkle log something exact to hash. The version of the event's own
form travels as `v`.
"""

import json
from collections.abc import Callable, Mapping
from typing import cast

from ledger.domain.events import EVENTS, Event

Json = dict[str, object]
Upcasts = Mapping[tuple[str, int], Callable[[Json], Json]]


def _with_successors(told: Json) -> Json:
    """A practice had one successor at most, who took over on the day it closed."""
    one = told.pop("successor", None)
    successions = [] if one is None else [{"practice": one, "since": told["closed_on"]}]
    return {**told, "successors": successions}


def _with_its_cohort(told: Json) -> Json:
    """A release told neither how large its cohort was nor whose evidence it relied on."""
    return {**told, "relied_on": [], "members": 0, "refused": 0}


# (topic, version) -> what turns that version's JSON into the next version's. Each has a test that
# holds the bytes as they were written (tests/contract/yesterday/).
UPCASTS: Upcasts = {
    ("practice-closed", 1): _with_successors,
    ("extract-released", 1): _with_its_cohort,
}

_BY_TOPIC = {event.TOPIC: event for event in EVENTS}
# How the bytes of an event in today's form end, where its version is the last of its keys.
_ENDINGS = {event.TOPIC: f',"v":{event.VERSION}}}'.encode() for event in EVENTS}
assert len(_BY_TOPIC) == len(EVENTS), "two events share a topic"


class UnknownTopic(Exception):
    """The log holds an event this version of the ledger has never heard of."""


def to_bytes(event: Event) -> bytes:
    """The event's state as it is stored and hashed."""
    state = event.model_dump(mode="json", exclude_none=True)
    return json.dumps(
        {**state, "v": event.VERSION}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def from_bytes(topic: str, state: bytes, *, upcasts: Upcasts = UPCASTS) -> Event:
    """The event these bytes hold, brought up to date.

    Not strict: JSON has neither dates nor enumerations, and the bytes were strict when written.
    """
    kind = _BY_TOPIC.get(topic)
    if kind is None:
        raise UnknownTopic(f"the log holds a {topic!r} event: a newer ledger wrote it")
    current = _ENDINGS[topic]
    if state.endswith(current):
        # Most events, spared the way through Python: no text can end so, for it would be quoted.
        return kind.model_validate_json(state[: -len(current)] + b"}", strict=False)
    told = cast(Json, json.loads(state))
    version = cast(int, told.pop("v"))
    while version < kind.VERSION:
        told = upcasts[topic, version](told)
        version += 1
    return kind.model_validate_json(json.dumps(told), strict=False)
