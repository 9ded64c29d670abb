"""`ledger release`, `releases` and `exposure`, as others script against them."""

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.files import (
    Carried,
    a_collection_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
)
from tests.nhs_numbers import nhs_numbers

ADA, BEN = nhs_numbers(2)
WRONG = "9990000000"
FACTS = ("--recipient", "Harbour Institute", "--purpose", "type-2")
LEFT = ("--released-at", "2016-06-20T09:00:00Z")


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """Two patients, and a row that is none."""
    path = tmp_path / "cohort.csv"
    path.write_text(f"NHSNumber\n{ADA}\n{WRONG}\n{BEN}\n")
    return path


@pytest.fixture
def silent(run: Run, tmp_path: Path) -> Run:
    """A re-enactment in which a SystmOne practice's type 2 dissent missed two collections."""
    run("open", "a test", "--re-enactment", "--as-of", "2016-01-01")
    entered = datetime(2016, 3, 1, 10)  # noqa: DTZ001  the practice's clock
    delivery = a_systmone_delivery(
        tmp_path / "systmone",
        ends=datetime(2016, 3, 31, 22),  # noqa: DTZ001
        entries=[a_systmone_entry(code="XaaVL", entered_at=entered, effective_on=entered.date())],
        patients=[a_systmone_patient(number=ADA)],
    )
    collections = [
        a_collection_file(tmp_path / "collections", period_end=end, members=[Carried()])
        for end in (date(2016, 4, 30), date(2016, 5, 31))
    ]
    run("ingest", delivery, *collections)
    return run


def test_a_release_is_told_with_its_refused_rows(run: Run, cohort: Path) -> None:
    answer = run("release", cohort, *FACTS, *LEFT, "--relied-on", "x99901", "--max-age", 30)

    assert answer.code == 0
    assert "cohort.csv, row 2, NHSNumber: expected an NHS number" in answer.out
    assert WRONG not in answer.out
    [listed] = json.loads(run("releases", "--format", "json").out)
    assert (listed["members"], listed["rows_refused"]) == (2, 1)
    assert (listed["relied_on"], listed["max_age"]) == (["X99901"], 30)


def test_the_same_again_adds_nothing_and_says_so(run: Run, cohort: Path) -> None:
    run("release", cohort, *FACTS, *LEFT)

    answer = run("release", cohort, *FACTS, *LEFT)

    assert answer.code == 0
    assert "adds nothing" in answer.out


def test_who_was_exposed_is_told_with_the_failure(silent: Run, cohort: Path) -> None:
    silent("release", cohort, *FACTS, *LEFT)
    [listed] = json.loads(silent("releases", "--format", "json").out)

    table = silent("exposure", listed["id"])
    told = json.loads(silent("exposure", listed["id"], "--format", "json").out)
    rows = list(
        csv.DictReader(io.StringIO(silent("exposure", listed["id"], "--format", "csv").out))
    )

    assert "1 of 2 patients were released to Harbour Institute on 2016-06-20" in table.out
    [patient] = told["patients"]
    assert (patient["nhs_number"], patient["failure"], patient["known"]) == (ADA, "supplier", True)
    assert (patient["since"], patient["until"]) == ("2016-03-01", None)
    assert [row["nhs_number"] for row in rows] == [ADA]
    later = silent("exposure", listed["id"], "--from", "2016-03-02")
    assert "0 of 2 patients" in later.out


def test_a_window_counts_who_stood_untransmitted_and_was_released(
    silent: Run, cohort: Path
) -> None:
    silent("release", cohort, *FACTS, *LEFT)

    told = json.loads(silent("exposure", "--supplier", "TPP", "--format", "json").out)
    other = silent("exposure", "--window", "2017-01-01", "2017-12-31")

    assert told["untransmitted"] == [
        {
            "supplier": "TPP",
            "patients": 1,
            "entered_from": "2016-03-01",
            "entered_to": "2016-03-01",
            "missed_from": "2016-04-30",
            "missed_to": "2016-05-31",
            "released": 1,
        }
    ]
    # Entered in March 2016: all three accounts hold it.
    assert [account["patients"] for account in told["accounts"]] == [1, 1, 1]
    assert "nobody" in other.out


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("release", "nowhere.csv", *FACTS), "nowhere.csv"),
        (("exposure", "no id"), "ledger releases"),
        (("exposure", "--from", "2016-01-01"), "name it"),
        (("exposure", "00000000-0000-4000-8000-000000000000"), "no such release"),
        (("exposure", "--window", "2018-01-01", "2017-01-01"), "first day before the last"),
    ],
)
def test_bad_input_is_told(run: Run, arguments: tuple[str, ...], why: str) -> None:
    answer = run(*arguments)

    assert answer.code == 2
    assert why in " ".join(answer.err.replace("│", " ").split())


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (("--released-at", "yesterday"), "2016-04-20T09:00:00Z"),
        (("--relied-on", "!"), "ODS code"),
        (("--receipt", ADA), "NHS number"),
        (("--released-at", "2999-01-01T00:00:00Z"), "future"),
    ],
)
def test_what_cannot_be_is_refused(run: Run, cohort: Path, more: tuple[str, ...], why: str) -> None:
    answer = run("release", cohort, *FACTS, *more)

    assert answer.code == 2
    assert why in answer.err
    assert ADA not in answer.err
