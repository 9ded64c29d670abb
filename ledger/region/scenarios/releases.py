"""Patients who were in a release: against their wish, and not (DS01).

What follows from these days for collections is told in `transmission.py`, as of all others. Every
month named in the table holds a release, on its twentieth day.
"""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import date, timedelta

from ledger.domain.purposes import Purpose
from ledger.region.scene import Scene
from ledger.region.timeline import RELEASE_DAY

TYPE_2 = Purpose.TYPE_2


def _day(s: Scene) -> date:
    return s.month.first_day.replace(day=RELEASE_DAY)


def _find(s: Scene, why: str) -> None:
    s.find("DS01", why, purpose=TYPE_2, since=_day(s))


def carried_and_released(s: Scene) -> None:
    s.dissent(TYPE_2, entered=s.later(months=-2))
    s.is_released(_day(s))
    _find(s, "collections had carried the dissent, and it was not applied")


def entered_after_the_release(s: Scene) -> None:
    s.dissent(TYPE_2, entered=_day(s) + timedelta(days=3), effective=s.day)
    s.is_released(_day(s))
    _find(s, "meant before the release, and entered after it")


def deleted_before_the_release(s: Scene) -> None:
    entry = s.dissent(TYPE_2, entered=s.later(months=-2))
    s.remove(entry, s.day)
    s.is_released(_day(s))
    s.find("LC01", "deleted, and no withdrawal was coded", purpose=TYPE_2)
    _find(s, "the dissent was deleted, and stands all the same")


def withdrawn_before_the_release(s: Scene) -> None:
    s.dissent(TYPE_2, entered=s.later(months=-8))
    s.withdrawal(TYPE_2, entered=s.later(months=-4))
    s.is_released(_day(s))
    s.quiet("withdrawn before the release", "DS01", "there was nothing to uphold any more")


def withdrawal_known_after_the_release(s: Scene) -> None:
    s.dissent(TYPE_2, entered=s.later(months=-8))
    s.withdrawal(TYPE_2, entered=s.day)
    s.is_released(_day(s))
    why = "the withdrawal came with the delivery after the release"
    s.find("DS01", why, closed=True, purpose=TYPE_2, since=_day(s))


def meant_after_the_release(s: Scene) -> None:
    s.dissent(TYPE_2, entered=_day(s) + timedelta(days=2))
    s.is_released(_day(s))
    s.quiet("meant after the release", "DS01", "the data had left before")


def objects_to_something_else(s: Scene) -> None:
    s.dissent(Purpose.TYPE_1, entered=s.day)
    s.is_released(_day(s))
    s.quiet("another purpose", "DS01", "a type 1 says nothing of what NHS Digital releases")
