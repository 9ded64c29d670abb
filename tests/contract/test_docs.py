"""What is generated is not stale, and no rule goes untold."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.domain.recording_errors import RULES, AnyRule
from ledger.domain.standing_actions import STANDING_ACTIONS

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "docs" / "generate_rules.py"
POLICIES = ROOT / "docs" / "generate_policies.py"
PAGE = ROOT / "docs" / "rules.md"


@pytest.mark.parametrize("generator", [GENERATOR, POLICIES], ids=lambda path: path.stem)
def test_the_pages_of_rules_and_policies_are_not_stale(generator: Path) -> None:
    checked = subprocess.run(
        [sys.executable, generator, "--check"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("written_by", [GENERATOR, POLICIES], ids=lambda path: path.stem)
def test_a_stale_page_is_noticed(
    written_by: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = runpy.run_path(str(written_by))
    stale = tmp_path / "page"
    stale.write_text("yesterday's")
    generator["main"].__globals__["PAGE"] = stale

    assert generator["main"](["--check"]) == 1
    assert "is stale" in capsys.readouterr().err
    assert generator["main"]([]) == 0
    assert generator["main"](["--check"]) == 0


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_rule_is_told_with_what_it_finds_what_it_leaves_alone_and_what_closes_it(
    rule: AnyRule,
) -> None:
    told = PAGE.read_text().partition(f"### {rule.code} ")[2].partition("\n##")[0]

    assert "**It is found:**" in told
    assert "**It is left alone:**" in told
    assert "**When it closes:**" in told
    assert f"**What closes it.** {rule.closes}" in told
    assert f"**Meanwhile.** {rule.meanwhile or 'Each finding says'}" in told
    assert all(asked.title in told for asked in rule.actions)


def test_every_standing_action_is_told() -> None:
    page = PAGE.read_text()

    assert all(f"| {action.code} |" in page for action in STANDING_ACTIONS)
