"""By which day an action is due."""

from datetime import date

import pytest

from ledger.domain.due import due_day, is_working_day


@pytest.mark.parametrize(
    ("found_on", "working_days", "due_on"),
    [
        ("2018-06-26", 1, "2018-06-27"),  # the flows stopped the day after the diagnosis (B3)
        ("2018-06-29", 1, "2018-07-02"),  # from a Friday to Monday
        ("2018-06-30", 1, "2018-07-02"),  # from a Saturday to Monday
        ("2018-07-01", 5, "2018-07-06"),  # from a Sunday to Friday
        ("2018-03-29", 1, "2018-04-03"),  # over Easter: Good Friday and Easter Monday
        ("2018-03-26", 5, "2018-04-04"),
        ("2018-05-04", 1, "2018-05-08"),  # over the early May bank holiday
        ("2018-12-24", 1, "2018-12-27"),  # over Christmas and Boxing Day
        ("2018-12-21", 5, "2019-01-02"),  # and over New Year's Day
        ("2021-12-24", 1, "2021-12-29"),  # substitutes, Christmas Day being a Saturday
        ("2018-12-03", 20, "2019-01-03"),
    ],
)
def test_working_days_skip_weekends_and_bank_holidays(
    found_on: str, working_days: int, due_on: str
) -> None:
    due = due_day(date.fromisoformat(found_on), working_days=working_days)

    assert due == date.fromisoformat(due_on)


def test_days_count_every_day() -> None:
    assert due_day(date(2018, 12, 3), days=28) == date(2018, 12, 31)


def test_without_either_no_day_is_set() -> None:
    assert due_day(date(2018, 12, 3)) is None


def test_the_bank_holidays_are_those_of_england() -> None:
    assert is_working_day(date(2018, 1, 2))  # a holiday in Scotland
    assert is_working_day(date(2018, 3, 19))  # a holiday in Northern Ireland
    assert not is_working_day(date(2018, 8, 27))
