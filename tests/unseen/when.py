"""On which days does something happen in the region?

Practices deliver at the end of every second month, and NHS Digital collects for the same periods
from April 2016 on, when upholding began. Deliveries leave in the evening; a collection's file bears
the day after its period.
"""

import calendar
from datetime import date, datetime, time, timedelta

OPENED = date(2016, 1, 4)
ENDS = tuple(
    date(year, month, calendar.monthrange(year, month)[1])
    for year in (2016, 2017, 2018)
    for month in (2, 4, 6, 8, 10, 12)
)
# The periods in which whole cohorts are counted (TX02, TX03): TPP and then EMIS send nothing new,
# Vision nearly enough, all of them nothing.
SILENT_TPP, SILENT_EMIS, NEARLY_VISION, ALL_LOW = ENDS[2], ENDS[7], ENDS[8], ENDS[12]
PERIODS = tuple(end for end in ENDS if date(2016, 4, 1) <= end <= date(2018, 8, 31))
EVENING = time(20, 0)
GDPR = date(2018, 5, 25)
CUT_OFF = date(2018, 10, 11)
# Whoever has withdrawn by then, NHS Digital knows of before it converts the rest.
KNOWN_TO_CONVERT = date(2018, 4, 30)


def end(year: int, month: int) -> date:
    """The last day of the month, on which practices deliver."""
    found = date(year, month, calendar.monthrange(year, month)[1])
    assert found in ENDS
    return found


def begins(period_end: date) -> date:
    """The first day of the period that ends there."""
    earlier = [one for one in ENDS if one < period_end]
    return earlier[-1] + timedelta(days=1) if earlier else OPENED


def collected(period_end: date) -> date:
    """The day the file of that period's collection bears."""
    return period_end + timedelta(days=1)


def collection_after(day: date, which: int = 1) -> date:
    """When the first (or a later) collection is known whose period ends on that day or later."""
    return collected([one for one in PERIODS if one >= day][which - 1])


def period_after(day: date, which: int = 1) -> date:
    """The end of the first (or a later) collected period that ends on that day or later."""
    return [one for one in PERIODS if one >= day][which - 1]


def clock(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A moment as the practice's clock has it: clinical systems write it without a zone."""
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001


def evening(day: date) -> datetime:
    """When that day's deliveries leave, by the practice's clock."""
    return datetime.combine(day, EVENING)
