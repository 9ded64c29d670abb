"""How many patients objected at the end of each month, as it may be published?

Exact numbers come in, by practice; what goes out has been through `disclose`. Every patient counts
once a purpose, at the practice whose entry decides their status by the policy, whether or not they
are registered there or living: objections stand until they are withdrawn. NHS Digital's own
statistics count type 1 by entries, so that theirs are higher (D28).
"""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from ledger.application.records import StatisticsRecord
from ledger.domain.disclosure import Published, disclose
from ledger.domain.purposes import Purpose
from ledger.projections.practices import PracticeLine
from ledger.projections.standing_objections import Change, Measure

COUNTED = (Purpose.TYPE_1, Purpose.TYPE_2)
# Both types are recorded since early 2014 (B11 B13 D28); what is dated before counts from then on.
FIRST_MONTH = date(2014, 1, 1)
# How statistics call a practice's commissioner where the register names none.
_UNALLOCATED = "unallocated"
_A_DAY = timedelta(days=1)
# More than a month has, and less than two.
_INTO_THE_NEXT = timedelta(days=31)

Exact = Mapping[Measure, Mapping[str, int]]
Numbers = Mapping[Measure, Published]


class Level(StrEnum):
    """Who is told apart: nobody, commissioners, or practices too."""

    ALL = "all"
    COMMISSIONER = "commissioner"
    PRACTICE = "practice"


class _Of(NamedTuple):
    """Of whom one line is, and how many practices that are."""

    level: Level
    code: str | None
    name: str | None
    commissioner: str | None
    practices: int


def statistics_of(
    moved: Sequence[Change],
    known: Mapping[str, PracticeLine],
    *,
    level: Level,
    since: date | None,
    today: date,
) -> list[StatisticsRecord]:
    """The months that are over, from that of `since` on (None: the latest alone), newest first; of
    everybody, and of the commissioners and practices that `level` tells apart. `known` has every
    practice of `moved`.
    """
    last = _month(_month(today) - _A_DAY)
    first = max(FIRST_MONTH, _month(since or last))
    return [
        StatisticsRecord(
            month=month,
            purpose=purpose,
            **of._asdict(),
            objecting=numbers[Measure.OBJECTING],
            cannot_tell=numbers[Measure.CANNOT_TELL],
            transmitted=numbers[Measure.TRANSMITTED] if purpose is Purpose.TYPE_2 else None,
        )
        for month, purpose, exact in _by_month(moved, known, first=first, last=last)
        for of, numbers in _published(exact, known, level)
    ]


def _month(day: date) -> date:
    return day.replace(day=1)


def _by_month(
    moved: Sequence[Change], practices: Collection[str], *, first: date, last: date
) -> list[tuple[date, Purpose, Exact]]:
    """The exact numbers at the end of each month, by measure and practice, the newest first."""
    standing: Counter[tuple[Measure, str, str]] = Counter()
    waiting = deque(sorted(moved, key=lambda change: change.month or date.min))
    months: list[tuple[date, Purpose, Exact]] = []
    month = first
    while month <= last:
        while waiting and (waiting[0].month or date.min) <= month:
            change = waiting.popleft()
            standing[change.measure, change.practice, change.purpose] += change.by
        months += [
            (
                month,
                purpose,
                {
                    measure: {code: standing[measure, code, purpose] for code in practices}
                    for measure in Measure
                },
            )
            for purpose in reversed(COUNTED)
        ]
        month = _month(month + _INTO_THE_NEXT)
    return months[::-1]


def _published(
    exact: Exact, known: Mapping[str, PracticeLine], level: Level
) -> Iterator[tuple[_Of, Numbers]]:
    """Everybody, and whom `level` tells apart, with the numbers that may be told of them."""
    group_of = {code: line.commissioner or _UNALLOCATED for code, line in known.items()}
    told = {measure: disclose(counts, group_of) for measure, counts in exact.items()}
    everybody = {measure: numbers.all for measure, numbers in told.items()}
    yield _Of(Level.ALL, None, None, None, len(known)), everybody
    if level is Level.ALL:
        return
    for group, size in sorted(Counter(group_of.values()).items()):
        of_group = {measure: numbers.groups[group] for measure, numbers in told.items()}
        yield _Of(Level.COMMISSIONER, group, None, group, size), of_group
    if level is Level.COMMISSIONER:
        return
    for code, line in sorted(known.items()):
        of_part = {measure: numbers.parts[code] for measure, numbers in told.items()}
        yield _Of(Level.PRACTICE, code, line.name, group_of[code], 1), of_part
