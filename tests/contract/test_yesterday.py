"""Events that were written once are read for ever.

A file an event and version, `yesterday/<topic>.v<version>.json`, holds the exact bytes as they were
stored; `<topic>.v<version>-<what>.json` those of an event with a field that others of that version
lack. Files are added, never edited: when an event's form changes, its old file stays and its
upcast has to bring those bytes up to date.
"""

from pathlib import Path

import pytest

from ledger.domain.events import EVENTS, Event
from ledger.store import codec

YESTERDAY = Path(__file__).parent / "yesterday"
FILES = sorted(YESTERDAY.glob("*.json"))


def topic_and_version(path: Path) -> tuple[str, int]:
    topic, _, version = path.stem.rpartition(".v")
    return topic, int(version.partition("-")[0])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_yesterdays_bytes_are_an_event_today(path: Path) -> None:
    topic, _ = topic_and_version(path)

    event = codec.from_bytes(topic, path.read_bytes())

    assert topic == event.TOPIC


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_event_of_todays_version_has_the_same_bytes_still(path: Path) -> None:
    topic, version = topic_and_version(path)
    written = path.read_bytes()
    event = codec.from_bytes(topic, written)

    again = codec.to_bytes(event)

    # An older version is read for ever, but written never again.
    assert again == written or version < event.VERSION


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_each_version_of_each_event_has_its_bytes_kept(event: type[Event]) -> None:
    kept = {topic_and_version(path) for path in FILES}

    wanted = {(event.TOPIC, version) for version in range(1, event.VERSION + 1)}

    assert wanted <= kept
