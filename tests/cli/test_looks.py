"""Is the operator kept too, who looks from the command line?"""

import csv
import getpass
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from sqlalchemy import create_engine, text

from ledger.cli import app
from tests.cli.conftest import Run, somebody
from tests.cli.test_verbs import ADA, a_delivery
from tests.databases import Databases

SHOWS = {
    "status", "findings", "letters", "exposure", "looks", "receipt", "demo", "replay", "diff",
    "policies",
}  # fmt: skip
SHOWS_NOBODY = {
    "open", "migrate", "ingest", "fetch", "deliveries", "practices", "pairings", "webhooks",
    "feeds", "actions", "transmission", "statistics", "vocabularies", "thresholds", "release",
    "releases", "rebuild", "seal", "verify", "cosign", "prove", "serve", "work", "token",
    "sharing",
    # These hand over the whole log, in which patients stand as random ids.
    "export", "archive",
}  # fmt: skip


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    with databases.copy() as url:
        yield url


@pytest.fixture(scope="module")
def ledger(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("looks")
    with somebody(url, folder / "home") as ledger:
        ledger("open", "ours")
        assert ledger("ingest", a_delivery(folder)).code == 0
        yield ledger


def told(ledger: Run, *narrowed: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ledger("looks", *narrowed, "--format", "json").out)
    return found


def test_it_is_said_of_every_verb_whether_it_shows_patients() -> None:
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]

    assert sorted(verbs) == sorted(SHOWS | SHOWS_NOBODY)


def test_a_command_that_shows_a_patient_keeps_who_ran_it(ledger: Run) -> None:
    ledger("status", ADA, "--purpose", "type-1")

    look = told(ledger)[0]
    assert (look["who"], look["role"], look["way"]) == (getpass.getuser(), "auditor", "command")
    assert look["shown"] == "status"
    assert ADA not in json.dumps(look)


@pytest.mark.parametrize(
    ("verb", "shown"),
    [
        (("replay", ADA), "replay"),
        (("diff", "1", "{end}"), "differences"),
        (("policies", "compare", "precedence-1", "vision", "--whom"), "policies"),
        (("receipt", "check", "{receipt}"), "receipt"),
    ],
)
def test_a_command_that_came_later_keeps_a_look_too(
    ledger: Run, tmp_path: Path, verb: tuple[str, ...], shown: str
) -> None:
    receipt = tmp_path / "receipt.json"
    ledger("status", ADA, "--purpose", "type-1", "--receipt", receipt)
    status = ledger("status", ADA, "--purpose", "type-1", "--format", "json")
    end = json.loads(status.out)["position"]

    answer = ledger(*(word.format(end=end, receipt=receipt) for word in verb))

    assert answer.code == 0, answer.err
    look = told(ledger)[0]
    assert (look["shown"], look["at_all"], look["spoke_of"]) == (shown, False, end)
    assert len(look["patients"]) == 1


def test_who_asks_for_everybody_is_kept_once_and_found_by_any_patient(ledger: Run) -> None:
    before = len(told(ledger, "--shown", "replay"))

    ledger("replay", "--everybody")
    ledger("replay", "--practice", "X99901")

    looks = told(ledger, "--shown", "replay")
    of_ada = told(ledger, "--shown", "replay", "--patient", ADA)
    assert len(looks) == before + 2
    assert [(one["at_all"], one["practices"], one["patients"]) for one in looks[:2]] == [
        (True, ["X99901"], []),
        (True, [], []),
    ]
    assert of_ada[:2] == looks[:2]
    others = told(ledger, "--practice", "X99902")
    assert [one["practices"] for one in others] == [[]]


def test_asking_who_looked_at_a_patient_is_a_look(ledger: Run) -> None:
    ledger("status", ADA, "--purpose", "type-1")

    first, second = told(ledger, "--patient", ADA), told(ledger, "--patient", ADA)

    assert len(second) == len(first) + 1
    assert second[0]["shown"] == "looks"
    rows = csv.DictReader(io.StringIO(ledger("looks", "--format", "csv").out))
    assert next(rows)["shown"] == "looks"
    assert "9990000000" not in (wrong := ledger("looks", "--patient", "9990000000")).err
    assert wrong.code == 2


def test_verify_names_a_changed_look(ledger: Run, url: str, tmp_path: Path) -> None:
    ledger("status", ADA, "--purpose", "type-1")
    held = tmp_path / "held"
    held.write_text(ledger("seal", "--looks").out)
    assert held.read_text().splitlines()[0].endswith("/looks")
    whole = ledger("verify", "--held-looks", held)
    assert whole.code == 0
    assert "looks too" in whole.out

    owner = create_engine(url)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE log.looks SET who = 'nobody' WHERE position = 1"))
    owner.dispose()

    altered = ledger("verify")
    assert (altered.code, altered.out) == (
        1,
        "DOES NOT HOLD: look at position 1: the look is not what was appended\n",
    )
