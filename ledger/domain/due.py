"""By which day an action is due: so many days after it was found, or working days of England."""

from datetime import date, timedelta
from functools import cache

from holidays import country_holidays

SATURDAY = 5


def due_day(
    found_on: date, *, days: int | None = None, working_days: int | None = None
) -> date | None:
    """The day an action found on `found_on` is due; None where no day is set.

    The day of finding is not counted. Days may end on any day of the week; working days skip
    weekends and England's bank holidays.
    """
    if days is not None:
        return found_on + timedelta(days=days)
    if working_days is None:
        return None
    due = found_on
    for _ in range(working_days):
        due = _next_working_day(due)
    return due


def is_working_day(day: date) -> bool:
    """Whether offices in England work on that day."""
    return day.weekday() < SATURDAY and day not in _bank_holidays(day.year)


def _next_working_day(day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


@cache
def _bank_holidays(year: int) -> frozenset[date]:
    return frozenset(country_holidays("GB", subdiv="ENG", years=year))
