"""A code map that disagrees with our table is found once, and closed when a later one agrees."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.application import Ledger
from tests.files import found_in
from tests.projected import assert_the_same, everything
from tests.unit.test_code_maps import ENDS, Line, a_delivery

WRONG: Line = ("7", "XaaVM", "881561000000100", "0")
RIGHT: Line = ("7", "XaaVM", "881581000000109", "0")


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """A ledger of the test's own."""
    return Ledger(engine)


def take(ledger: Ledger, folder: Path, *lines: Line, ends: datetime) -> int:
    """Take in a bulk with a map of these lines; how many events were new."""
    before = ledger.known().position
    (found,) = found_in(a_delivery(folder, *lines, ends=ends))
    ledger.ingest(found)
    ledger.catch_up()
    return ledger.known().position - before


def states(ledger: Ledger) -> list[tuple[str, str, str | None, int]]:
    return [
        (f.state, f.scope, f.supplier, len(f.positions))
        for f in ledger.findings(rule="CO13", state="all")
    ]


def test_it_opens_stays_and_closes_with_what_the_deliveries_say(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = take(ledger, tmp_path / "1", WRONG, ends=ENDS)
    assert states(ledger) == [("open", "supplier", "TPP", 1)]

    again = take(ledger, tmp_path / "2", WRONG, ends=ENDS + timedelta(days=1))
    assert states(ledger) == [("open", "supplier", "TPP", 1)]
    # The delivery's own event alone: of the map nothing is new.
    assert (first > again, again) == (True, 1)

    take(ledger, tmp_path / "3", RIGHT, ends=ENDS + timedelta(days=2))
    assert states(ledger) == [("closed", "supplier", "TPP", 1)]

    take(ledger, tmp_path / "4", WRONG, ends=ENDS + timedelta(days=3))
    assert states(ledger) == [("open", "supplier", "TPP", 1)]

    told = everything(ledger.engine)
    ledger.rebuild()
    assert_the_same(told, everything(ledger.engine))


def test_the_supplier_and_nhs_digital_are_asked_to_act(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, tmp_path, WRONG, ends=ENDS)

    (finding,) = ledger.findings(rule="CO13")

    asked = {action.owner for action in ledger.actions(finding_id=finding.id)}
    assert asked == {"supplier", "NHS Digital"}
    assert "no public source confirms 881581000000109" in finding.summary


def test_a_map_that_agrees_adds_nothing(ledger: Ledger, tmp_path: Path) -> None:
    take(ledger, tmp_path, RIGHT, ends=ENDS)

    assert [e.topic for e in ledger.events() if e.topic.startswith("code-map")] == []
    assert states(ledger) == []
