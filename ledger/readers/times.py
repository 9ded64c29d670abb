"""Which moment or day a supplier's text means, or whether it means none.

Clinical systems write the local clock time of the United Kingdom without an offset (docs/formats.md
1.1 and 2.1). It becomes UTC here. When the clocks go back an hour happens twice: the first of the
two is taken, so that a dissent is never thought later than it may have been, nor a delivery
fresher. When they go forward an hour does not happen: such a time is read with the offset before
the change (01:30 that night is 01:30 UTC), as Python's fold=0 has it.

"" is missing and 31 February is unreadable: the two are told apart, because they ask different
things of a practice (rule CO11).
"""

import re
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ledger.domain.entries import Precision

LONDON = ZoneInfo("Europe/London")

# Spelt out, because strptime's %b follows the locale of the machine.
_MONTHS = {
    month: i
    for i, month in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        start=1,
    )
}
_SYSTMONE = re.compile(
    r"(\d{1,2}) ([A-Za-z]{3}) (\d{4})(?: (\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?", re.ASCII
)
_EMIS_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?", re.ASCII)
# `fromisoformat` alone would take a day, or a time of nobody knows which zone.
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)
_CLOCK = re.compile(r"(\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)
# HL7 version 3: as much of yyyyMMddHHmmss as is known, a fraction and an offset perhaps behind.
_HL7 = re.compile(
    r"(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.\d+)?)?)?)?)?)?([+-]\d{4})?",
    re.ASCII,
)
_STAMP = re.compile(r"(\d{4})(\d{2})(\d{2})(?:_?(\d{2})(\d{2})(\d{2})?)?", re.ASCII)


class DayRead(NamedTuple):
    """A day, or whether it is missing or cannot be read."""

    day: date | None
    precision: Precision


class Effective(NamedTuple):
    """An effective date as far as it is known: a day, or a year ("2016") or month ("2016-03")."""

    day: date | None
    precision: Precision
    partial: str | None = None


class MomentRead(NamedTuple):
    """A moment in UTC; `precision` is DAY where it was read, else MISSING or UNREADABLE."""

    moment: datetime | None
    precision: Precision


def systmone_day(text: str) -> DayRead:
    """The day of `dd MMM yyyy`, with or without a time behind it."""
    return _day_of(text, _systmone(text))


def systmone_moment(text: str) -> MomentRead:
    """The moment of `dd MMM yyyy HH:mm:ss`; midnight where the time is absent."""
    return _moment_of(text, _systmone(text))


def emis_day(text: str) -> DayRead:
    """The day of `yyyy-MM-dd`, with or without a time behind it."""
    return _day_of(text, _numbers(_EMIS_DATE, text))


def emis_moment(day: str, clock: str = "") -> MomentRead:
    """The moment of `yyyy-MM-dd` and `HH:mm:ss`, apart or in one text.

    Midnight where there is no time: an unknown hour must not lose a known day.
    """
    local = _numbers(_EMIS_DATE, day)
    if local is not None and (time := _CLOCK.fullmatch(clock.strip())) is not None:
        hour, minute, second = (int(part or 0) for part in time.groups())
        local = _clock_time(local.year, local.month, local.day, hour, minute, second)
    return _moment_of(day, local)


def stamp(text: str) -> datetime | None:
    """The moment that a manifest or a file name gives; None where it is none.

    Written `yyyyMMdd_HHmm` (SystmOne), `yyyymmddHHMMSS` (EMIS) or `yyyymmdd`.
    """
    local = _numbers(_STAMP, text)
    return None if local is None else utc(local)


def day_stamp(text: str) -> date | None:
    """The day of `yyyymmdd`, as our own file names write it; None where it is none."""
    local = _numbers(_STAMP, text) if len(text) == len("yyyymmdd") else None
    return None if local is None else local.date()


def hl7_effective(text: str) -> Effective:
    """The date of `yyyyMMdd`, `yyyyMM` or `yyyy`, with or without a time behind the day."""
    bare = text.strip()
    found = _HL7.fullmatch(bare)
    moment = hl7_moment(text)
    if found is None or moment is None:
        return Effective(None, Precision.UNREADABLE if bare else Precision.MISSING)
    year, month, day, hour, *_, offset = found.groups()
    if month is None:
        return Effective(None, Precision.YEAR, year)
    if day is None:
        return Effective(None, Precision.MONTH, f"{year}-{month}")
    if hour is None or offset is None:
        return Effective(date(int(year), int(month), int(day)), Precision.DAY)
    return Effective(moment.astimezone(LONDON).date(), Precision.DAY)


def hl7_moment(text: str) -> datetime | None:
    """The moment of `yyyyMMdd[HH[mm[ss]]]`, its start where less is told; None where it is none.

    Without an offset it is local clock time of the United Kingdom.
    """
    found = _HL7.fullmatch(text.strip())
    if found is None:
        return None
    *parts, offset = found.groups()
    numbers = [int(part or least) for part, least in zip(parts, (0, 1, 1, 0, 0, 0), strict=True)]
    local = _clock_time(*numbers)
    if local is None:
        return None
    if offset is None:
        return utc(local)
    try:
        return datetime.strptime(f"{local.isoformat()}{offset}", "%Y-%m-%dT%H:%M:%S%z").astimezone(
            UTC
        )
    except ValueError:
        return None


def fhir_effective(told: datetime | date | str | None) -> Effective:
    """The date of a FHIR dateTime as it was parsed: partial ones are text, `2016` or `2016-03`."""
    match told:
        case None:
            return Effective(None, Precision.MISSING)
        case str():
            whole = len(told) == len("2016-03")
            known = _clock_time(int(told[:4]), int(told[5:7] or 1), 1, 0, 0, 0)
            if known is None:
                return Effective(None, Precision.UNREADABLE)
            return Effective(None, Precision.MONTH if whole else Precision.YEAR, told)
        case datetime():
            moment = fhir_moment(told)
            day = None if moment is None else moment.astimezone(LONDON).date()
        case date():
            clock = _clock_time(told.year, told.month, told.day, 0, 0, 0)
            day = None if clock is None else clock.date()
    return Effective(day, Precision.UNREADABLE if day is None else Precision.DAY)


def fhir_moment(told: datetime | None) -> datetime | None:
    """The moment of a FHIR instant, in UTC; None where its year cannot be."""
    if told is None or _clock_time(told.year, told.month, told.day, 0, 0, 0) is None:
        return None
    return told.astimezone(UTC)


def rfc_3339(text: str) -> datetime | None:
    """The moment of an RFC 3339 time, in UTC; None where it is none, or of nobody knows which zone."""
    if not _RFC_3339.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def utc(local: datetime) -> datetime:
    """Local clock time of the United Kingdom as a moment in UTC."""
    return local.replace(tzinfo=LONDON).astimezone(UTC)


def _day_of(text: str, local: datetime | None) -> DayRead:
    if local is not None:
        return DayRead(local.date(), Precision.DAY)
    return DayRead(None, Precision.UNREADABLE if text.strip() else Precision.MISSING)


def _moment_of(text: str, local: datetime | None) -> MomentRead:
    if local is not None:
        return MomentRead(utc(local), Precision.DAY)
    return MomentRead(None, Precision.UNREADABLE if text.strip() else Precision.MISSING)


def _systmone(text: str) -> datetime | None:
    found = _SYSTMONE.fullmatch(text.strip())
    if found is None:
        return None
    day, month, year, *clock = found.groups()
    if (number := _MONTHS.get(month.lower())) is None:
        return None
    return _clock_time(int(year), number, int(day), *(int(part or 0) for part in clock))


def _numbers(pattern: re.Pattern[str], text: str) -> datetime | None:
    found = pattern.fullmatch(text.strip())
    return None if found is None else _clock_time(*(int(part or 0) for part in found.groups()))


def _clock_time(*parts: int) -> datetime | None:
    year, month, day, hour, minute, second = parts
    # No clinical record is older than anybody's life, and a year such as 0201 is a slip; the
    # zone's arithmetic would also fail at either end of the calendar.
    if not 1850 <= year <= 2999:  # noqa: PLR2004
        return None
    try:
        # Without a zone on purpose: `utc` gives it one.
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None
