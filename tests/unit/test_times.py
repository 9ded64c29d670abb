"""Does a supplier's text become the moment it means, and nothing else?"""

from datetime import UTC, date, datetime

import pytest

from ledger.domain.entries import Precision
from ledger.readers.times import (
    day_stamp,
    emis_day,
    emis_moment,
    stamp,
    systmone_day,
    systmone_moment,
)


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("29 Sep 2011", date(2011, 9, 29)),
        ("05 Jan 2026 14:53:28", date(2026, 1, 5)),
        ("29 Sep 1961 00:00", date(1961, 9, 29)),
        ("29 FEB 2024", date(2024, 2, 29)),
        ("  1 may 2020 ", date(2020, 5, 1)),
    ],
)
def test_systmone_writes_days_with_english_months(text: str, day: date) -> None:
    assert systmone_day(text) == (day, Precision.DAY)


@pytest.mark.parametrize(
    "text",
    [
        "31 Feb 2020",
        "29 Feb 2023",
        "2020-02-01",
        "05 Mai 2020",
        "05 Jan 0020",
        "0",
        "01 Jan 2020 x",
    ],
)
def test_an_impossible_day_is_unreadable(text: str) -> None:
    assert systmone_day(text) == (None, Precision.UNREADABLE)
    assert systmone_moment(text) == (None, Precision.UNREADABLE)


@pytest.mark.parametrize("text", ["", "  "])
def test_no_day_is_missing(text: str) -> None:
    assert systmone_day(text) == (None, Precision.MISSING)
    assert systmone_moment(text) == (None, Precision.MISSING)
    assert emis_day(text) == (None, Precision.MISSING)
    assert emis_moment(text, "10:00:00") == (None, Precision.MISSING)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("05 Jan 2026 14:53:28", moment(2026, 1, 5, 14, 53, 28)),
        ("05 Jul 2026 14:53", moment(2026, 7, 5, 13, 53)),
        ("05 Jul 2026", moment(2026, 7, 4, 23)),
        # 25 October 2026: half past one happens twice, the first time in summer time.
        ("25 Oct 2026 01:30:00", moment(2026, 10, 25, 0, 30)),
        # 29 March 2026: half past one does not happen.
        ("29 Mar 2026 01:30:00", moment(2026, 3, 29, 1, 30)),
    ],
)
def test_clock_time_of_the_united_kingdom_becomes_utc(text: str, expected: datetime) -> None:
    assert systmone_moment(text) == (expected, Precision.DAY)


@pytest.mark.parametrize("text", ["05 Jan 2026 24:00:00", "05 Jan 2026 10:61"])
def test_an_impossible_time_is_unreadable(text: str) -> None:
    assert systmone_moment(text) == (None, Precision.UNREADABLE)


def test_emis_writes_day_and_time_apart_or_together() -> None:
    assert emis_day("2020-06-01") == (date(2020, 6, 1), Precision.DAY)
    assert emis_day("2020-02-31") == (None, Precision.UNREADABLE)
    assert emis_moment("2020-06-01", "10:30:00").moment == moment(2020, 6, 1, 9, 30)
    assert emis_moment("2017-04-26 06:35:16").moment == moment(2017, 4, 26, 5, 35, 16)
    assert emis_moment("2020-12-01", "").moment == moment(2020, 12, 1)
    assert emis_moment("2020-12-01", "no time").moment == moment(2020, 12, 1)
    assert emis_moment("2020-12-01", "25:00:00") == (None, Precision.UNREADABLE)


def test_stamps_are_read_in_the_three_ways_they_are_written() -> None:
    assert stamp("20260105_2200") == moment(2026, 1, 5, 22)
    assert stamp("20150211164536") == moment(2015, 2, 11, 16, 45, 36)
    assert stamp("20260705") == moment(2026, 7, 4, 23)
    assert stamp("20260231_2200") is None
    assert stamp("yesterday") is None
    assert day_stamp("20260705") == date(2026, 7, 5)
    assert day_stamp("20260705_2200") is None
    assert day_stamp("20261305") is None
