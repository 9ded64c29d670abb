"""A sharing setting was changed, put back and changed again within a week.

Somebody tries things out on a live record, two people do not agree, or a setting is switched for as
long as nobody looks [D].

Of a list each organisation is looked at by itself, so drawing up a list is no flapping. The same
value told again is no change, and a share-in is no setting of the practice's. Changes exactly seven
days apart are within seven days.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from ledger.domain.bursts import bursts
from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.practices import Change
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import changes_by, days_of_changes
from ledger.domain.wording import counted, period_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Find out who keeps changing the setting, and why",
        (
            Advice(
                "Ask whoever made each change, settle what the practice wants, and say here that "
                "you did.",
                "[D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes when the practice marks its action as done. Leaving the setting alone does not "
    "close it, and further changes in the days after open it again."
)
MEANWHILE = (
    "What was shared while the setting stood otherwise has been shared, whatever it says now."
)


class _Made(NamedTuple):
    position: int
    at: datetime


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each time that a setting flapped."""
    thresholds = history.thresholds
    for (setting, organisation), changes in _changed(history).items():
        made = [_Made(change.position, change.changed_at) for change in changes]
        within = timedelta(days=thresholds.flapped_days)
        for run, became in bursts(made, at_least=thresholds.flapped_changes, within=within):
            yield _sighting(history, setting, organisation, run, practice_day(became))


def days(history: PracticeHistory) -> list[date]:
    """When a change that is told ahead takes effect."""
    return days_of_changes(history.practice, history.today)


def _changed(history: PracticeHistory) -> dict[tuple[Setting, str | None], list[Change]]:
    """The changes of each setting that changed something, in order."""
    by_setting: dict[tuple[Setting, str | None], list[Change]] = {}
    for change in changes_by(history.practice, history.today):
        if change.setting is Setting.SHARE_IN:
            continue
        earlier = by_setting.setdefault((change.setting, change.organisation), [])
        if not earlier or earlier[-1].value != change.value:
            earlier.append(change)
    return by_setting


def _sighting(
    history: PracticeHistory,
    setting: Setting,
    organisation: str | None,
    run: Sequence[_Made],
    since: date,
) -> Sighting:
    what = (
        f"The setting {setting}"
        if organisation is None
        else f"{organisation} on the {setting} list"
    )
    when = period_in_words(sorted({practice_day(run[0].at), practice_day(run[-1].at)}))
    return Sighting(
        key=f"{setting}|{organisation or ''}|{run[0].at.isoformat()}",
        since=since,
        positions=tuple(sorted(made.position for made in run)),
        summary=f"{what} was changed {counted(len(run), 'time')}, {when}.",
        expected="A setting is decided once, and stays.",
        practice=history.code,
        purpose=Purpose.SHARE_OUT if setting is Setting.AUTO_SHARE_OUT else Purpose.SHARE_IN,
    )
