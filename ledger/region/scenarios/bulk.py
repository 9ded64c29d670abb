"""Many objections entered at once (LC04)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from ledger.region.scene import Scene

_USER = 77


def _enter(s: Scene, after: Iterable[timedelta], *, registered: date) -> None:
    begins = datetime.combine(s.day, time(12, 5))
    for passed in after:
        s.newcomer(registered)
        s.dissent(entered=begins + passed, user=_USER)


def entered_at_once(s: Scene) -> None:
    every = (timedelta(seconds=20 * n) for n in range(22))
    _enter(s, every, registered=date(2001, 5, 3))
    s.find("LC04", "22 by one user within eight minutes", purpose=None, named=False)


def entered_in_an_afternoon(s: Scene) -> None:
    every = (timedelta(minutes=10 * n) for n in range(22))
    _enter(s, every, registered=date(2001, 5, 3))
    s.quiet("a pile of forms", "LC04", "one every ten minutes")


def entered_at_once_without_a_time(s: Scene) -> None:
    every = (timedelta(seconds=20 * n) for n in range(22))
    _enter(s, every, registered=date(2001, 5, 3))
    s.quiet("a day without an hour", "LC04", "the format gives no entered time")
