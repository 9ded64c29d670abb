"""When things happened in the fictional region: months, and the days that history fixes."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random
from typing import NamedTuple


class Month(NamedTuple):
    """A calendar month."""

    year: int
    month: int

    @property
    def first_day(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """Its last day: when deliveries are made and collections' periods end."""
        return _last_day(self)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"

    def plus(self, months: int) -> "Month":
        """The month so many months later."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)

    def until(self, last: "Month") -> Iterator["Month"]:
        """This month and those up to `last`."""
        month = self
        while month <= last:
            yield month
            month = month.plus(1)


@cache
def _last_day(month: Month) -> date:
    return month.plus(1).first_day - timedelta(days=1)


def month_of(day: date) -> Month:
    """The month a day lies in."""
    return Month(day.year, day.month)


FIRST_MONTH, LAST_MONTH = Month(2014, 1), Month(2018, 12)
FIRST_COLLECTION, LAST_COLLECTION = Month(2016, 4), Month(2018, 7)
COLLECTIONS = tuple(FIRST_COLLECTION.until(LAST_COLLECTION))
# A collection's file bears a date this long after its period end.
COLLECTED_AFTER = timedelta(days=3)

# NHS Digital released on this day of the last month of each quarter, while the fault lasted.
RELEASE_DAY = 20
RELEASED_ON = tuple(
    date(month.year, month.month, RELEASE_DAY)
    for month in Month(2016, 6).until(Month(2018, 6))
    if month.month % 3 == 0
)

# Dissents entered in SystmOne after this day were not sent (B3 B5) ...
LEFT_OUT_AFTER = date(2015, 3, 31)
# ... until this collection carried all of them at once (B4).
BACKLOG = Month(2018, 6)

# Type 2 objections gave way to the national data opt-out on the first of these days (D38), and
# were converted until the second (D7 D8 D33). New ones cease with the month before it.
OPT_OUT_BEGAN = date(2018, 5, 25)
TYPE_2_ENDED = date(2018, 10, 11)
LAST_TYPE_2 = Month(2018, 9)
# Each day on which objections were converted, and the month whose collection told of them: what TPP
# had held back only with the third. No collection was published of the last two.
CONVERSIONS = (
    (OPT_OUT_BEGAN, Month(2018, 4)),
    (date(2018, 6, 8), Month(2018, 5)),
    (date(2018, 7, 6), BACKLOG),
    (date(2018, 8, 6), LAST_COLLECTION),
    (date(2018, 9, 7), Month(2018, 8)),
    (TYPE_2_ENDED, LAST_TYPE_2),
)
# INPS sent its part of this month's collection by itself, in a file that could not be taken in.
REFUSED_PART = Month(2016, 7)
PUBLICITY = Month(2017, 5)

# SystmOne's SRCode comes whole once more in this month: what is gone by then leaves no row, and
# what the deltas lost turns up. In the other month SystmOne's delivery failed.
REBULK, FAILED = Month(2016, 9), Month(2017, 8)

OPENS, CLOSES = time(9), time(18)


def clock(day: date, rng: Random) -> datetime:
    """Some time of that day while the surgery is open."""
    return datetime.combine(day, OPENS) + timedelta(seconds=rng.randrange(9 * 3600))


def working_day(first: date, last: date, rng: Random) -> date:
    """A day from Monday to Friday; `last` may be no more than a day before the next working day."""
    day = first + timedelta(days=rng.randrange((last - first).days + 1))
    friday = day - timedelta(days=max(0, day.weekday() - 4))
    return friday if friday >= first else friday + timedelta(days=3)
