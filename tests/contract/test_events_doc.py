"""Is what people read of the log what the log holds?"""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.domain.events import EVENTS, Event

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "docs" / "generate_events.py"
PAGE = ROOT / "docs" / "events.md"


def test_the_page_of_events_is_not_stale() -> None:
    checked = subprocess.run(
        [sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr


def test_a_stale_page_is_noticed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    generator = runpy.run_path(str(GENERATOR))
    stale = tmp_path / "events.md"
    stale.write_text("yesterday's")
    generator["main"].__globals__["PAGE"] = stale

    assert generator["main"](["--check"]) == 1
    assert "is stale" in capsys.readouterr().err
    assert generator["main"]([]) == 0
    assert generator["main"](["--check"]) == 0


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.TOPIC)
def test_every_event_is_told_with_each_of_its_fields(event: type[Event]) -> None:
    told = PAGE.read_text().partition(f"### {event.TOPIC}\n")[2].partition("\n##")[0]

    assert all(f"| `{name}` |" in told for name in event.model_fields)


def test_no_meaning_is_told_of_a_field_that_is_not_there() -> None:
    generator = runpy.run_path(str(GENERATOR))
    names = {name for event in EVENTS for name in event.model_fields}

    assert generator["MEANINGS"].keys() <= names
    assert generator["PARTICULAR"].keys() <= {
        (event.TOPIC, name) for event in EVENTS for name in event.model_fields
    }
