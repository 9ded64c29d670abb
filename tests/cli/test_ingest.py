"""`ledger ingest`: what lies there, what would become of it, and what became of it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from ledger.store.log import head
from tests.cli.conftest import Run
from tests.files import (
    a_deleted_systmone_entry,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
)

DATA = Path(__file__).parents[1] / "data"
ADA = "9990000018"
MONDAY = datetime(2016, 5, 2, 22, 0, tzinfo=UTC)


def two_deliveries(where: Path) -> Path:
    """A bulk with one dissent, and the delta of the day after that deletes it."""
    a_systmone_delivery(
        where, ends=MONDAY, entries=[a_systmone_entry()], patients=[a_systmone_patient(number=ADA)]
    )
    a_systmone_delivery(
        where,
        begins=MONDAY,
        ends=MONDAY + timedelta(days=1),
        entries=[a_deleted_systmone_entry()],
    )
    return where


def test_explaining_says_what_each_file_is_taken_for_and_why(run: Run) -> None:
    answer = run("ingest", "--explain", DATA / "systmone", "--format", "json")

    [found] = json.loads(answer.out)
    assert answer.code == 0
    assert (found["order"], found["format"]) == (1, "systmone-sre")
    assert found["dated"] == "2026-01-05T22:00:00Z"
    assert "SRCode.csv" in found["files"]
    assert "SRManifest.csv" in found["because"]
    assert "README.md: not taken" in answer.err


def test_explaining_lists_deliveries_in_the_order_they_would_be_taken(
    run: Run, tmp_path: Path
) -> None:
    answer = run("ingest", "--explain", two_deliveries(tmp_path), "--format", "json")

    found = json.loads(answer.out)
    assert [one["dated"] for one in found] == ["2016-05-02T21:00:00Z", "2016-05-03T21:00:00Z"]


def test_explaining_a_path_without_any_delivery_is_bad_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"\xff\xd8")

    answer = run("ingest", "--explain", tmp_path)

    assert answer.code == 2
    assert "holds no delivery" in answer.err


def test_a_dry_run_tells_what_would_become_of_each_and_keeps_nothing(
    run: Run, tmp_path: Path, engine: Engine
) -> None:
    path = two_deliveries(tmp_path)

    tried = run("ingest", "--dry-run", path, "--format", "json")
    with engine.connect() as connection:
        kept = head(connection).position
    taken = run("ingest", path, "--format", "json")

    assert kept == 0
    assert "nothing was kept" in tried.err
    counts = [(r["state"], r["entries_kept"], r["removed"]) for r in json.loads(tried.out)]
    assert counts == [("accepted", 1, 0), ("accepted", 0, 1)]
    assert counts == [(r["state"], r["entries_kept"], r["removed"]) for r in json.loads(taken.out)]


def test_a_dry_run_names_what_would_be_refused_and_goes_on(run: Run, tmp_path: Path) -> None:
    path = two_deliveries(tmp_path)
    first, _ = sorted(path.iterdir())
    (first / "SRCode.csv").unlink()

    answer = run("ingest", "--dry-run", path, "--format", "json")

    assert answer.code == 2
    assert [r["state"] for r in json.loads(answer.out)] == ["refused", "accepted"]


def test_the_speed_and_the_sum_of_all_deliveries_are_told(run: Run, tmp_path: Path) -> None:
    answer = run("ingest", two_deliveries(tmp_path))

    assert "2 accepted; 6 rows in" in answer.err
    assert "a second" in answer.err
