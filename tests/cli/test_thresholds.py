"""`ledger thresholds` and `ledger findings --compare`, as others script against them."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.files import (
    PRACTICE,
    Carried,
    a_collection_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
)
from tests.nhs_numbers import nhs_numbers

LOST, SENT = nhs_numbers(2)


def a_file(where: Path, text: str) -> Path:
    path = where / "thresholds.toml"
    path.write_text(text)
    return path


@pytest.fixture
def two_collections(run: Run, tmp_path: Path) -> None:
    """A type 2 dissent that two collections did not carry: a breach by the first thresholds."""
    run("open", "ours", "--re-enactment", "--as-of", "2016-01-01")
    folder = tmp_path / "deliveries"
    a_systmone_delivery(
        folder,
        ends=datetime(2017, 3, 2, 22),  # noqa: DTZ001
        entries=[a_systmone_entry(code="XaaVL")],
        patients=[a_systmone_patient(number=LOST)],
    )
    for month in (3, 4):
        members = [Carried(SENT), Carried()]
        a_collection_file(folder, period_end=date(2017, month, 30), members=members)
    run("ingest", folder)


def test_every_threshold_is_listed_with_its_unit_reason_and_version(run: Run) -> None:
    answer = run("thresholds", "--format", "json")

    listed = {one["name"]: one for one in json.loads(answer.out)}
    assert listed["late_entry_days"] == {
        "name": "late_entry_days",
        "value": 28,
        "unit": "days",
        "reason": "DT05: a form is entered within weeks of being signed [D]",
        "version": "thresholds-1",
    }
    assert listed["scheme_began_on"]["value"] == "2013-09-01"


@pytest.mark.usefixtures("two_collections")
def test_what_other_thresholds_would_do_is_shown_and_nothing_of_it_kept(
    run: Run, tmp_path: Path
) -> None:
    file = a_file(tmp_path, 'version = "milder"\nmissed_collections_for_breach = 3\n')

    answer = run("findings", "--compare", file, "--format", "json")

    assert json.loads(answer.out) == [
        {
            "rule": "TX01",
            "practice": PRACTICE,
            "supplier": None,
            "opens": 0,
            "closes": 0,
            "changes_severity": 1,
            "version": "milder",
        }
    ]
    [found] = json.loads(run("findings", "--rule", "TX01", "--format", "json").out)
    assert (found["severity"], found["thresholds"]) == ("breach", "thresholds-1")


@pytest.mark.usefixtures("two_collections")
def test_thresholds_that_are_adopted_judge_from_then_on(run: Run, tmp_path: Path) -> None:
    file = a_file(tmp_path, 'version = "milder"\nmissed_collections_for_breach = 3\n')

    answer = run("thresholds", "adopt", file, "--reason", "one more month of grace")

    assert answer.code == 0
    assert answer.out.startswith("milder is in force from position")
    [found] = json.loads(run("findings", "--rule", "TX01", "--format", "json").out)
    assert (found["severity"], found["thresholds"]) == ("review", "milder")
    listed = json.loads(run("thresholds", "--format", "json").out)
    assert {one["version"] for one in listed} == {"milder"}
    run("rebuild", "findings")
    [again] = json.loads(run("findings", "--rule", "TX01", "--format", "json").out)
    assert again == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("late_entry_days = ", "expected TOML, such as late_entry_days = 35, a line each"),
        ("late_entry_days = 35", "expected the version's name, found none"),
        ('version = "two"\nlate_entry_days = -1', "greater than or equal to 1; found -1"),
        ('version = "two"\nlate_entry = 35', "did you mean late_entry_days?"),
    ],
)
def test_a_file_that_cannot_be_a_version_is_refused_and_nothing_changes(
    run: Run, tmp_path: Path, text: str, said: str
) -> None:
    file = a_file(tmp_path, text)

    compared = run("findings", "--compare", file)
    adopted = run("thresholds", "adopt", file, "--reason", "tried")

    assert (compared.code, adopted.code) == (2, 2)
    assert said in compared.err
    assert said in adopted.err
    assert "thresholds-1" in run("thresholds").out


def test_a_file_that_is_not_there_is_told_in_a_sentence(run: Run, tmp_path: Path) -> None:
    answer = run("thresholds", "adopt", tmp_path / "no.toml", "--reason", "tried")

    assert answer.code == 2
    assert "no.toml: it cannot be read as text" in answer.err
