"""What names a point in time of which somebody asks what the ledger knew?

A position of the log; a time with its offset; or a day, which is meant to its end, at the practice.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from ledger.domain.objections import PRACTICE_CLOCK
from ledger.domain.refusals import NotAPoint

Point = int | datetime | date

_POSITION = re.compile(r"\d{1,18}", flags=re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", flags=re.ASCII)
# RFC 3339: `fromisoformat` alone would take a time of nobody knows which zone.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)


def read_point(text: str) -> Point:
    """The point that this text names; refuses what names none, without repeating it."""
    told = text.strip()
    try:
        if _POSITION.fullmatch(told):
            return int(told)
        if _DAY.fullmatch(told):
            return date.fromisoformat(told)
        if _MOMENT.fullmatch(told):
            return datetime.fromisoformat(told.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise NotAPoint(
        "expected a position of the log (1250), a day (2018-06-25, meant to its end) or a time with "
        "its offset (2018-06-25T17:00:00Z)"
    )


def read_day(text: str) -> date:
    """The day that this text names; refuses what names none, without repeating it."""
    told = read_point(text)
    if isinstance(told, datetime) or not isinstance(told, date):
        raise NotAPoint("expected a day, as 2018-06-25")
    return told


def end_of(day: date) -> datetime:
    """The last moment of a day at the practice."""
    midnight = datetime.combine(day + timedelta(days=1), time(), PRACTICE_CLOCK)
    return midnight.astimezone(UTC) - timedelta(microseconds=1)
