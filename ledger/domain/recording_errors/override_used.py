"""Somebody opened a record against the patient's dissent, and gave no reason, or did so again and again.

Override is for serious situations, as when a patient is unconscious, and its use is monitored (C20);
the BMA singled it out as a concern (C10). One without a reason cannot be checked by anybody, and more
than five in a month by one organisation are no emergencies.

A month is one of the calendar. Where whoever told of the override says nothing of reasons, none is
missed.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.practices import Change
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import OVERRIDDEN, changes_by, days_of_changes
from ledger.domain.wording import counted, in_words, month_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Review the use of override, and say that you did",
        (
            Advice("Override is for emergencies, and its use is monitored.", "C20"),
            Advice("The BMA names the override as a reason for concern.", "C10"),
        ),
    ),
)
CLOSES = (
    "It closes when the practice marks its action as done. Where reasons were missing, it also "
    "closes by itself when all of them are told after all. Ending the share-in does not close "
    "it."
)
MEANWHILE = (
    "Records of patients who had dissented were opened against their choice, and nobody has yet "
    "looked whether it was an emergency."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each organisation and month with an override that has no reason, or with too many."""
    by_month: dict[tuple[str, date], dict[str, list[Change]]] = {}
    for change in changes_by(history.practice, history.today):
        if change.setting is Setting.SHARE_IN and change.value == OVERRIDDEN:
            month = practice_day(change.changed_at).replace(day=1)
            of_month = by_month.setdefault((str(change.organisation), month), {})
            of_month.setdefault(change.changed_at.isoformat(), []).append(change)
    for (organisation, month), overrides in by_month.items():
        # Told again with its reason, or without, it is the same override.
        unreasoned = [told for told in overrides.values() if told[-1].reason_given is False]
        if unreasoned:
            yield _without_reason(history, organisation, month, unreasoned)
        if len(overrides) > history.thresholds.overrides_a_month:
            yield _too_many(history, organisation, month, list(overrides.values()))


def days(history: PracticeHistory) -> list[date]:
    """When a change that is told ahead takes effect."""
    return days_of_changes(history.practice, history.today)


def _without_reason(
    history: PracticeHistory, organisation: str, month: date, overrides: list[list[Change]]
) -> Sighting:
    first = practice_day(overrides[0][0].changed_at)
    return Sighting(
        key=f"reason|{organisation}|{month:%Y-%m}",
        since=first,
        positions=_positions(overrides),
        summary=(
            f"{organisation} overrode a dissent on {in_words(first)} and gave no reason."
            if len(overrides) == 1
            else f"{organisation} overrode {counted(len(overrides), 'dissent')} in "
            f"{month_in_words(month)} and gave no reason."
        ),
        expected="Whoever overrides a dissent says why.",
        practice=history.code,
        purpose=Purpose.SHARE_IN,
    )


def _too_many(
    history: PracticeHistory, organisation: str, month: date, overrides: list[list[Change]]
) -> Sighting:
    most = history.thresholds.overrides_a_month
    return Sighting(
        key=f"often|{organisation}|{month:%Y-%m}",
        since=practice_day(overrides[most][0].changed_at),
        positions=_positions(overrides),
        summary=(
            f"{organisation} overrode {counted(len(overrides), 'dissent')} in "
            f"{month_in_words(month)}."
        ),
        expected=f"One organisation overrides at most {counted(most, 'dissent')} a month.",
        practice=history.code,
        purpose=Purpose.SHARE_IN,
    )


def _positions(overrides: list[list[Change]]) -> tuple[int, ...]:
    return tuple(sorted(change.position for told in overrides for change in told))
