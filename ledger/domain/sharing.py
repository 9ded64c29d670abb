"""Since when a sharing setting has been what it is, and since when that has been wrong."""

from datetime import date
from itertools import takewhile
from typing import NamedTuple

from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.practices import Practice

# From this day consent by silence no longer carried a share (the GDPR applied: C3 C6 D38).
GDPR_APPLIED_ON = date(2018, 5, 25)


class Held(NamedTuple):
    """What a setting is, since when at the practice, and by which events."""

    value: str
    set_on: date
    positions: tuple[int, ...]


class TrueFrom(NamedTuple):
    """From which day something wrong has been true, and whether only that day made it so."""

    since: date
    by_the_day: bool


def held_on(practice: Practice, setting: Setting, day: date) -> Held | None:
    """What `setting` is at the end of `day`; None: never set.

    The same value set twice is one time of holding it, which began with the first.
    """
    latest = practice.setting_on(setting, day)
    if latest is None:
        return None
    changes = sorted(
        (
            change
            for change in practice.changes
            if change.setting is setting and practice_day(change.changed_at) <= day
        ),
        key=lambda change: (change.changed_at, change.position),
        reverse=True,
    )
    run = list(takewhile(lambda change: change.value == latest.value, changes))
    return Held(
        value=latest.value,
        set_on=practice_day(run[-1].changed_at),
        positions=tuple(sorted(change.position for change in run)),
    )


def true_from(deadline: date, *, held: Held) -> TrueFrom:
    """When what is held has been wrong, if it is wrong from `deadline` on."""
    return TrueFrom(since=max(deadline, held.set_on), by_the_day=held.set_on < deadline)
