"""One organisation is both allowed and prohibited, so the lists say nothing of it.

Whoever is allowed may share in directly, whoever is prohibited may not at all (C3). What a system
does with an organisation on both lists nobody has said; the practice meant one of the two.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import days_of_changes, listed_by
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Choose which list the organisation belongs on, and take it off the other",
        (
            Advice(
                "Allow the services you really use, prohibit those that may never share in, and "
                "leave all others to verification.",
                "C4 C3",
            ),
            Advice("Until you have chosen, treat it as prohibited.", "[D]"),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the ledger is told that the organisation was taken off one of the "
    "two lists."
)
MEANWHILE = "Nobody can say whether the organisation may look into patients' records."


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each organisation that is on both lists today."""
    lists = listed_by(history.practice, history.today)
    prohibited = lists[Setting.PROHIBITED]
    for organisation, allowed in lists[Setting.ALLOWED].items():
        if organisation not in prohibited:
            continue
        both = (allowed, prohibited[organisation])
        since = practice_day(max(change.changed_at for change in both))
        yield Sighting(
            key=organisation,
            since=since,
            positions=tuple(sorted(change.position for change in both)),
            summary=(
                f"{organisation} has been on both the allowed and the prohibited list since "
                f"{in_words(since)}."
            ),
            expected="An organisation is on one list at most.",
            practice=history.code,
            purpose=Purpose.SHARE_IN,
        )


def days(history: PracticeHistory) -> list[date]:
    """When a change that is told ahead takes effect."""
    return days_of_changes(history.practice, history.today)
