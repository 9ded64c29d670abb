"""The practice moved to another clinical system, and a sharing setting did not come along.

What a practice chose for sharing stands in the settings of its system. Another system begins with
settings of its own, which are seldom the same, and patients were told of the old ones [D].

A week is left to tell the setting again, and the sharing file means the same in every system. A
move is mostly known from the new system's first delivery, which may come weeks after it. So what was
set after the old system's last delivery may have been set in the new one, and counts for it. An
EMIS sharing agreement is EMIS's own, has no counterpart elsewhere and comes anew with EMIS's
files, so it is not missed.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Setting
from ledger.domain.moves import last_move
from ledger.domain.objections import practice_day
from ledger.domain.practices import Change
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import LISTS, changes_by, days_of_changes, listed_by
from ledger.domain.wording import in_words

_SETTINGS = (Setting.AUTO_SHARE_OUT, Setting.AUTO_SHARE_IN, Setting.SHARE_IN_RULE, *LISTS)

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Set in the new system what was lost, or record how it is settled there",
        (
            Advice(
                "Compare the sharing settings of the new system with those you had, set them, and "
                "record each here.",
                "[D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the ledger is told what the setting is in the new system, "
    "whatever it says there. For a list, one organisation put on it or taken off is enough."
)
MEANWHILE = (
    "What is shared of patients follows the new system's own setting, and patients were told of "
    "the old one."
)


class _Stood(NamedTuple):
    setting: Setting
    changes: tuple[Change, ...]


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each setting that stood before the last move and was not set since."""
    move = last_move(history.practice, history.today)
    if move is None or history.today < _missed_from(history, move.on):
        return
    until = history.last_heard.get(move.before)
    set_since = {
        change.setting
        for change in changes_by(history.practice, history.today)
        if practice_day(change.changed_at) >= move.on
        or (until is not None and until < change.changed_at)
    }
    for stood in _standing(history, move.on - timedelta(days=1)):
        if stood.setting not in set_since:
            yield _sighting(history, stood, move.to, on=move.on, position=move.position)


def days(history: PracticeHistory) -> list[date]:
    """The end of the week after each move, and when a change that is told ahead takes effect."""
    moves = [_missed_from(history, use.began_on) for use in history.practice.systems]
    return [*moves, *days_of_changes(history.practice, history.today)]


def _missed_from(history: PracticeHistory, moved_on: date) -> date:
    return moved_on + timedelta(days=history.thresholds.settings_follow_days)


def _standing(history: PracticeHistory, day: date) -> Iterator[_Stood]:
    lists = listed_by(history.practice, day)
    for setting in _SETTINGS:
        if setting in lists:
            changes = tuple(lists[setting].values())
        else:
            change = history.practice.setting_on(setting, day)
            changes = () if change is None else (change,)
        if changes:
            yield _Stood(setting, changes)


def _sighting(
    history: PracticeHistory, stood: _Stood, to: ClinicalSystem, *, on: date, position: int
) -> Sighting:
    since = _missed_from(history, on)
    what = f"The {stood.setting} list" if stood.setting in LISTS else f"The setting {stood.setting}"
    value = "" if stood.setting in LISTS else f', which was "{stood.changes[-1].value}",'
    known = max(practice_day(change.recorded_at) for change in stood.changes)
    moves = [use.recorded_at for use in history.practice.systems if use.position == position]
    return Sighting(
        key=stood.setting.value,
        since=since,
        positions=tuple(sorted({position, *(change.position for change in stood.changes)})),
        summary=(
            f"{what}{value} has not been set again since the practice moved to {to.full_name} on "
            f"{in_words(on)}."
        ),
        expected="A sharing setting that stood before a move is set again in the new system.",
        practice=history.code,
        purpose=Purpose.SHARE_OUT if stood.setting is Setting.AUTO_SHARE_OUT else Purpose.SHARE_IN,
        by_the_day=max([known, *map(practice_day, moves)]) < since,
    )
