"""When is a standing action owed, and which of its turns have come and gone?

An action that recurs is owed once a month or a quarter, until that ends. A turn that nobody answered
stays to be seen; the next one takes its place as what there is to do.
"""

from datetime import date, timedelta
from typing import NamedTuple

from ledger.domain.rule import StandingAction

_DECEMBER = 12


class Turn(NamedTuple):
    """One time an action is owed, from a day and by a day; `due` None: no day is set.

    `name` tells the turns of one action apart, as 2018-06 for what ends in June 2018; None where
    it is owed once.
    """

    name: str | None
    owed_from: date
    due: date | None


def turns(action: StandingAction, *, joined_on: date, today: date) -> list[Turn]:
    """The turns of a practice that the ledger hears from since `joined_on`: the last is on now.

    What began before the practice joined is owed from the day it did.
    """
    joined_on = min(joined_on, today)
    if action.every_months is None:
        return [Turn(None, joined_on, joined_on if action.at_onboarding else action.due_on)]
    floor = action.due_on or date.min
    length = action.every_months
    begins = _begin_of_turn(max(joined_on, floor), length)
    told = []
    while True:
        following = _months_later(begins, length)
        due = following - timedelta(days=1)
        owed_from = begins if joined_on < begins <= today else joined_on
        told.append(Turn(f"{due:%Y-%m}", owed_from, due))
        if due >= today:
            return told
        begins = following


def first_day(turn: Turn, *, months: int) -> date:
    """The day on which a turn of so many months begins, whenever the practice joined."""
    assert turn.due is not None, "what recurs is due at the end of its turn"
    return _months_later(turn.due.replace(day=1), 1 - months)


def _begin_of_turn(day: date, length: int) -> date:
    return day.replace(month=(day.month - 1) // length * length + 1, day=1)


def _months_later(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, _DECEMBER)
    return date(first.year + years, month + 1, 1)
