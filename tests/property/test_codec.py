"""What holds of every event that can be made: it comes back from the log as it went in."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime
from pydantic.fields import FieldInfo

from ledger.domain.entries import RefusedRow
from ledger.domain.events import EVENTS, Event
from ledger.domain.identifiers import ODSCode, SystemId
from ledger.domain.values import Value
from ledger.store import codec
from tests.property.tries import tries

Made = TypeVar("Made", bound=Value)

_offsets = st.sampled_from([UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5.5))])
_text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: _text,
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    date: st.dates(),
    AwareDatetime: st.datetimes(
        min_value=datetime(1850, 1, 1),  # noqa: DTZ001  the zone is drawn apart
        max_value=datetime(2999, 1, 1),  # noqa: DTZ001
        timezones=_offsets,
    ),
    NoneType: st.none(),
}
_short = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
_practices = st.from_regex(r"[A-Z0-9]{3,10}", fullmatch=True)
_systems = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}", fullmatch=True)
_notifiers = st.from_regex(r"[a-z]{20}", fullmatch=True)
_SIMPLE[RefusedRow] = st.builds(RefusedRow, _text, st.integers(1, 2**31), _text, _text)


def told(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value of a field."""
    if annotation == ODSCode:
        return _practices
    if annotation == SystemId:
        return _systems
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return told(arguments[0])
    if origin in (Union, UnionType):
        return st.one_of(*map(told, arguments))
    if origin is tuple:
        return st.lists(told(arguments[0]), max_size=3).map(tuple)
    if issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    if issubclass(annotation, Value):
        return made(annotation)
    return _SIMPLE[annotation]


def told_in(field: FieldInfo) -> st.SearchStrategy[Any]:
    """Any value of a field; Pydantic keeps what an annotation adds beside it."""
    if any("A-Z0-9" in str(more) for more in field.metadata):
        return _practices
    if any("A-Za-z0-9._-" in str(more) for more in field.metadata):
        return _systems
    if any("a-z]{20}" in str(more) for more in field.metadata):
        return _notifiers
    if any("max_length=20)" in str(more) for more in field.metadata):
        return _short
    if any("d{4}" in str(more) for more in field.metadata):
        return st.from_regex(r"[0-9]{4}(-[0-9]{2})?", fullmatch=True)
    return told(field.annotation)


def made(kind: type[Made]) -> st.SearchStrategy[Made]:
    """Any event of this kind, or any value that one holds."""
    return st.builds(kind, **{name: told_in(field) for name, field in kind.model_fields.items()})


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.TOPIC)
def test_an_event_comes_back_as_it_went_in_and_its_bytes_are_the_same_each_time(
    kind: type[Event],
) -> None:
    @tries(15)
    @given(made(kind))
    def comes_back(event: Event) -> None:
        stored = codec.to_bytes(event)

        again = codec.from_bytes(kind.TOPIC, stored)

        assert type(again) is kind
        assert again == event
        assert codec.to_bytes(again) == stored

    comes_back()


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.TOPIC)
def test_the_bytes_of_an_event_are_canonical(kind: type[Event]) -> None:
    @tries(6)
    @given(made(kind))
    def is_canonical(event: Event) -> None:
        stored = codec.to_bytes(event)

        written = json.loads(stored)
        assert written["v"] == kind.VERSION
        assert None not in written.values()
        assert (
            json.dumps(written, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            == stored
        )

    is_canonical()
