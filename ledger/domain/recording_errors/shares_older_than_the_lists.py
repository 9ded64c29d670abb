"""Organisations share in here since before the practice had lists, and nobody has looked at them.

New lists leave existing share-ins untouched (C3): whoever shared in before goes on looking into the
record, allowed or not. So whoever draws up the lists has to go through the old share-ins once.

The lists began when the practice put the first organisation on either. Being put on a list is
no review, nor is the regular look at the access audit.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.objections import practice_day
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import LISTS, days_of_changes, drawn_up_at, share_ins
from ledger.domain.wording import counted, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Review the share-ins that are older than your lists",
        (
            Advice("The new lists do not affect the share-ins that exist.", "C3"),
            Advice("End those you would not allow today, then say here that you did.", "[D]"),
        ),
    ),
)
CLOSES = (
    "It closes when the practice marks its action as done, or by itself when the ledger is told "
    "that all these share-ins have ended. Another old share-in that becomes known opens it "
    "again."
)
MEANWHILE = (
    "Patients' records can be looked into by organisations that the practice might not let in "
    "today."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while a share-in stands that was created before the practice had lists."""
    begun = drawn_up_at(history.practice, history.today)
    if begun is None:
        return
    older = [
        share.created
        for share in share_ins(history.practice, history.today)
        if share.created.changed_at < begun
    ]
    if not older:
        return
    first_listed = {
        change.position
        for change in history.practice.changes
        if change.setting in LISTS and change.changed_at == begun
    }
    since = practice_day(begun)
    who = {share.organisation for share in older}
    yield Sighting(
        key="share-ins",
        since=since,
        positions=tuple(sorted({min(first_listed), *(share.position for share in older)})),
        summary=(
            f"The share-ins of {counted(len(who), 'organisation')} are older than the lists, which "
            f"began on {in_words(since)}."
        ),
        expected="Share-ins that the lists came too late for have been reviewed.",
        practice=history.code,
        purpose=Purpose.SHARE_IN,
    )


def days(history: PracticeHistory) -> list[date]:
    """When a change that is told ahead takes effect."""
    return days_of_changes(history.practice, history.today)
