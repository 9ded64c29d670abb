"""A region made by somebody who had read the catalogue and not the rules (`tests/unseen/`): does the
ledger find all that was planted, in time, and nothing else?
"""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ledger import cli
from ledger.settings import settings
from tests.unseen.comparing import Outcome, compare
from tests.unseen.deliveries.plan import plan, together
from tests.unseen.region import build
from tests.unseen.when import OPENED

Run = Callable[..., str]
# A batch of a collection that is refused as a whole is part of what happens (TX09).
_REFUSED_WHOLE = 2


@pytest.fixture
def run(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """`ledger <arguments>` on a database and a home of the test's own; what it printed."""
    monkeypatch.setenv("LEDGER_DATABASE_URL", database_url)
    monkeypatch.setenv("LEDGER_HOME", str(tmp_path / "home"))
    settings.cache_clear()

    def ledger(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["ledger", *arguments])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        batch = any("2017-01-02" in argument for argument in arguments)
        assert stop.value.code in ({_REFUSED_WHOLE} if batch else {None, 0}), said.err
        return said.out

    return ledger


def test_the_first_year_holds_all_that_was_planted_and_nothing_else(
    run: Run, tmp_path: Path
) -> None:
    outcome = taken_in(run, tmp_path, seed=1, until=date(2017, 3, 10), day_by_day=False)

    assert outcome.wrong == []


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "day_by_day"), [(1, False), (2, True), (3, False)])
def test_three_years_hold_all_that_was_planted_and_nothing_else(
    run: Run, tmp_path: Path, seed: int, day_by_day: bool
) -> None:
    outcome = taken_in(run, tmp_path, seed=seed, day_by_day=day_by_day)

    assert outcome.wrong == []


def taken_in(
    run: Run, where: Path, *, seed: int, day_by_day: bool, until: date | None = None
) -> Outcome:
    """What comes of the region of that seed, asked when all of it, or part, has been taken in."""
    world = build(seed)
    steps = plan(world, where / "region")
    steps = [step for step in steps if until is None or step.on <= until]
    run("open", "unseen", "--re-enactment", "--as-of", OPENED.isoformat())
    for step in steps if day_by_day else together(steps):
        run(*step.arguments)
    findings = json.loads(run("findings", "--format", "json", "--state", "all"))
    return compare(world, findings, until=until)
