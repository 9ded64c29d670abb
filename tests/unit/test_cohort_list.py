"""Whose data left with a release: which rows of a list are NHS numbers, and which are told as none."""

import pytest

from ledger.domain.entries import RefusedRow
from ledger.domain.refusals import NotAFact
from ledger.readers.cohort import CohortList
from tests.nhs_numbers import nhs_numbers

ANNA, BEN, CLARA = nhs_numbers(3)
WRONG = "9990000000"


def read(text: str) -> tuple[list[str], CohortList]:
    cohort = CohortList("cohort.csv", text.splitlines(keepends=True))
    return list(cohort.numbers()), cohort


@pytest.mark.parametrize(
    "text",
    [
        f"{ANNA}\n{BEN}\n",
        f"{ANNA}\r\n{BEN}",
        f"\ufeff{ANNA}\n{BEN}\n",
        f"NHSNumber\n{ANNA}\n{BEN}\n",
        f"nhsnumber\n{ANNA}\n\n{BEN}\n",
        f"Name,NHSNumber,Born\nA,{ANNA},1970\nB,{BEN},1980\n",
        f'"NHSNumber"\n"{ANNA}"\n"{BEN}"\n',
        f"{ANNA[:3]} {ANNA[3:6]} {ANNA[6:]}\n{BEN[:3]}-{BEN[3:6]}-{BEN[6:]}\n",
    ],
)
def test_a_list_may_be_written_in_these_ways(text: str) -> None:
    numbers, cohort = read(text)

    assert numbers == [ANNA, BEN]
    assert cohort.rows_refused == 0


def test_a_bad_number_is_told_by_file_row_and_reason_and_the_others_are_taken() -> None:
    numbers, cohort = read(f"NHSNumber\n{ANNA}\n{WRONG}\n\nnobody\n{BEN}\n")

    assert numbers == [ANNA, BEN]
    reason = "expected an NHS number: ten digits, the last of which checks the others"
    assert cohort.refused == [
        RefusedRow("cohort.csv", 2, "NHSNumber", reason),
        RefusedRow("cohort.csv", 4, "NHSNumber", reason),
    ]
    assert cohort.rows_refused == 2


def test_without_a_header_rows_are_counted_from_the_first_line() -> None:
    _, cohort = read(f"{WRONG}\n{ANNA}\n")

    assert [row.row for row in cohort.refused] == [1]


def test_a_row_too_short_for_the_column_is_refused() -> None:
    numbers, cohort = read(f"Name,NHSNumber\nA,{ANNA}\nB\n")

    assert (numbers, [row.row for row in cohort.refused]) == ([ANNA], [2])


def test_a_quote_that_never_ends_swallows_no_row() -> None:
    numbers, cohort = read(f'"{ANNA}\n{BEN}\n{CLARA}"\n')

    assert numbers == [ANNA, BEN]
    assert [row.row for row in cohort.refused] == [3]


def test_a_table_without_the_column_is_no_list() -> None:
    with pytest.raises(NotAFact, match=r"cohort\.csv: expected one NHS number a line") as refused:
        read(f"Name,Number\nA,{ANNA}\n")

    assert ANNA not in str(refused.value)


def test_an_empty_list_holds_nobody() -> None:
    assert read("")[0] == []
