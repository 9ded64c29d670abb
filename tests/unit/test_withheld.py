"""Whose records a practice refused, as our own file writes it (docs/formats.md 8)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.domain.entries import RefusedRow, WhyWithheld, Withholding
from ledger.readers.delivery import Contents, Format, Found
from ledger.readers.withheld import read
from tests.files import a_withheld_file
from tests.nhs_numbers import nhs_number
from tests.unit.memory import NoMemory

NUMBER = nhs_number()
FILE = "withheld_X99904_20180526.csv"
ROW = f"X99904,{NUMBER},2018-05-25T09:30:00+01:00,NO_PATIENT_CONSENT"


def read_path(path: Path) -> Contents:
    return read(
        Found(Format.WITHHELD, path, (path,), datetime(2018, 5, 26, tzinfo=UTC)), NoMemory()
    )


def read_lines(folder: Path, *lines: str) -> Contents:
    path = folder / FILE
    path.write_text("\n".join(["PracticeCode,NHSNumber,AskedAt,Answer", *lines]) + "\n")
    return read_path(path)


def test_a_refusal_is_read_with_when_it_was_given_in_utc(tmp_path: Path) -> None:
    path = a_withheld_file(tmp_path, dated=date(2018, 5, 26), numbers=[NUMBER])

    contents = read_path(path)

    assert contents.withheld == (
        Withholding(
            practice="X99904",
            nhs_number=NUMBER,
            asked_at=datetime(2018, 5, 25, 8, 30, tzinfo=UTC),
            answer=WhyWithheld.NO_PATIENT_CONSENT,
            source=f"{FILE}:1",
        ),
    )
    assert (contents.practices, contents.clinical_system) == (("X99904",), None)
    assert (contents.rows_read, contents.refused, contents.notes) == (1, (), ())


@pytest.mark.parametrize(
    ("was", "becomes", "column"),
    [
        ("X99904", "no code!", "PracticeCode"),
        (NUMBER, "1234567890", "NHSNumber"),
        (NUMBER, "", "NHSNumber"),
        ("+01:00", "", "AskedAt"),
        ("2018-05-25T", "2018-02-31T", "AskedAt"),
        ("NO_PATIENT_CONSENT", "NO_SUCH_PATIENT", "Answer"),
    ],
)
def test_a_row_that_states_no_refusal_is_refused_by_itself(
    tmp_path: Path, was: str, becomes: str, column: str
) -> None:
    contents = read_lines(tmp_path, ROW.replace(was, becomes), ROW)

    (refused,) = contents.refused
    assert isinstance(refused, RefusedRow)
    assert (refused.row, refused.column) == (1, column)
    assert len(contents.withheld) == 1


def test_a_column_that_is_not_known_is_noted(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text(f"PracticeCode,NHSNumber,AskedAt,Answer,Why\n{ROW},\n")

    assert read_path(path).notes == (f"{FILE} has columns that are not read: Why",)
