"""What can the ledger see of a standing action: is it done, whatever anybody says?

Most are done where no delivery tells: on paper, in a meeting, by a poster. Of those the ledger says
nothing. Where facts do tell, they stand beside what was said, and where they show that the thing is
done it is asked for no more (docs/adr/0023).
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.practices import Practice
from ledger.domain.purposes import Purpose
from ledger.domain.turns import Turn, first_day
from ledger.domain.wording import counted, in_words

# Type 2 ended within October 2018, and entries are counted by whole months.
_FIRST_MONTH_WITHOUT_TYPE_2 = date(2018, 11, 1)
# In so many of the latest months with entries there is nothing but SNOMED CT [D].
_MONTHS_THAT_SHOW_A_HABIT = 3


class EnteredInMonth(NamedTuple):
    """How many entries of one purpose a practice entered in a month, and how many in SNOMED CT."""

    month: date
    purpose: Purpose
    entries: int
    snomed_ct: int


class Facts(NamedTuple):
    """What is known of one practice that bears on what it owes.

    `months` are those with entries since type 2 began to end and SNOMED CT to begin; `heard_until`
    is the day up to which its newest delivery bears witness.
    """

    practice: Practice = Practice()
    months: Sequence[EnteredInMonth] = ()
    heard_until: date | None = None


class Seen(NamedTuple):
    """What the ledger sees, in a sentence; `done` None: it shows neither that it is nor is not."""

    text: str
    done: bool | None


def seen(code: str, facts: Facts, turn: Turn, *, today: date) -> Seen | None:
    """What the ledger sees of the action with this code; None: nothing that tells."""
    match code:
        case "SA04":
            return _listed(facts.practice, Setting.ALLOWED, today)
        case "SA05":
            return _listed(facts.practice, Setting.PROHIBITED, today)
        case "SA08":
            return _overrides(facts.practice, turn)
        case "SA09":
            return _type_2_since(facts.months)
        case "SA10":
            return _type_2_in(turn, facts)
        case "SA15":
            return _vocabulary(facts.months)
        case _:
            return None


def _listed(practice: Practice, setting: Setting, today: date) -> Seen | None:
    """Lists that were never told may exist all the same."""
    if not any(change.setting is setting for change in practice.changes):
        return None
    codes = practice.listed_on(setting, today)
    name = f"{setting.value} list"
    if not codes:
        return Seen(f"the {name} is empty", done=False)
    return Seen(f"the {name} holds {counted(len(codes), 'organisation')}", done=True)


def _overrides(practice: Practice, turn: Turn) -> Seen | None:
    """How often override was used tells what there is to review, and not that anybody did."""
    shares = [change for change in practice.changes if change.setting is Setting.SHARE_IN]
    if not shares or turn.due is None:
        return None
    begins = first_day(turn, months=3)
    used = sum(
        c.value == "overridden" and begins <= practice_day(c.changed_at) <= turn.due for c in shares
    )
    by = counted(used, "share-in") if used else "no share-in"
    return Seen(
        f"{by} by override from {in_words(begins)} to {in_words(turn.due)}",
        done=None,
    )


def _type_2_since(months: Sequence[EnteredInMonth]) -> Seen | None:
    late = [m for m in _of_type_2(months) if m.month >= _FIRST_MONTH_WITHOUT_TYPE_2]
    if not late:
        return None
    codes = counted(sum(m.entries for m in late), "type 2 code")
    newest = max(m.month for m in late)
    return Seen(
        f"{codes} entered since 1 November 2018, the latest in {_month_in_words(newest)}",
        done=False,
    )


def _type_2_in(turn: Turn, facts: Facts) -> Seen | None:
    """The month's own search, made by the ledger over what was delivered."""
    assert turn.due is not None, "what recurs is due at the end of its turn"
    month = turn.due.replace(day=1)
    if facts.heard_until is None or facts.heard_until < month:
        return None
    found = sum(m.entries for m in _of_type_2(facts.months) if m.month == month)
    if found:
        codes = counted(found, "type 2 code")
        stand = "stands" if found == 1 else "stand"
        return Seen(f"{codes} entered in {_month_in_words(month)} still {stand}", done=False)
    if facts.heard_until < turn.due:
        until = in_words(facts.heard_until)
        return Seen(f"no type 2 code entered in {_month_in_words(month)}, up to {until}", done=None)
    return Seen(f"no type 2 code entered in {_month_in_words(month)}", done=True)


def _vocabulary(months: Sequence[EnteredInMonth]) -> Seen | None:
    """What it enters now: its latest months with entries."""
    newest = sorted({m.month for m in months}, reverse=True)[:_MONTHS_THAT_SHOW_A_HABIT]
    lately = [m for m in months if m.month in newest]
    if not lately:
        return None
    old = sum(m.entries - m.snomed_ct for m in lately)
    since = f"since {_month_in_words(newest[-1])}"
    if old:
        entries = "entry" if old == 1 else "entries"
        return Seen(f"{old:,} {entries} in Read v2 or CTV3 {since}", done=False)
    return Seen(f"every entry {since} is in SNOMED CT", done=True)


def _of_type_2(months: Sequence[EnteredInMonth]) -> list[EnteredInMonth]:
    return [m for m in months if m.purpose is Purpose.TYPE_2]


def _month_in_words(month: date) -> str:
    return in_words(month).partition(" ")[2]
