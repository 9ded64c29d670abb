"""`ledger policies`, as others script against it."""

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.files import a_systmone_delivery, a_systmone_entry, a_systmone_patient
from tests.nhs_numbers import nhs_numbers

DATED, UNDATED = nhs_numbers(2)


@pytest.fixture
def two_dissents(run: Run, tmp_path: Path) -> None:
    """Two type 1 dissents, one without a date."""
    run("open", "ours", "--re-enactment", "--as-of", "2016-01-01")
    folder = tmp_path / "deliveries"
    a_systmone_delivery(
        folder,
        ends=datetime(2017, 3, 2, 22),  # noqa: DTZ001
        entries=[
            a_systmone_entry(1, patient=1),
            a_systmone_entry(2, patient=2, effective_on=None),
        ],
        patients=[
            a_systmone_patient(1, DATED),
            a_systmone_patient(2, UNDATED),
        ],
    )
    run("ingest", folder)


def test_every_policy_is_listed_and_one_of_them_is_active(run: Run) -> None:
    listed = run("policies", "--format", "json")

    told = json.loads(listed.out)
    assert [policy["name"] for policy in told if policy["active"]] == ["precedence-1"]
    assert {"ncl-2025", "vision", "wsic-2020"} <= {policy["name"] for policy in told}
    assert run("policies", "list", "--format", "json").out == listed.out


@pytest.mark.usefixtures("two_dissents")
def test_two_policies_are_compared_in_numbers_and_by_whom(run: Run) -> None:
    asked = ("policies", "compare", "precedence-1", "ncl-2025", "--at", "2026-01-01")

    told = run(*asked)
    counted = json.loads(run(*asked, "--format", "json").out)
    [whom] = csv.DictReader(run(*asked, "--whom", "--format", "csv").out.splitlines())

    assert told.out.startswith("1 of 2 patients answered differently for type-1 at 2026-01-01")
    assert (counted["compared"], counted["different"]) == (2, 1)
    assert (whom["nhs_number"], whom["a"], whom["a_rule"], whom["b"], whom["b_rule"]) == (
        UNDATED,
        "objecting",
        "CO11",
        "not-objecting",
        "no-entry",
    )
    assert UNDATED not in told.out


@pytest.mark.usefixtures("two_dissents")
def test_a_status_is_asked_by_another_policy(run: Run) -> None:
    asked = ("status", UNDATED, "--purpose", "type-1", "--at", "2026-01-01")

    assert run(*asked).out.startswith("objecting\n")
    assert run(*asked, "--policy", "ncl-2025").out.startswith("not-objecting\n")
    unregistered = run(*asked, "--policy", "registered-practice-2024").out
    assert unregistered.startswith("cannot-tell\nregistered nowhere that the policy looks")


@pytest.mark.parametrize(
    "asked",
    [
        ("status", DATED, "--purpose", "type-1", "--policy", DATED),
        ("policies", "compare", "precedence-1", DATED),
    ],
)
def test_a_policy_nobody_knows_has_its_own_ending_and_is_not_repeated(
    run: Run, asked: tuple[str, ...]
) -> None:
    answer = run(*asked)

    assert (answer.code, answer.out) == (4, "")
    assert "no policy has that name: expected one of precedence-1, " in answer.err
    assert DATED not in answer.err
